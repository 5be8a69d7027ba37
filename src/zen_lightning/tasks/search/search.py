"""``task=search``: find an architecture for a budget."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig

from zen_lightning.config import build, check_proxy_images
from zen_lightning.errors import MissingExtraError, UserError, keyed
from zen_lightning.proxy.catalogue import CATALOGUE
from zen_lightning.report import png
from zen_lightning.report.charts.cloud import candidates
from zen_lightning.report.charts.search import search_curve
from zen_lightning.report.estimate import estimate_figures, estimate_lines
from zen_lightning.report.terminal.network import budget_table, stage_table
from zen_lightning.report.terminal.progress import search_progress
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.restarts import journal_path, run_restarts
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.system.cores import available_cores
from zen_lightning.system.numbers import score_text
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.search.checking import check_evolution, rerank
from zen_lightning.tasks.search.depths import is_auto, with_chosen_depth
from zen_lightning.tasks.search.exact import BOUNDS, Optimum, check_exact, find_optimum, is_exact
from zen_lightning.tasks.search.files import FILES, write_results
from zen_lightning.tasks.search.finalists import Finalist, best_distinct, rank_finalists
from zen_lightning.tasks.search.rows import SearchRows
from zen_lightning.tasks.search.setup import search_setup
from zen_lightning.tasks.search.summary import effort_line, exact_line, on_the_way, unscorable_lines
from zen_lightning.tasks.search.workers import check_workers, open_pool
from zen_lightning.tasks.tracking import tracking

_IN_FLIGHT_EACH = 2


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Search, write what was found to ``folder``, and show it.

    Args:
        config: the composed configuration.
        command: what the command line said.
        folder: of the run.

    Returns:
        the score of the answer, for sweepers that optimise it.

    Raises:
        UserError: something in the configuration cannot be used, or nothing fits the budget.
    """
    began = time.monotonic()
    check_workers(config)
    check_proxy_images(config, [config.proxy, config.search.rerank or {}])
    setup = search_setup(config, command)
    rerank = config.search.rerank if config.search.finalists else None
    second = build(rerank, "search.rerank") if rerank is not None else None
    refuse_another_proxy(config, setup)
    exact = is_exact(config)
    if exact:
        check_exact(config, setup)
    refuse_overwrite(config, folder)
    write_record(folder, list(command.overrides), start=str(setup.start))
    if is_auto(config):
        config = with_chosen_depth(config, setup, folder)
        setup = search_setup(config, command)
    how = "by dynamic programming" if exact else f"in {config.search.iterations:,} iterations"
    print(f"searching for {budget_line(config)} {how}; files go to {folder}", flush=True)
    cores = available_cores()
    optimum: Optimum | None = None
    if config.workers == 1 and config.device == "cpu" and cores > 1 and not setup.proxy.cheap:
        print(f"scoring on one of {cores} cores: workers=auto uses all, with a history of its own", flush=True)
    warning = depth_warning(setup)
    if warning:
        print(warning, flush=True)
    predicts = config.budget.latency_ms is not None and config.latency.profile is not None
    if exact:
        optimum, outcome = find_optimum(config, setup)
        outcomes = [outcome]
    elif predicts:
        from zen_lightning.tasks.search.latency_search import first_that_fits, search_within

        setup, outcomes, latencies = search_within(config, setup, folder, lambda setup: run_all(config, setup, folder))
    else:
        outcomes = run_all(config, setup, folder)
    candidates = best_distinct(outcomes, max(1, config.search.finalists), setup.proxy)
    finalists = [Finalist(candidate.architecture, candidate.score) for candidate in candidates]
    if second is not None:
        print(f"scoring the {len(candidates)} best again by {type(second).__name__}", flush=True)
        ranked, failures = rank_finalists(candidates, second, config.seed, _show_finalist)
        for failure in failures:
            print(f"cannot score a finalist again: {failure}")
        if not ranked:
            print("no finalist could be scored again: the answer is the best of the search", flush=True)
        finalists = ranked or finalists
    if predicts and not exact:
        finalists = first_that_fits(setup, finalists, latencies, outcomes)
    write_results(config, setup, folder, outcomes, finalists, time.monotonic() - began, optimum)
    if not exact:
        _plot(config, setup, folder, outcomes)
    _show(config, setup, folder, outcomes, finalists, optimum)
    answer = finalists[0]
    return answer.final_score.value if answer.final_score else answer.search_score


def run_all(config: DictConfig, setup: SearchSetup, folder: Path) -> list[SearchOutcome]:
    """Run all restarts with what the configuration has for it, and show their progress."""
    search = config.search
    # Two networks timed at once on one device would slow each other.
    measured = not all(limit.repeatable for limit in setup.budget.limits)
    processes = 1 if measured else search.processes
    with (
        open_pool(config, [setup.proxy], search.threads) as pool,
        search_progress(search.iterations, search.restarts) as progress,
    ):
        rows = SearchRows(tracking(), progress, search.restarts)
        if isinstance(pool, LocalPool):
            setup = replace(setup, in_flight=search.in_flight or 1)
            with keyed({"folder": "resume"}):
                outcomes = run_restarts(setup, search.restarts, folder, rows, processes, search.threads)
        else:
            setup = replace(setup, in_flight=search.in_flight or _IN_FLIGHT_EACH * pool.slots)
            outcomes = run_restarts(setup, search.restarts, folder, rows, pool=pool)
    rows.finish(outcomes)
    beyond = max(outcome.iterations for outcome in outcomes)
    if beyond > search.iterations:
        print(f"this search has {beyond:,} iterations already, more than search.iterations={search.iterations:,}: all are kept")
    return outcomes


