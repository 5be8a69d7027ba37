"""``task=correlate``: how well proxies rank networks whose accuracy is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig

from zen_lightning.api.correlation import draw, plan_study, read_known
from zen_lightning.api.correlation_files import FILES, caption, study_content, write_tables
from zen_lightning.api.study import Study, StudyPlan, run_study
from zen_lightning.config import sanitize
from zen_lightning.config.plain import plain
from zen_lightning.correlate.accuracies import Accuracies
from zen_lightning.correlate.question import adjusted, read_question
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.report import png
from zen_lightning.report.charts.correlations import rank_scatter, scatter_title, study_bars
from zen_lightning.report.terminal.correlation_table import correlation_table, failure_lines
from zen_lightning.report.terminal.equal_cost_table import empty_bands, empty_budgets, equal_cost_rows, regret_rows
from zen_lightning.report.terminal.progress import scoring_progress
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.names import SCORES
from zen_lightning.search.open_pool import check_workers
from zen_lightning.system.value_types import Classes, CostBounds, Count, CountFrom0, Mappings, Pixels, Proxies, Texts, Workers
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.checking import check_proxies
from zen_lightning.tasks.networks.proxies import proxies_of
from zen_lightning.tasks.tracking import tracking


@dataclass
class CorrelateKeys:
    """The keys of ``task=correlate``."""

    accuracies: str | None = None
    accuracy: str | None = None
    proxies: Proxies | None = None
    sample: Count | None = None
    within: Mappings | None = None
    given: Texts | None = None
    budgets: CostBounds | None = None
    best: Count = 10
    bootstrap: CountFrom0 = 1000
    resolution: Pixels = 32
    num_classes: Classes = 10
    device: str = "cpu"
    workers: Workers = 1


class Correlate(Task[CorrelateKeys]):
    """Correlates scores with known accuracies."""

    name = "correlate"
    Keys = CorrelateKeys
    groups = ("budget", "dataset", "search.threads")
    files = FILES
    sections = ("correlations.correlations",)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be scored."""
        checks.ask("accuracies", self._check_asked)
        if checks.config.accuracies is not None:
            sample = checks.ask("accuracies", lambda config: _sample(config, _known(config)))
            if sample is not None:
                checks.tell("networks", f"{len(sample.values):,} of {checks.config.accuracies}")
                checks.ask("within", lambda config: read_question(sample, **_counted(config), **_asked(config)))
                checks.ask("given", lambda config: adjusted(sample, plain(config.given), **_counted(config)))
        check_proxies(checks)

    def run(self) -> float:
        """Score a sample of ``accuracies=`` by each of ``proxies=``, correlate, write the files and show the table.

        Returns:
            the highest of Kendall's tau; 0 where no proxy has one.

        Raises:
            UserError: something in the configuration or in the table of accuracies cannot be used.
        """
        config = self.config
        check_workers(config.workers)
        self._check_asked(config)
        plan = self._plan()
        write_record(self.folder, list(self.command.overrides), accuracies=str(plan.known.path))
        tracking().begin()
        networks, proxies = len(plan.sample.values), len(plan.proxies)
        print(f"scoring {networks:,} networks by {proxies} proxies", flush=True)
        with scoring_progress() as show:
            results = run_study(
                plan,
                self.folder,
                workers=config.workers,
                device=config.device,
                threads=config.search.threads,
                notify=show,
            )
        study = Study(plan, results, self.folder)
        write_tables(study, self.folder)
        self.leave(study_content(study) | {"dataset": config.dataset.name})
        self._plot(study)
        self._show(study)
        return study.kendall

    def _check_asked(self, config: DictConfig) -> None:
        """Raise a UserError where the command names no table, or the folder holds scores that it does not continue."""
        if config.accuracies is None:
            remedy = "a CSV with a column 'architecture' and one or more of accuracies"
            raise UserError("task=correlate needs accuracies=", key="accuracies", remedy=remedy)
        if config.resume is None and (self.folder / SCORES).exists():
            remedy = f"continue with {resuming(self.folder)}, or choose another output_dir"
            raise UserError(f"{self.folder} already holds scores", key="output_dir", remedy=remedy)

    def _plan(self) -> StudyPlan:
        config, known = self.config, _known(self.config)
        return plan_study(
            known,
            _sample(config, known),
            proxies_of(config, self.command),
            given=plain(config.given),
            **_counted(config),
            **_asked(config),
        )

    def _plot(self, study: Study) -> None:
        sample, shade = study.plan.sample, next(iter(study.plan.costs.items()), None)
        try:
            png.draw(self.folder / "correlations.png", [study_bars(study.results, sample.column)])
            for label, _, (scores, *_), findings, _ in study.results:
                if any(value is not None for value in scores):
                    chart = rank_scatter(label, scores, sample.values, sample.column, scatter_title(findings), shade)
                    png.draw(self.folder / "scatter" / f"{sanitize(label)}.png", [chart])
        except MissingExtraError as error:
            print(f"no plots: {error}")

    def _show(self, study: Study) -> None:
        print()
        correlation_table(study.results, caption(study)).print()
        for rows in filter(None, (equal_cost_rows(study.results), regret_rows(study.results))):
            Table(rows.title, rows.columns, list(rows.rows)).print()
        asked = study.plan.question
        no_regret = empty_budgets(study.results, asked.budgets, study.plan.costs, asked.best)
        for line in [*empty_bands(study.results), *no_regret, *failure_lines(study.results)]:
            print(line)
        print(self.listed())


def _known(config: DictConfig) -> Accuracies:
    return read_known(config.accuracies, config.accuracy)


def _sample(config: DictConfig, known: Accuracies) -> Accuracies:
    return draw(known, config.sample, config.seed)


def _counted(config: DictConfig) -> dict[str, int]:
    """Return what costs are counted with."""
    return {"resolution": config.resolution, "num_classes": config.num_classes}


def _asked(config: DictConfig) -> Mapping[str, Any]:
    """Return what is asked at equal cost, as arguments."""
    return {key: plain(config[key]) for key in ("within", "budgets", "best", "bootstrap", "seed")}
