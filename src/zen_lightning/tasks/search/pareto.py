"""``task=pareto``: search once, and keep a network for every budget."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from omegaconf import DictConfig

from zen_lightning.api.front_files import FILES, front_content, structure_files, write_front_tables
from zen_lightning.api.front_plan import FrontNetwork, FrontPlan, ParetoResult, find_front
from zen_lightning.budget import LayersLimit
from zen_lightning.config import build
from zen_lightning.config.plain import plain
from zen_lightning.config.proxies import check_proxy_images
from zen_lightning.errors import MissingExtraError, UserError, keyed
from zen_lightning.proxy.base import Proxy
from zen_lightning.report import png
from zen_lightning.report.charts.cloud import front_charts
from zen_lightning.report.terminal.table import Table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.search.events import Say
from zen_lightning.system.numbers import score_text, short_time
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import Count, Texts
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.search.front_beside import front_beside, write_beside
from zen_lightning.tasks.search.next_steps import next_steps
from zen_lightning.tasks.search.opening import Told, record_search, refuse_overwrite, say_finished
from zen_lightning.tasks.search.published import published_points
from zen_lightning.tasks.search.search import SearchKeys
from zen_lightning.tasks.search.setup import KEYS, common
from zen_lightning.tasks.search.summary import effort_line, on_the_way, time_lines, unscorable_lines

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks


@dataclass
class ParetoKeys(SearchKeys):
    """The keys of ``task=pareto``: those of a search, and what a front has beside them."""

    objectives: Texts | None = None
    structures: Count = 12
    rescore: bool = False
    beside: str | None = None


class Pareto(Task[ParetoKeys]):
    """Finds a network for every budget from one search."""

    name = "pareto"
    Keys = ParetoKeys
    groups = ("search_space", "proxy", "search", "budget", "latency", "shape", "dataset")
    instead: ClassVar = {"arch": "start"}
    files = FILES
    sections = (
        "request.answer",
        "depths.depths",
        "optimum.optimum",
        "searching.front",
        "network.network",
        "published.published",
        "known.known_networks",
        "searching.front_networks",
    )

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be searched."""
        from zen_lightning.tasks.search.checking import check_search

        checks.ask("rescore", _second_proxy)
        checks.ask("beside", lambda config: front_beside(config.beside, self._plan(config)))
        check_search(checks, checks.ask("objectives", self._plan))

    def run(self) -> float:
        """Search, write the front, and show the networks of it that got a file; the highest score is returned.

        Raises:
            UserError: something in the configuration cannot be used, or nothing fits the budget.
        """
        check_proxy_images(self.config, [self.config.proxy, self.config.search.rerank or {}])
        with Told(self.folder) as told, keyed(KEYS):
            plan = self._plan(self.config, print).ready(print)
            plan.check()
            beside = front_beside(self.config.beside, plan)
            refuse_overwrite(self.config.resume, self.folder)
            say_finished(self.config.resume, self.folder, plan.asked_iterations)
            record_search(self.folder, self.command, plan.setup)
            print(f"files go to {short_path(self.folder)}", flush=True)
            found = find_front(plan, self.folder, told)
        write_front_tables(found, self.folder)
        write_beside(beside, self.folder)
        self.leave(front_content(found))
        _plot(found, self.folder)
        self._show(found)
        return found.best.score

    def _plan(self, config: DictConfig, say: Say = lambda text: None) -> FrontPlan:
        names = plain(config.objectives)
        listed = [names] if isinstance(names, str) else [str(name) for name in names or ()]
        # Of a proxy that cannot give a front, ``search=`` is the key that users know.
        with keyed(KEYS), keyed({"proxy": "search"}):
            shared = common(config, self.command, say)
            second = _second_proxy(config)
            return FrontPlan(objectives=listed, structures=config.structures, second=second, **shared)

    def _show(self, found: ParetoResult) -> None:
        print()
        files = structure_files(found)
        _table(found, files).print()
        for name, one in zip(files, found.chosen, strict=True):
            for line in _latency_lines(name, one, found):
                print(wrapped(line))
        for line in unscorable_lines(found):
            print(wrapped(line))
        if found.lines:
            solved = found.outcomes[0]
            done = sum(line.finished for line in found.lines)
            print(f"\n{done} limits solved, {short_time(solved.seconds)}; bounds are in front.csv")
        else:
            print(f"\n{wrapped(effort_line(found))}")
        for line in time_lines(found, self.folder):
            print(wrapped(line))
        print(self.listed())
        chosen = [self.folder / name for name in files]
        print(next_steps(chosen[-1], found.chosen[-1].architecture, found.resolution, found.num_classes, chosen[0]))


def _second_proxy(config: DictConfig) -> Proxy | None:
    """Return what scores the networks of the front again."""
    if not config.rescore:
        return None
    if config.search.rerank is None:
        what = f"search={config.search.name} has no second proxy"
        raise UserError(what, key="rescore", value="true", remedy="use search=zen, or leave rescore out")
    return build(config.search.rerank, "search.rerank", Proxy)


def _plot(found: ParetoResult, folder: Path) -> None:
    charts = front_charts(RunFolder.read(folder), on_the_way(found), published_points(found))
    try:
        png.draw(folder / "front.png", charts)
    except MissingExtraError as error:
        print(f"no plot: {error}")


def _table(found: ParetoResult, files: list[str]) -> Table:
    names = [objective.name for objective in found.setup.objectives]
    beside = [] if LayersLimit.name in names else [LayersLimit.name]
    again = any(one.again for one in found.chosen)
    measured = any(one.latency is not None and one.latency.measured is not None for one in found.chosen)
    columns = ["file", "score", *(["again"] if again else []), *names, *beside]
    columns += ["measured ms"] if measured else []
    table = Table(f"{len(found.chosen)} of the {len(found.points):,} networks of the front", columns)
    for name, one in zip(files, found.chosen, strict=True):
        costs = [objective.text(cost) for objective, cost in zip(found.setup.objectives, one.point.costs, strict=True)]
        layers = [one.architecture.num_layers for _ in beside]
        timed = [f"{one.latency.measured:.4g}"] if one.latency is not None and one.latency.measured is not None else []
        table.add(name, score_text(one.score), *([one.again or ""] if again else []), *costs, *layers, *timed)
    return table


def _latency_lines(name: str, one: FrontNetwork, found: ParetoResult) -> list[str]:
    """Return what is to be said of a measured latency: that it is over the limit, or not to be trusted."""
    if one.latency is None or one.latency.measured is None:
        return []
    maximum = next(limit.maximum for limit in found.setup.budget.limits if limit.name == "latency_ms")
    over = one.latency.measured / maximum - 1
    lines = [f"{name}: measured {over:.1%} over the limit of {maximum:g} ms"] if over > 0 else []
    return lines + ([f"{name}: {one.latency.warning}"] if one.latency.warning else [])
