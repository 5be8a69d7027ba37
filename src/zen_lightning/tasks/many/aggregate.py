"""``task=aggregate``: one table of many runs, mean and standard deviation over their seeds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.budget import KINDS
from zen_lightning.errors import MissingExtraError, UserError, nearest
from zen_lightning.report import png
from zen_lightning.report.charts.groups import comparison_charts, group_charts
from zen_lightning.report.charts.overview import correlation_overview, overview_chart
from zen_lightning.report.group_table import group_table
from zen_lightning.report.proxy_comparison import SOURCE, Comparison, Trained, compare_proxies
from zen_lightning.report.statistics import Row, grouped
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.finding import Found, Incomplete, find_runs
from zen_lightning.runs.metrics import metric, metric_names
from zen_lightning.runs.settings import RunSettings, check_keys, settings_of, varying
from zen_lightning.system.named_path import expanded
from zen_lightning.system.numbers import shortened
from zen_lightning.system.value_types import Names, Texts
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.many.aggregate_files import FILES, Aggregate, comparison_table, write_tables

METRICS = ("score", "val_top1", "val_top5", *(kind.column for kind in KINDS), "networks")
"""Figures that are summed up unless ``metrics=`` says which: those of them that there are."""

_TRAININGS = ("train", "distill")
_LISTED = 8
"""Unfinished runs that an error lists. A choice: more would hide the remedy."""


def runs_of(config: DictConfig, folder: Path | None = None) -> Found:
    """Return the runs below ``sweep=``.

    Args:
        config: the composed configuration.
        folder: of this run, which does not count.

    Raises:
        UserError: none of them has a result.
    """
    roots = _roots(config)
    if not roots:
        raise UserError("task=aggregate needs sweep=", key="sweep", remedy="a folder with runs below it, or a list of folders")
    found = find_runs(roots, without=folder)
    if not found.runs:
        raise _nothing(roots, found.incomplete)
    return found


def _roots(config: DictConfig) -> list[Path]:
    return [expanded(name) for name in _names(config.sweep, "sweep")]


def _names(node: Any, key: str) -> list[str]:
    """Return a value that is one name or a list of them."""
    names = OmegaConf.to_container(node) if OmegaConf.is_config(node) else [] if node is None else [node]
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise UserError(key=key, value=node, expected=f"a name, or a list of names such as {key}='[one,two]'")
    return list(dict.fromkeys(names))


def _nothing(roots: Sequence[Path], incomplete: Sequence[Incomplete]) -> UserError:
    where = ", ".join(str(root) for root in roots)
    if not incomplete:
        remedy = "give a folder below which there are some, such as outputs/sweep/..."
        return UserError("holds no runs", key="sweep", value=where, remedy=remedy)
    listed = "; ".join(f"{one.folder}: {one.state} ({one.advice})" for one in incomplete[:_LISTED])
    more = f"; and {len(incomplete) - _LISTED} more" if len(incomplete) > _LISTED else ""
    return UserError(f"no run there has a result: {listed}{more}", key="sweep", value=where)


def _metrics(wanted: list[str], settings: Sequence[RunSettings]) -> list[str]:
    results = [one.run.result for one in settings]
    known = list(dict.fromkeys(name for result in results for name in metric_names(result)))
    for name in wanted:
        if not any(metric(result, name) is not None for result in results):
            hint = nearest(name, known) or "."
            listed = ", ".join(known) or "none"
            raise UserError(f"metrics: no run has a metric {name!r}{hint} They have: {listed}", key="metrics")
    metrics = wanted or [name for name in METRICS if name in known]
    if not metrics:
        remedy = f"choose by metrics= among what they have: {', '.join(known) or 'no metrics'}"
        raise UserError(f"none of the {len(settings)} runs has one of {', '.join(METRICS)}", key="metrics", remedy=remedy)
    return metrics


def _grouped_by(config: DictConfig, settings: Sequence[RunSettings]) -> list[str]:
    by = _names(config.by, "by")
    check_keys(by, settings)
    return by or varying(settings)


def _values(settings: RunSettings, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(settings.get(key) for key in keys)


def _notes(settings: Sequence[RunSettings], by: Sequence[str], metrics: Sequence[str]) -> list[str]:
    """Return what a reader of the table has to know."""
    notes = []
    mixed = _mixed([(_values(one, by), one) for one in settings])
    if mixed:
        notes.append(f"groups hold runs that differ in more than the seed: {', '.join(mixed)}")
    counts = Counter((one.run.stage, *sorted(one.run.overrides.items())) for one in settings)
    twice = sum(count for count in counts.values() if count > 1)
    if twice:
        notes.append(f"{twice} runs share settings and seed with another: all of them are counted")
    for name in metrics:
        kinds = {one.run.task for one in settings if metric(one.run.result, name) is not None}
        without = sum(metric(one.run.result, name) is None for one in settings if one.run.task in kinds)
        if without:
            notes.append(f"{without} runs have a result without {name}: they do not count there")
    return notes


def _mixed(placed: Sequence[tuple[tuple[str, ...], RunSettings]]) -> list[str]:
    """Return the keys by which runs differ that stand in one place."""
    places: dict[tuple[str, ...], list[RunSettings]] = {}
    for place, one in placed:
        places.setdefault(place, []).append(one)
    return list(dict.fromkeys(key for together in places.values() for key in varying(together)))


def _compared(settings: Sequence[RunSettings]) -> tuple[Comparison | None, list[str]]:
    """Return the proxies against each other, where networks of known proxies were trained, and what to know about that."""
    trained, placed, epochs = [], [], set()
    for one in settings:
        top1, place = metric(one.run.result, "val_top1"), (one.get("proxy"), one.get("dataset"))
        if one.run.task in _TRAININGS and top1 is not None and all(place):
            trained.append(Trained(*place, top1))
            placed.append((place, one))
            epochs.add(one.run.result.get("epochs"))
    if not trained:
        return None, []
    comparison, remarks = compare_proxies(trained), []
    mixed = [key for key in _mixed(placed) if key != "arch"]
    if mixed:
        remarks.append(f"cells hold runs that differ in more than the seed: {', '.join(mixed)}")
    if comparison.with_published:
        trainings = ", ".join(str(number) for number in sorted(filter(None, epochs)))
        remarks.append(f"published: {SOURCE}; here: {trainings or '?'} epochs")
    return comparison, remarks


def _plot(folder: Path, whole: Aggregate) -> None:
    try:
        title = f"mean and standard deviation, runs: {len(whole.settings)}"
        charts, left_out = group_charts(whole.groups, whole.by, whole.metrics, title)
        png.draw(folder / "table.png", charts)
        if left_out:
            print(f"table.png has no room for {', '.join(left_out)}: choose by metrics=")
        if whole.comparison is not None:
            png.draw(folder / "proxies.png", comparison_charts(whole.comparison, SOURCE))
        if whole.correlations is not None:
            png.draw(folder / "correlations.png", [overview_chart(whole.correlations)])
    except MissingExtraError as error:
        print(f"no plots: {error}")


def _show(whole: Aggregate) -> None:
    columns, rows = group_table(whole.by, whole.groups, whole.metrics)
    title = f"runs: {len(whole.settings)}, groups: {len(whole.groups)}"
    tables = [(title, columns, rows, whole.notes)]
    if whole.comparison is not None:
        columns, rows = comparison_table(whole.comparison)
        tables.append(("Top-1 by proxy", columns, rows, whole.remarks))
    if whole.correlations is not None:
        columns, rows = whole.correlations.rows()
        tables.append((whole.correlations.measure, columns, rows, []))
    for title, columns, rows, notes in tables:
        table = Table(title, columns)
        for row in rows:
            table.add(*(shortened(cell, 44) for cell in row))
        table.print()
        print("".join(f"{note}\n" for note in notes))
    if whole.incomplete:
        print(f"not counted, as there is no result: {len(whole.incomplete)}")
    for one in whole.incomplete:
        print(f"  {one.folder}: {one.state}\n    {one.advice}")


@dataclass
class AggregateKeys:
    """The keys of ``task=aggregate``."""

    sweep: Texts | None = None
    metrics: Names | None = None
    by: Names | None = None


class AggregateRuns(Task[AggregateKeys]):
    """Makes one table of many runs."""

    name = "aggregate"
    Keys = AggregateKeys
    files = FILES
    sections = ("many.groups", "many.runs")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and how many runs there are."""
        found = checks.ask("sweep", runs_of)
        if found is not None:
            settings = settings_of(found.runs)
            checks.ask("by", lambda config: _grouped_by(config, settings))
            checks.ask("metrics", lambda config: _metrics(_names(config.metrics, "metrics"), settings))
            checks.tell("runs", f"{len(found.runs):,} with a result, {len(found.incomplete):,} without")

    def run(self) -> float:
        """Sum up the runs below ``sweep=``, write the tables to ``folder``, and show them.


        Returns:
            how many runs were summed up.

        Raises:
            UserError: there are no runs with a result, or they lack what is asked for.
        """
        roots, found = _roots(self.config), runs_of(self.config, self.folder)
        settings = settings_of(found.runs)
        by = _grouped_by(self.config, settings)
        metrics = _metrics(_names(self.config.metrics, "metrics"), settings)
        rows = [Row(_values(one, by), {name: metric(one.run.result, name) for name in metrics}) for one in settings]
        groups = grouped(rows, metrics)
        comparison, remarks = _compared(settings)
        studies = correlation_overview([one.run.result for one in settings])
        whole = Aggregate(
            roots, settings, found.incomplete, by, metrics, groups, _notes(settings, by, metrics), comparison, remarks, studies
        )
        self.leave(write_tables(self.folder, whole, rows))
        _plot(self.folder, whole)
        _show(whole)
        print(self.listed())
        return float(len(settings))
