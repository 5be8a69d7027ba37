"""``task=correlate``: how well proxies rank networks whose accuracy is known."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning import __version__
from zen_lightning.config import sanitize
from zen_lightning.correlate.accuracies import Accuracies, read_accuracies
from zen_lightning.correlate.record import ScoreRecord
from zen_lightning.correlate.scoring import NamedProxy, collect_parts, collect_scores, pool_proxies, score_missing
from zen_lightning.correlate.study import ProxyResult, Question, best_first, examined
from zen_lightning.errors import MissingExtraError, UserError, keyed
from zen_lightning.report import png
from zen_lightning.report.charts.correlations import rank_scatter, scatter_title, study_bars
from zen_lightning.report.terminal.correlation_table import correlation_table, failure_lines
from zen_lightning.report.terminal.equal_cost_table import empty_bands, equal_cost_rows, regret_rows
from zen_lightning.report.terminal.progress import scoring_progress
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.names import SCORES
from zen_lightning.search.open_pool import check_workers, open_pool
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.checking import check_proxies
from zen_lightning.tasks.networks.correlate_files import FILES, caption, write_results
from zen_lightning.tasks.networks.correlate_question import adjusted, column_of, read_question
from zen_lightning.tasks.networks.proxies import read_proxies
from zen_lightning.tasks.tracking import tracking


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Score a sample of ``accuracies=`` by each of ``proxies=``, correlate, write the files and show the table.

    Args:
        config: the composed configuration.
        command: what the command line said.
        folder: of the run.

    Returns:
        the highest of Kendall's tau, for sweepers that optimise it; 0 where no proxy has one.

    Raises:
        UserError: something in the configuration or in the table of accuracies cannot be used.
    """
    began = time.monotonic()
    check_workers(config.workers)
    check_asked(config, folder)
    known = read_known(config)
    raw = sample_of(config, known)
    question, costs = read_question(config, raw)
    sample = adjusted(config, raw)._replace(column=column_of(config, raw))
    proxies = read_proxies(config, command)
    write_record(folder, list(command.overrides), accuracies=str(known.path))
    tracking().begin()
    results = best_first(_results(config, folder, sample, proxies, question, costs))
    write_results(config, folder, known, sample, results, time.monotonic() - began)
    _plot(folder, sample, results, costs)
    print()
    correlation_table(results, caption(config, sample)).print()
    for rows in filter(None, (equal_cost_rows(results), regret_rows(results))):
        Table(rows.title, rows.columns, list(rows.rows)).print()
    for line in [*empty_bands(results), *failure_lines(results)]:
        print(line)
    print(f"in {folder}: {' '.join(name for name in FILES if (folder / name).exists())}")
    best = results[0].correlation.kendall
    return best.value if best is not None else 0.0


def check_asked(config: DictConfig, folder: Path) -> None:
    """Raise a UserError where the command names no table, or the folder holds scores that it does not continue."""
    if config.accuracies is None:
        raise UserError("task=correlate needs accuracies=: a CSV with a column 'architecture' and one or more of accuracies")
    if config.bootstrap < 0:
        raise UserError(f"bootstrap={config.bootstrap}: expected a number of resamples, or 0 for no intervals")
    if config.resume is None and (folder / SCORES).exists():
        raise UserError(f"{folder} already holds scores: continue with resume={folder}, or choose another output_dir")


def read_known(config: DictConfig) -> Accuracies:
    """Return the table of ``accuracies=``; errors as for :func:`run`."""
    with keyed({"path": "accuracies", "column": "accuracy"}):
        return read_accuracies(Path(config.accuracies).expanduser().absolute(), config.accuracy)


def sample_of(config: DictConfig, known: Accuracies) -> Accuracies:
    """Return the networks that ``sample=`` draws; errors as for :meth:`Accuracies.sample`."""
    with keyed({"count": "sample"}):
        return known.sample(config.sample, config.seed)


def _results(
    config: DictConfig,
    folder: Path,
    sample: Accuracies,
    proxies: list[NamedProxy],
    question: Question,
    costs: dict[str, list[float]],
) -> list[ProxyResult]:
    identity = {"version": __version__, "accuracies": f"sha256 {sample.sha256}", "seed": config.seed}
    record = ScoreRecord(folder / SCORES, identity)
    try:
        for proxy in proxies:
            record.join(proxy.label, proxy.settings)
        print(f"scoring {len(sample.values):,} networks by {len(proxies)} proxies; files go to {folder}", flush=True)
        done = sum(
            record.get(str(architecture), proxy.label) is not None for architecture in sample.architectures for proxy in proxies
        )
        with (
            open_pool(
                pool_proxies(proxies, sample.architectures),
                config.seed,
                config.workers,
                config.device,
                config.search.threads,
            ) as pool,
            scoring_progress(len(proxies) * len(sample.values), done) as progress,
        ):
            score_missing(pool, proxies, sample.architectures, record, progress)
        results = []
        for proxy in proxies:
            whole = collect_scores(proxy, sample.architectures, record)
            parts = collect_parts(proxy, sample.architectures, record)
            for part, scores in [("", whole), *parts]:
                label = f"{proxy.label}: {part}" if part else proxy.label
                findings = examined(scores, sample.values, costs, question)
                results.append(ProxyResult(label, proxy.settings, scores, findings, bool(part)))
        return results
    finally:
        record.close()


def _plot(folder: Path, sample: Accuracies, results: list[ProxyResult], costs: dict[str, list[float]]) -> None:
    shade = next(iter(costs.items()), None)
    try:
        png.draw(folder / "correlations.png", [study_bars(results, sample.column)])
        for label, _, (scores, *_), findings, _ in results:
            if any(value is not None for value in scores):
                chart = rank_scatter(label, scores, sample.values, sample.column, scatter_title(findings), shade)
                png.draw(folder / "scatter" / f"{sanitize(label)}.png", [chart])
    except MissingExtraError as error:
        print(f"no plots: {error}")


@dataclass
class CorrelateKeys:
    """The keys of ``task=correlate``."""

    accuracies: str | None = None
    accuracy: str | None = None
    proxies: Any = None
    sample: int | None = None
    within: Any = None
    given: Any = None
    budgets: Any = None
    best: int = 10
    bootstrap: int = 1000
    resolution: int = 32
    num_classes: int = 10
    device: str = "cpu"
    workers: Any = 1


class Correlate(Task[CorrelateKeys]):
    """Correlates scores with known accuracies."""

    name = "correlate"
    Keys = CorrelateKeys
    groups = ("budget", "dataset", "search.threads")
    files = FILES

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be scored."""
        checks.ask("accuracies", lambda config: check_asked(config, self.folder))
        if checks.config.accuracies is not None:
            sample = checks.ask("accuracies", lambda config: sample_of(config, read_known(config)))
            if sample is not None:
                checks.tell("networks", f"{len(sample.values):,} of {checks.config.accuracies}")
                checks.ask("within", lambda config: read_question(config, sample))
                checks.ask("given", lambda config: adjusted(config, sample))
        check_proxies(checks)

    def run(self) -> float:
        """Score and correlate; the highest Kendall's tau is returned."""
        return run(self.config, self.folder, self.command)