def refuse_another_proxy(config: DictConfig, setup: SearchSetup) -> None:
    """Raise a UserError where ``search=`` names one proxy and ``proxy=`` another."""
    search, name = config.search.name, setup.proxy.name
    if search in CATALOGUE and name != search.removesuffix("_monte_carlo"):
        raise UserError(
            f"search={search} takes its answer by {search}, and proxy={name} is another: use search=evolution proxy={name}"
        )


def refuse_overwrite(config: DictConfig, folder: Path) -> None:
    """Raise a UserError where the folder holds a search that this command does not continue."""
    holds = journal_path(folder, 0).exists() or (folder / BOUNDS).exists()
    if config.resume is None and holds:
        raise UserError(f"{folder} already holds a search: continue it with resume={folder}, or choose another output_dir")


def depth_warning(setup: SearchSetup) -> str | None:
    """Return what to know of a search by the Zen-score that nothing keeps from growing deeper; None where something does.

    The figure: the best networks known under 600M FLOPs at 224 px in the mobilenet space, with 14 layers and with 30
    (docs/shapes.md).
    """
    limited = any(limit.bounds_depth for limit in setup.budget.limits)
    bounded = any(shape.name in ("effectiveness", "layers_each_stage") for shape in setup.budget.shapes)
    if setup.proxy.name != "zen" or setup.space.bounded or limited or bounded:
        return None
    return (
        "budget.layers is not limited: then depth alone drives the Zen-score, whatever a network is worth (600M FLOPs score "
        "100.2 in 14 layers, 207.8 in 30). Set budget.layers, or shape.effectiveness"
    )


def budget_line(config: DictConfig) -> str:
    """Return the budget as it is read."""
    limits = {key: value for key, value in config.budget.items() if key not in ("name", "own", "depths") and value is not None}
    limits |= {name: node.get("maximum") for name, node in (config.budget.own or {}).items() if node is not None}
    listed = ", ".join(f"{key} {value}" for key, value in limits.items())
    return f"budget {config.budget.name} ({listed or 'no limit'})"


def _show_finalist(finalist: Finalist) -> None:
    print(f"  search {score_text(finalist.search_score)}   again {finalist.final_score}", flush=True)


def _plot(config: DictConfig, setup: SearchSetup, folder: Path, outcomes: list[SearchOutcome]) -> None:
    run, by_rank = RunFolder.read(folder), bool(outcomes[0].ranked[0].parts)
    title = f"search={config.search.name} budget={config.budget.name}"
    cloud = candidates(run, on_the_way(config, setup, outcomes))
    try:
        png.draw(folder / "search.png", [search_curve(run.table("history.csv"), title, by_rank)])
        if cloud is not None:
            png.draw(folder / "cloud.png", [cloud])
    except MissingExtraError as error:
        print(f"no plots: {error}")


def _show(
    config: DictConfig,
    setup: SearchSetup,
    folder: Path,
    outcomes: list[SearchOutcome],
    finalists: list[Finalist],
    optimum: Optimum | None,
) -> None:
    answer = finalists[0]
    scores = Table("The answer", ["score", "value"])
    scores.add(f"{setup.proxy.name}, {type(setup.proxy).__name__} (search)", score_text(answer.search_score))
    if answer.final_score is not None:
        scores.add(f"{setup.proxy.name}, {config.search.rerank._target_.rpartition('.')[2]} (final)", str(answer.final_score))
    for row in optimum.rows() if optimum is not None else ():
        scores.add(*row)
    tables = [scores, stage_table(answer.architecture, config.resolution, config.num_classes)]
    if setup.budget.limits:
        tables.insert(1, budget_table(answer.architecture, setup.budget))
    for table in tables:
        print()
        table.print()
    estimate = estimate_figures(answer.architecture, config.resolution, config.num_classes)
    if estimate:
        print("\n" + "\n".join(estimate_lines(estimate)))
    if answer.latency is not None:
        print(f"\nlatency for one image: {answer.latency}; the budget is {config.budget.latency_ms:g} ms")
        if answer.latency.warning:
            print(answer.latency.warning)
    for line in unscorable_lines(setup.proxy.name, outcomes):
        print(line)
    print(f"\n{answer.architecture}\n")
    print(effort_line(outcomes) if optimum is None else exact_line(optimum, outcomes[0]))
    deaths = sum(outcome.worker_deaths for outcome in outcomes)
    if deaths:
        print(f"workers that died: {deaths:,}; what they were scoring was scored again")
    print(f"in {folder}: {' '.join(name for name in FILES if (folder / name).exists())}")


@dataclass
class SearchKeys:
    """The keys of ``task=search``."""

    resolution: int = 224
    num_classes: int = 1000
    start: str = ""
    device: str = "cpu"
    workers: Any = 1


class Search(Task[SearchKeys]):
    """Finds an architecture for a budget."""

    name = "search"
    Keys = SearchKeys
    groups = ("search_space", "proxy", "search", "budget", "latency", "shape", "dataset")
    instead: ClassVar = {"arch": "start"}
    files = FILES

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be searched."""
        setup = checks.ask("search", lambda config: search_setup(config, self.command))
        if checks.config.search.finalists:
            checks.ask("search.rerank", rerank)
        check_evolution(checks, setup)

    def run(self) -> float:
        """Search; the score of the answer is returned."""
        return run(self.config, self.folder, self.command)
