"""From the configuration of a search to its objects."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning import __version__
from zen_lightning.arch import ArchitectureError, BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.config import build
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.search.fitting_start import shallow_start, shaped_start
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import SearchSpace
from zen_lightning.tasks.networks.architecture_source import read_architecture
from zen_lightning.tasks.search.limits import AUTO, limits_identity, read_budget
from zen_lightning.tasks.search.shapes import shapes_identity


def search_setup(config: DictConfig, command: Command = NO_COMMAND) -> SearchSetup:
    """Return what to search.

    Raises:
        UserError: a value that cannot be used; the message names its key.
    """
    for key, least in (
        ("search.iterations", 1),
        ("search.population_size", 1),
        ("search.restarts", 1),
        ("search.max_tries", 1),
        ("search.processes", 1),
        ("search.in_flight", 1),
        ("search.threads", 1),
        ("latency.batch_size", 1),
        ("search.finalists", 0),
        ("resolution", 1),
        ("num_classes", 1),
    ):
        value = OmegaConf.select(config, key)
        if value is not None and value < least:
            raise UserError(key=key, value=value, expected=f"{least} or more")
    space = build(config.search_space, "search_space")
    start = _start(config, command, space)
    limits = read_budget(config, command, space.bounded)
    with keyed({shape.name: f"shape.{shape.name}" for shape in limits.shapes}):
        start = (shallow_start if config.budget.layers == AUTO else shaped_start)(space, limits, start)
    setup = SearchSetup(
        space=space,
        proxy=build(config.proxy, "proxy"),
        budget=limits,
        start=start,
        seed=config.seed,
        iterations=config.search.iterations,
        population_size=config.search.population_size,
        max_tries=config.search.max_tries,
        identity=_identity(config, str(start), limits),
    )
    if config.budget.latency_ms is None or config.latency.profile is None:
        return setup
    from zen_lightning.tasks.search.calibration import with_fitting_start

    return with_fitting_start(setup)


def _start(config: DictConfig, command: Command, space: SearchSpace[Any]) -> BaseArchitecture:
    """Return where the search begins: the configured start, or the space's own where that was meant for another space."""
    try:
        return read_architecture(config.start, "start", space)
    except ArchitectureError:
        if not space.start or command.sets("start"):
            raise
        start: BaseArchitecture = space.parse(space.start)
        return start


def _identity(config: DictConfig, start: str, limits: Budget) -> dict[str, Any]:
    """Return what makes it this search. The iterations do not: a finished search can be continued to more."""
    identity: dict[str, Any] = {
        "version": __version__,
        "start": start,
        **limits_identity(config, limits),
        "search": {"population_size": config.search.population_size},
    }
    if limits.shapes:
        identity["shape"] = shapes_identity(limits.shapes)
    for key in ("search_space", "proxy", "resolution", "num_classes", "seed"):
        value = config[key]
        identity[key] = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    return identity
