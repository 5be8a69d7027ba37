"""From the configuration of a search to what it is asked for."""

from typing import Any

from omegaconf import DictConfig

from zen_lightning import __version__
from zen_lightning.api.fitted_start import AUTO, automatic_start, fitted_start
from zen_lightning.api.search_plan import SearchPlan, check_sizes, for_images
from zen_lightning.api.sources import read_architecture
from zen_lightning.arch import ArchitectureError, BaseArchitecture
from zen_lightning.config import build, target_of
from zen_lightning.config.plain import plain
from zen_lightning.config.schema import SearchConfig
from zen_lightning.errors import UserError, keyed
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.catalogue import CATALOGUE
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.search.events import Say
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.searches import Effort, at_least
from zen_lightning.space import SearchSpace
from zen_lightning.space.super_blocks import space_identity
from zen_lightning.tasks.search.depth_training import asked_training
from zen_lightning.tasks.search.limits import BUDGET_KEYS, asked_budget, budget_identity

KEYS = {**BUDGET_KEYS, **{name: f"search.{name}" for name in SearchConfig.__dataclass_fields__}, "folder": "resume"}
"""The key of each argument of a search."""


def search_plan(config: DictConfig, command: Command = NO_COMMAND, say: Say = lambda text: None) -> SearchPlan:
    """Return what is asked for.

    Args:
        config: the composed configuration.
        command: what the command line said.
        say: is told where another start is taken.

    Raises:
        UserError: a value that cannot be used; the message names its key.
    """
    with keyed(KEYS):
        shared = common(config, command, say)
        training = asked_training(config, command, asked_budget(config, command).trains_depths)
        return SearchPlan(second=second_proxy(config), finalists=config.search.finalists, training=training, **shared)


def common(config: DictConfig, command: Command, say: Say) -> dict[str, Any]:
    """Return what a search and a search for a front have in common; the errors name arguments."""
    search = config.search
    counts = search.restarts, search.processes, search.in_flight, search.threads
    effort = Effort(*counts, config.workers, config.device, search.minutes)
    refuse_another_proxy(config)
    return {
        "setup": search_setup(config, command, say),
        "resolution": config.resolution,
        "num_classes": config.num_classes,
        "effort": effort,
        "optimizer": search.optimizer,
        "chooses_depth": config.budget.layers == "auto",
        "depths": plain(config.budget.depths),
        "calibrate": config.latency.calibrate,
        "names": {"search": search.name, "budget": config.budget.name},
        "notes": asked_budget(config, command).notes(),
    }


def search_setup(config: DictConfig, command: Command = NO_COMMAND, say: Say = lambda text: None) -> SearchSetup:
    """Return what to search; errors and arguments as for :func:`search_plan`."""
    with keyed(KEYS):
        check_sizes(config.resolution, config.num_classes)
        for key in ("iterations", "population_size", "max_tries"):
            at_least(key, config.search[key], 1)
        budget = asked_budget(config, command)
        space = build(config.search_space, "search_space", SearchSpace)
        named = None if config.start == AUTO else _start(config, command, space)
        limits = budget.limits(config.resolution, config.num_classes, space.bounded)
        asked = named or automatic_start(space, limits, config.resolution, config.num_classes)
        asked = for_images(asked, config.get("in_channels"))
        told = say if config.search.optimizer == "evolution" else _silent  # The exact optimiser begins nowhere.
        given = named is not None and command.sets("start")
        start = fitted_start(space, limits, asked, config.resolution, given, budget.chooses_depth, told)
        identity: dict[str, Any] = {
            "version": __version__,
            **budget_identity(config, budget, limits),
            "start": str(start),
            "search": {"population_size": config.search.population_size},
        }
        for key in ("search_space", "proxy", "resolution", "num_classes", "seed"):
            identity[key] = plain(config[key])
        identity["search_space"] = space_identity(identity["search_space"])
        setup = SearchSetup(
            space=space,
            proxy=build(config.proxy, "proxy", Proxy),
            budget=limits,
            start=start,
            seed=config.seed,
            iterations=config.search.iterations,
            population_size=config.search.population_size,
            max_tries=config.search.max_tries,
            identity=identity,
            asked_start=asked if start != asked else None,
        )
        if config.budget.latency_ms is None or budget.latency_profile is None:
            return setup
        if config.latency.profile is None:
            where = f"PyTorch finds no {config.latency.device} here"
            say(f"{where}: latency is predicted from the profile {budget.latency_profile}")
        from zen_lightning.latency.calibration import with_fitting_start

        return with_fitting_start(setup, told)


def second_proxy(config: DictConfig) -> Proxy | None:
    """Return what scores finalists again; None without one."""
    at_least("finalists", config.search.finalists, 0)
    if not config.search.finalists or config.search.rerank is None:
        return None
    return build(config.search.rerank, "search.rerank", Proxy)


def refuse_another_proxy(config: DictConfig) -> None:
    """Raise a UserError where ``search=`` names one proxy and ``proxy=`` another."""
    search, name = config.search.name, getattr(target_of(config.proxy, "proxy", Proxy)[0], "name", "")
    if search in CATALOGUE and name != search.removesuffix("_monte_carlo"):
        what = f"search={search} searches by {search}, and proxy={name} names another proxy"
        raise UserError(what, key="proxy", remedy=f"use search=evolution proxy={name}", involves=["search"])


def _silent(text: str) -> None:
    """Say nothing."""


def _start(config: DictConfig, command: Command, space: SearchSpace[Any]) -> BaseArchitecture:
    """Return where the search begins: the configured start, or the space's own where that was meant for another space."""
    try:
        return read_architecture(config.start, "start", space)
    except ArchitectureError:
        if not space.start or command.sets("start"):
            raise
        start: BaseArchitecture = space.parse(space.start)
        return start
