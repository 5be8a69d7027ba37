"""``task=pareto``: search once, and keep a network for every budget."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from omegaconf import DictConfig

from zen_lightning.budget import LayersLimit
from zen_lightning.config import build, check_proxy_images
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.report import png
from zen_lightning.report.charts.cloud import front_charts
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.search.front import FrontSetup
from zen_lightning.search.front_points import FrontPoint, front_of, spread
from zen_lightning.search.run import Candidate, SearchOutcome
from zen_lightning.system.numbers import score_text, short_time
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.search.checking import check_evolution
from zen_lightning.tasks.search.exact import check_front, find_front, is_exact
from zen_lightning.tasks.search.finalists import rank_finalists
from zen_lightning.tasks.search.front_files import FILES, Chosen, choose, write_front
from zen_lightning.tasks.search.front_setup import front_setup, published_points
from zen_lightning.tasks.search.predicted_latency import measure_latency_of, predict_latency_of, predicted_limit
from zen_lightning.tasks.search.search import budget_line, refuse_another_proxy, refuse_overwrite, run_all
from zen_lightning.tasks.search.setup import search_setup
from zen_lightning.tasks.search.summary import effort_line, on_the_way, unscorable_lines
from zen_lightning.tasks.search.workers import check_workers

if TYPE_CHECKING:
    from zen_lightning.search.exact.front import Line

_SECONDS = 1.0


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Search for a front, write it to ``folder``, and show the networks of it that got a file.

    Args:
        config: the composed configuration.
        command: what the command line said.
        folder: of the run.

    Returns:
        the highest score, for sweepers that optimise it.

    Raises:
        UserError: something in the configuration cannot be used, or nothing fits the budget.
    """
    began = time.monotonic()
    check_workers(config)
    second = second_proxy(config)
    check_proxy_images(config, [config.proxy, config.search.rerank or {}])
    plain = search_setup(config, command)
    setup = front_setup(config, plain)
    refuse_another_proxy(config, setup)
    exact = is_exact(config)
    if exact:
        check_front(config, setup)
    refuse_overwrite(config, folder)
    write_record(folder, list(command.overrides), start=str(setup.start))
    traded = " and ".join(objective.name for objective in setup.objectives)
    print(f"searching for the front of score against {traded}, up to {budget_line(config)}, ", end="")
    how = "by dynamic programming" if exact else f"in {config.search.iterations:,} iterations"
    print(f"{how}; files go to {folder}", flush=True)
    lines: list[Line] = []
    if predicted_limit(setup.budget) is not None:
        from zen_lightning.tasks.search.calibration import calibrated

        setup = front_setup(config, calibrated(config, plain, folder))
    if exact:
        lines, outcome = find_front(config, setup)
        outcomes = [outcome]
    else:
        outcomes = run_all(config, setup, folder)
    front = front_of(outcomes, setup.objectives)
    chosen = choose(spread(front, config.structures), setup)
    if second is not None:
        chosen = _score_again(chosen, second, config.seed)
    chosen = _measure(chosen, setup)
    write_front(config, setup, folder, outcomes, front, chosen, time.monotonic() - began, lines)
    _plot(config, setup, folder, outcomes)
    _show(config, setup, folder, outcomes, front, chosen)
    return max(point.score for point in front)


def second_proxy(config: DictConfig) -> Proxy | None:
    """Return what scores the networks of the front again; errors as for :func:`run`."""
    if not config.rescore:
        return None
    if config.search.rerank is None:
        raise UserError(f"rescore=true: search={config.search.name} has no second proxy; use search=zen, or leave rescore out")
    proxy: Proxy = build(config.search.rerank, "search.rerank")
    return proxy


def _score_again(chosen: list[Chosen], second: Proxy, seed: int) -> list[Chosen]:
    print(f"scoring the {len(chosen)} networks of structures/ again by {type(second).__name__}", flush=True)
    candidates = [Candidate(one.point.score, one.point.architecture) for one in chosen]
    finalists, failures = rank_finalists(candidates, second, seed, lambda finalist: None)
    for failure in failures:
        print(f"cannot score again: {failure}")
    scores = {finalist.architecture: finalist.final_score for finalist in finalists}
    return [one._replace(again=scores.get(one.point.architecture)) for one in chosen]


