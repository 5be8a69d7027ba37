"""``task=search``: find an architecture for a budget."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from zen_lightning.api.budget import budget_text
from zen_lightning.api.search_execution import find
from zen_lightning.api.search_files import FILES, search_content, write_tables
from zen_lightning.api.search_result import SearchResult
from zen_lightning.config.proxies import check_proxy_images
from zen_lightning.errors import MissingExtraError, keyed
from zen_lightning.report import png
from zen_lightning.report.estimate import estimate_figures, estimate_lines
from zen_lightning.report.terminal.network import budget_table, stage_table
from zen_lightning.report.terminal.table import Table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.search.ahead import Ahead
from zen_lightning.system.numbers import score_text
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import Channels, Classes, Pixels, Workers
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.search.next_steps import next_steps
from zen_lightning.tasks.search.opening import Told, record_search, refuse_overwrite, say_finished
from zen_lightning.tasks.search.setup import KEYS, search_plan, second_proxy
from zen_lightning.tasks.search.summary import (
    effort_line,
    exact_line,
    on_the_way,
    time_lines,
    unlimited_lines,
    unscorable_lines,
)

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks


@dataclass
class SearchKeys:
    """The keys of ``task=search``."""

    resolution: Pixels = 224
    num_classes: Classes = 1000
    start: str = ""
    in_channels: Channels | None = None
    device: str = "cpu"
    workers: Workers = 1


class Search(Task[SearchKeys]):
    """Finds an architecture for a budget."""

    name = "search"
    Keys = SearchKeys
    groups = ("search_space", "proxy", "search", "budget", "latency", "shape", "depth", "dataset")
    instead: ClassVar = {"arch": "start"}
    files = FILES
    metrics = (
        *("score", "score_standard_error", "search_score", "params", "flops", "layers", "peak_activations", "latency_ms"),
        *("optimum", "bound", "gap", "gap_percent", "bound_by_prices", "partial_networks"),
        *("seconds", "search_seconds", "accepted", "rejected", "cannot_score", "worker_deaths"),
        *("costs", "latency", "shape", "estimate"),
    )
    sections = (
        "request.answer",
        "depths.depths",
        "optimum.optimum",
        "searching.search",
        "network.network",
        "published.published",
        "known.known_networks",
        "searching.finalists",
    )

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be searched."""
        from zen_lightning.tasks.search.checking import check_search

        plan = checks.ask("search", lambda config: search_plan(config, self.command))
        checks.ask("search.rerank", second_proxy)
        check_search(checks, plan)

    def run(self) -> float:
        """Search, write what was found, and show it; the score of the answer is returned.

        Raises:
            UserError: something in the configuration cannot be used, or nothing fits the budget.
        """
        check_proxy_images(self.config, [self.config.proxy, self.config.search.rerank or {}])
        with Told(self.folder) as told, keyed(KEYS):
            plan = search_plan(self.config, self.command, say=print).ready(print)
            plan.check()
            refuse_overwrite(self.config.resume, self.folder)
            say_finished(self.config.resume, self.folder, plan.asked_iterations)
            record_search(self.folder, self.command, plan.setup)
            print(f"files go to {short_path(self.folder)}", flush=True)
            with plan.ahead as ahead:
                found = find(plan, self.folder, told, ahead)
                write_tables(found, self.folder)
                self.leave(search_content(found))
                if found.optimum is None:
                    _plot(found, self.folder, ahead)
        self._show(found)
        return found.score

    def _show(self, found: SearchResult) -> None:
        answer, optimum = found.answer, found.optimum
        for table in self._tables(found):
            print()
            table.print()
        estimate = estimate_figures(answer.architecture, found.resolution, found.num_classes)
        if estimate:
            print("\n" + "\n".join(map(wrapped, estimate_lines(estimate))))
        if answer.latency is not None:
            print(f"\nlatency for one image: {answer.latency}; the budget is {self.config.budget.latency_ms:g} ms")
            if answer.latency.warning:
                print(answer.latency.warning)
        for line in unscorable_lines(found):
            print(wrapped(line))
        for line in unlimited_lines(found, second_proxy(self.config)):
            print(wrapped(line))
        print(f"\n{answer.architecture}\n")
        print(wrapped(effort_line(found) if optimum is None else exact_line(optimum, found.outcomes[0].seconds)))
        for line in time_lines(found, self.folder):
            print(wrapped(line))
        if found.worker_deaths:
            print(f"workers that died: {found.worker_deaths:,}; what they were scoring was scored again")
        print(self.listed())
        print(next_steps(self.folder, found.architecture, found.resolution, found.num_classes))

    def _tables(self, found: SearchResult) -> list[Table]:
        answer, proxy = found.answer, found.setup.proxy
        scores = Table("The answer", ["score", "value"])
        by = "" if proxy.title == proxy.name else f", {proxy.title}"
        scores.add(f"{proxy.name}{by} (search)", score_text(answer.search_score))
        if answer.final_score is not None and found.second is not None:
            scores.add(f"{proxy.name}, {found.second.title} (final)", str(answer.final_score))
        for row in found.optimum.rows() if found.optimum is not None else ():
            scores.add(*row)
        stages = stage_table(answer.architecture, found.resolution, found.num_classes)
        limits = [budget_table(answer.architecture, found.setup.budget)] if found.setup.budget.limits else []
        return [scores, *limits, stages]


def _plot(found: SearchResult, folder: Path, ahead: Ahead) -> None:
    from zen_lightning.report.charts.cloud import candidates
    from zen_lightning.report.charts.search import search_curve

    run, by_rank = RunFolder.read(folder), bool(found.outcomes[0].ranked[0].parts)
    title = f"search={found.names['search']} under {budget_text(found.setup.budget)}"
    cloud = candidates(run, on_the_way(found))
    drawings = [(folder / "search.png", [search_curve(run.table("history.csv"), title, by_rank)])]
    if cloud is not None:
        drawings.append((folder / "cloud.png", [cloud]))
    try:
        for drawing in drawings:
            ahead.call(png.draw, *drawing)
    except MissingExtraError as error:
        print(f"no plots: {error}")
