"""From the configuration of a search to its objects."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning import __version__
from zen_lightning.arch import ArchitectureError, BaseArchitecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit, ParamsLimit, parse_count
from zen_lightning.config import build
from zen_lightning.config.schema import BudgetConfig
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.search.fitting_start import shallow_start, shaped_start
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import SearchSpace
from zen_lightning.tasks.networks.architecture_source import read_architecture
from zen_lightning.tasks.search.shapes import read_shapes, shapes_identity

AUTO = "auto"
"""Of ``budget.layers``: the depth is chosen before the search, see :mod:`zen_lightning.tasks.search.depths`."""


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
            raise UserError(f"{key}={value}: expected {least} or more")
    space = build(config.search_space, "search_space")
    start = _start(config, command, space)
    limits = budget(config, command, space.bounded)
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


def budget(config: DictConfig, command: Command = NO_COMMAND, bounded: bool = False) -> Budget:
    """Return the limits of the configuration, cheap ones first; null lifts one.

    Args:
        config: the composed configuration.
        command: what the command line said.
        bounded: whether the space has a largest member, so that no limit is needed.

    Raises:
        UserError: a limit that cannot be used, or none where one is needed.
    """
    wanted = config.budget
    unknown = [str(key) for key in wanted if key not in BudgetConfig.__dataclass_fields__]
    if unknown:
        raise UserError(f"unknown key budget.{unknown[0]}: the limits are params, flops, layers and latency_ms")
    limits: list[Limit] = []
    if wanted.layers is not None and wanted.layers != AUTO:
        limits.append(LayersLimit(_layers(wanted.layers)))
    if wanted.params is not None:
        limits.append(ParamsLimit(parse_count(wanted.params, "budget.params"), config.num_classes))
    if wanted.flops is not None:
        limits.append(FlopsLimit(parse_count(wanted.flops, "budget.flops"), config.resolution, config.num_classes))
    if wanted.latency_ms is not None:
        limits.append(_latency(config, command))
    if not limits and not bounded:
        raise UserError("the budget has no limit: set budget.params, budget.flops, budget.layers or budget.latency_ms")
    return Budget(limits, read_shapes(config))


def _layers(value: str | int) -> int:
    try:
        return parse_count(value, "budget.layers")
    except UserError as error:
        raise UserError(f"budget.layers={value}: expected a positive count such as 14, auto, or null") from error


def _latency(config: DictConfig, command: Command = NO_COMMAND) -> Limit:
    milliseconds = config.budget.latency_ms
    if not milliseconds > 0:
        raise UserError(f"budget.latency_ms={milliseconds}: expected milliseconds above 0")
    how = config.latency
    if how.profile is not None:
        return _predicted(config, command, milliseconds)
    from zen_lightning.latency import LatencyLimit

    return LatencyLimit(milliseconds, config.resolution, config.num_classes, how.batch_size, how.dtype, how.device)


def _predicted(config: DictConfig, command: Command, milliseconds: float) -> Limit:
    from zen_lightning.latency import LatencyPredictor, PredictedLatencyLimit, find_profile

    said = sorted(command.keys & {"latency.device", "latency.dtype", "latency.batch_size"})
    with keyed({"name": "latency.profile"}):
        profile = find_profile(config.latency.profile)
    if said:
        raise UserError(
            f"{said[0]}= cannot be combined with latency.profile={profile.name}, which is for {profile.settings.summary()}"
        )
    return PredictedLatencyLimit(milliseconds, LatencyPredictor(profile), config.resolution, config.num_classes)


def _identity(config: DictConfig, start: str, limits: Budget) -> dict[str, Any]:
    """Return what makes it this search. The iterations do not: a finished search can be continued to more."""
    identity: dict[str, Any] = {
        "version": __version__,
        "start": start,
        "budget": {limit.name: limit.maximum for limit in limits.limits},
        "search": {"population_size": config.search.population_size},
    }
    if limits.shapes:
        identity["shape"] = shapes_identity(limits.shapes)
    for key in ("search_space", "proxy", "resolution", "num_classes", "seed"):
        value = config[key]
        identity[key] = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    if config.budget.latency_ms is not None:
        identity["latency"] = _latency_identity(config, limits)
    return identity


def _latency_identity(config: DictConfig, limits: Budget) -> Any:
    if config.latency.profile is None:
        return {key: config.latency[key] for key in ("device", "dtype", "batch_size")}
    from zen_lightning.tasks.search.predicted_latency import predicted_limit

    limit = predicted_limit(limits)
    assert limit is not None
    return {"profile": limit.predictor.profile.checksum}