def _latency_lines(one: Chosen, setup: FrontSetup) -> list[str]:
    """Return what is to be said of a measured latency: that it is over the limit, or not to be trusted."""
    limit = predicted_limit(setup.budget)
    if limit is None or one.latency is None or one.latency.measured is None:
        return []
    over = one.latency.measured / limit.maximum - 1
    lines = [f"{one.file}: measured {over:.1%} over the limit of {limit.maximum:g} ms"] if over > 0 else []
    return lines + ([f"{one.file}: {one.latency.warning}"] if one.latency.warning else [])


def _measure(chosen: list[Chosen], setup: FrontSetup) -> list[Chosen]:
    """Return the chosen with their latencies where a profile predicts them: measured, where its device is this one."""
    limit = predicted_limit(setup.budget)
    if limit is None:
        return chosen
    from zen_lightning.tasks.latency.setup import is_here

    if not is_here(limit.predictor.profile):
        return [one._replace(latency=predict_latency_of(limit, one.point.architecture)) for one in chosen]
    print(f"measuring the {len(chosen)} networks of structures/", flush=True)
    return [one._replace(latency=measure_latency_of(limit, one.point.architecture, _SECONDS)) for one in chosen]


def _plot(config: DictConfig, setup: FrontSetup, folder: Path, outcomes: list[SearchOutcome]) -> None:
    charts = front_charts(RunFolder.read(folder), on_the_way(config, setup, outcomes), published_points(config, setup))
    try:
        png.draw(folder / "front.png", charts)
    except MissingExtraError as error:
        print(f"no plot: {error}")


def _show(
    config: DictConfig,
    setup: FrontSetup,
    folder: Path,
    outcomes: list[SearchOutcome],
    front: list[FrontPoint],
    chosen: list[Chosen],
) -> None:
    names = [objective.name for objective in setup.objectives]
    beside = [] if LayersLimit.name in names else [LayersLimit.name]
    again = any(one.again for one in chosen)
    measured = any(one.latency is not None and one.latency.measured is not None for one in chosen)
    columns = ["file", "score", *(["again"] if again else []), *names, *beside]
    columns += ["measured ms"] if measured else []
    table = Table(f"{len(chosen)} of the {len(front):,} networks of the front", columns)
    for one in chosen:
        costs = [objective.text(cost) for objective, cost in zip(setup.objectives, one.point.costs, strict=True)]
        layers = [one.point.architecture.num_layers for _ in beside]
        timed = [f"{one.latency.measured:.4g}"] if one.latency is not None and one.latency.measured is not None else []
        table.add(one.file, score_text(one.point.score), *([one.again or ""] if again else []), *costs, *layers, *timed)
    print()
    table.print()
    for one in chosen:
        for line in _latency_lines(one, setup):
            print(line)
    for line in unscorable_lines(setup.proxy.name, outcomes):
        print(line)
    if is_exact(config):
        print(f"\n{outcomes[0].iterations} limits solved, {short_time(outcomes[0].seconds)}; bounds are in front.csv")
    else:
        print(f"\n{effort_line(outcomes)}")
    print(f"in {folder}: {' '.join(name for name in FILES if (folder / name).exists())}")


@dataclass
class ParetoKeys:
    """The keys of ``task=pareto``."""

    resolution: int = 224
    num_classes: int = 1000
    start: str = ""
    device: str = "cpu"
    workers: Any = 1
    objectives: Any = None
    structures: int = 12
    rescore: bool = False


class Pareto(Task[ParetoKeys]):
    """Finds a network for every budget from one search."""

    name = "pareto"
    Keys = ParetoKeys
    groups = ("search_space", "proxy", "search", "budget", "latency", "shape", "dataset")
    instead: ClassVar = {"arch": "start"}
    files = FILES

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be searched."""
        checks.ask("rescore", second_proxy)
        setup = checks.ask("objectives", lambda config: front_setup(config, search_setup(config, self.command)))
        if setup is not None and checks.ask("search.optimizer", is_exact):
            checks.ask("objectives", lambda config: check_front(config, setup))
        check_evolution(checks, setup)

    def run(self) -> float:
        """Search; the highest score is returned."""
        return run(self.config, self.folder, self.command)
