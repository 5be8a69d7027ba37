"""What the arguments of ``zl.search`` and ``zl.pareto`` stand for: the presets they name, and what these say of the rest."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zen_lightning import __version__
from zen_lightning.api.budget import Budget
from zen_lightning.api.depth_training import DepthTraining
from zen_lightning.api.fitted_start import AUTO, automatic_start, fitted_start
from zen_lightning.api.presets import made, preset_names, read_preset, resolved
from zen_lightning.api.search_plan import check_sizes, for_images
from zen_lightning.api.sources import read_architecture
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget as Limits
from zen_lightning.errors import UserError, keyed
from zen_lightning.proxy.base import Proxy
from zen_lightning.search.events import Say
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import SearchSpace
from zen_lightning.space.super_blocks import space_identity
from zen_lightning.space.usual import usual_start

Space = SearchSpace[Any]
Source = str | Path | BaseArchitecture


class SearchArguments:
    """What is asked for, with what the presets say of the rest; arguments as for ``zl.search``."""

    def __init__(
        self,
        budget: str | Budget,
        space: str | Space | None,
        start: Source | None,
        in_channels: int | None,
        resolution: int | None,
        num_classes: int | None,
        proxy: str | Proxy,
        seed: int,
        device: str,
        images: str | Path | None,
        moves: str | None,
    ) -> None:
        with keyed({"name": "budget"}):
            self.budget = Budget.preset(budget) if isinstance(budget, str) else budget
        preset = read_preset("budget", self.budget.name) if self.budget.name in preset_names("budget") else None
        self.content: Mapping[str, Any] = preset.content if preset else {}
        chosen = preset.choices["search_space"] if preset else AUTO
        self.resolution = self.content.get("resolution", 224) if resolution is None else resolution
        self.num_classes = self.content.get("num_classes", 1000) if num_classes is None else num_classes
        check_sizes(self.resolution, self.num_classes)
        self.seed = seed
        self.values: dict[str, Any] = {
            "resolution": self.resolution,
            "num_classes": self.num_classes,
            "device": device,
            "dataset.name": "noise" if images is None else "image_folder",
            "dataset.root": None if images is None else str(images),
        }
        self.proxy, self.proxy_node = self._object("proxy", proxy)
        self.search = proxy if isinstance(proxy, str) else "evolution"
        self.search_content = read_preset("search", self.search).content.get("search", {})
        self.search_content = self.search_content | self.content.get("search", {})
        by_space = self.search_content.get("moves") or {}
        self.values |= {"search.moves": by_space, **{f"search.moves.{name}": known for name, known in by_space.items()}}
        self.space, self.space_node = self._object("search_space", chosen if space is None else space, moves=moves)
        self.start = start
        self.in_channels = in_channels

    def setup(self, iterations: int | None, population_size: int | None, max_tries: int, say: Say) -> SearchSetup:
        """Return what to search."""
        limits = self.budget.limits(self.resolution, self.num_classes, self.space.bounded)
        start = for_images(self._start(limits), self.in_channels)
        given = self.start not in (None, AUTO)
        fitted = fitted_start(self.space, limits, start, self.resolution, given, self.budget.chooses_depth, say)
        size = self._counted("population_size", population_size, 512)
        setup = SearchSetup(
            space=self.space,
            proxy=self.proxy,
            budget=limits,
            start=fitted,
            seed=self.seed,
            iterations=self._counted("iterations", iterations, 480_000),
            population_size=size,
            max_tries=max_tries,
            identity={
                "version": __version__,
                **self.budget.identity(limits),
                "start": str(fitted),
                "search": {"population_size": size},
                "search_space": space_identity(self.space_node),
                "proxy": self.proxy_node,
                "resolution": self.resolution,
                "num_classes": self.num_classes,
                "seed": self.seed,
            },
            asked_start=start if fitted != start else None,
        )
        if self.budget.latency_ms is None or self.budget.latency_profile is None:
            return setup
        from zen_lightning.latency.calibration import with_fitting_start

        return with_fitting_start(setup, say)

    def second(self, rerank: str | Proxy | None, finalists: int | None) -> Proxy | None:
        """Return what scores finalists again."""
        if rerank is None or (finalists is not None and finalists < 1):
            return None
        if isinstance(rerank, Proxy):
            return rerank
        node = self.search_content.get("rerank")
        if rerank != "default":
            node = read_preset("proxy", rerank, "rerank").content
        if node is None:
            return None
        known = {f"proxy.{key}": value for key, value in self.proxy_node.items()}
        second: Proxy = made(resolved(node, self.values | known))
        return second

    def training(self, given: DepthTraining | None, progress: bool) -> DepthTraining | None:
        """Return the training that chooses the depth, with a bar where one is shown."""
        if self.budget.trains_depths != (given is not None):
            what = "layers_by=training chooses the depth by a training, and depth_training says which"
            remedy = "give both, or neither: depth_training=zl.DepthTraining('cifar10')"
            raise UserError(what, key="depth_training", remedy=remedy, involves=["layers_by"])
        return None if given is None else replace(given, progress=given.progress or progress)

    def common(self, finalists: int | None) -> dict[str, Any]:
        """Return what every plan says."""
        return {
            "resolution": self.resolution,
            "num_classes": self.num_classes,
            "finalists": self._counted("finalists", finalists, 0),
            "chooses_depth": self.budget.chooses_depth,
            "depths": self.budget.depths,
            "calibrate": self.budget.latency_calibrate,
            "names": {"search": self.search, "budget": self.budget.name},
            "notes": self.budget.notes(),
        }

    def _counted(self, key: str, given: int | None, otherwise: int) -> int:
        return int(self.search_content.get(key, otherwise)) if given is None else given

    def _object(self, group: str, given: Any, **settings: Any) -> tuple[Any, dict[str, Any]]:
        """Return an object by its preset with the settings, or as it was given; and what a journal knows it by."""
        said = {name: value for name, value in settings.items() if value is not None}
        if isinstance(given, str):
            key = {"search_space": "space"}.get(group, group)
            node = resolved(read_preset(group, given, key).content, self.values)
            for name, value in said.items():
                if name not in node:
                    raise UserError(f"the search space {given!r} has no {name} to choose", key=name, value=value)
            node = node | said
            return made(node), node
        for name, value in said.items():
            raise UserError(f"it is for a space that is given by its name; {given!r} has its own", key=name, value=value)
        plain = {key: value for key, value in vars(given).items() if isinstance(value, int | float | str | bool | None)}
        return given, {"_target_": f"{type(given).__module__}.{type(given).__qualname__}", **plain}

    def _start(self, limits: Limits) -> BaseArchitecture:
        given, preset = self.start, self.content.get("start", AUTO)
        if given is not None and given != AUTO:
            return read_architecture(str(given) if isinstance(given, Path) else given, "start", self.space)
        if given == AUTO or (preset == AUTO and usual_start(self.space, self.resolution)):
            return automatic_start(self.space, limits, self.resolution, self.num_classes)
        own = preset if self._of_preset() else self.space.start or self._shipped()
        if not own:
            raise UserError("the search needs a start", key="start", remedy="give a structure of the space")
        start: BaseArchitecture = self.space.parse(str(own))
        return start

    def _of_preset(self) -> bool:
        """Whether the preset of the budget is for this space."""
        if not self.content:
            return False
        return bool(self.space.name == read_preset("budget", self.budget.name).choices["search_space"])

    def _shipped(self) -> str:
        """Return where the shipped budgets for the space begin, those for its resolution first."""
        known = [read_preset("budget", name) for name in preset_names("budget")]
        fitting = [one.content for one in known if one.choices["search_space"] == self.space.name]
        fitting.sort(key=lambda content: content["resolution"] != self.resolution)
        return str(fitting[0]["start"]) if fitting else ""
