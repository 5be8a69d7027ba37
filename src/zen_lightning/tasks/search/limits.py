"""The limits that ``budget=`` sets, from the configuration."""

import inspect
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.budget import KINDS, BaseLatencyLimit, Budget, LayersLimit, Limit
from zen_lightning.config import make, target_of
from zen_lightning.config.schema import BudgetConfig
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.tasks.search.shapes import read_shapes

AUTO = "auto"
"""Of ``budget.layers``: the depth is chosen before the search, see :mod:`zen_lightning.tasks.search.depths`."""

_SETTINGS = ("resolution", "num_classes")
_COLUMNS = ("structure", "score", "search_score", "final_score", "standard_error", "restart", "bound")


def read_budget(config: DictConfig, command: Command = NO_COMMAND, bounded: bool = False) -> Budget:
    """Return the limits of the configuration, cheap ones first; null lifts one.

    Args:
        config: the composed configuration.
        command: what the command line said.
        bounded: whether the space has a largest member, so that no limit is needed.

    Raises:
        UserError: a limit that cannot be used, or none where one is needed.
    """
    wanted = config.budget
    for key in wanted:
        if key not in BudgetConfig.__dataclass_fields__:
            remedy = f"the limits are {_listed('{}')}, and your own: budget.own"
            raise UserError(f"unknown key budget.{key}", key=f"budget.{key}", remedy=remedy)
    limits: list[Limit] = []
    settings = {key: config[key] for key in _SETTINGS}
    # Layers are a sum that blocks know, and a latency may have to be measured.
    for kind in sorted(KINDS, key=lambda kind: kind is not LayersLimit):
        value = wanted[kind.name]
        if value is None or (kind is LayersLimit and value == AUTO):
            continue
        with keyed("budget"):
            maximum = kind.read(value)
        is_latency = kind is BaseLatencyLimit
        limits.append(_latency(config, command, maximum) if is_latency else kind.of(maximum, **settings))
    limits += _own(config)
    limits.sort(key=lambda limit: isinstance(limit, BaseLatencyLimit))
    if not limits and not bounded:
        raise UserError("the budget has no limit", key="budget", remedy=f"set one of {_listed('budget.{}')}")
    return Budget(limits, read_shapes(config))


def limits_identity(config: DictConfig, budget: Budget) -> dict[str, Any]:
    """Return what makes it a search under these limits, as far as their values do not say it."""
    identity: dict[str, Any] = {"budget": {limit.name: limit.maximum for limit in budget.limits}}
    if config.budget.own:
        identity["own_limits"] = OmegaConf.to_container(config.budget.own, resolve=True)
    if config.budget.latency_ms is None:
        return identity
    if config.latency.profile is None:
        return {**identity, "latency": {key: config.latency[key] for key in ("device", "dtype", "batch_size")}}
    from zen_lightning.tasks.search.predicted_latency import predicted_limit

    limit = predicted_limit(budget)
    assert limit is not None
    return {**identity, "latency": {"profile": limit.predictor.profile.checksum}}


def _own(config: DictConfig) -> Iterator[Limit]:
    """Yield the limits of classes from elsewhere (docs/limits.md)."""
    own = config.budget.own
    if own is not None and not OmegaConf.is_dict(own):
        raise UserError(key="budget.own", value=own, expected="a mapping: {NAME: {_target_: package.Class, maximum: 3M}}")
    for name, node in (own or {}).items():
        if node is None:
            continue
        key = f"budget.own.{name}"
        if not OmegaConf.is_dict(node):
            raise UserError(key=key, value=node, expected="a mapping: {_target_: package.Class, maximum: 3M}")
        target, arguments = target_of(node, key)
        _check_class(target, str(name), key)
        known = inspect.signature(target).parameters
        arguments = {setting: config[setting] for setting in _SETTINGS if setting in known} | arguments
        if "maximum" in arguments:
            with keyed({target.name: f"{key}.maximum"}):  # type: ignore[attr-defined]
                arguments["maximum"] = target.read(arguments["maximum"])  # type: ignore[attr-defined]
        yield make(target, arguments, key)


def _check_class(target: Any, name: str, key: str) -> None:
    if not (isinstance(target, type) and issubclass(target, Limit)) or inspect.isabstract(target):
        expected = "a class derived from zen_lightning.budget.Limit that has a method measure"
        raise UserError(key=f"{key}._target_", value=f"{target.__module__}.{target.__qualname__}", expected=expected)
    called = getattr(target, "name", None)
    if called is None:
        remedy = f"give the class the attribute name = {name!r}"
        raise UserError(f"{key}: {target.__name__} has no name", key=key, remedy=remedy)
    if called != name:
        remedy = f"write budget.own.{called}"
        raise UserError(f"{key}: {target.__name__} calls itself {called!r}", key=key, remedy=remedy)
    taken = (*_COLUMNS, *(kind.name for kind in KINDS), *(kind.column for kind in KINDS))
    if name in taken or not name.isidentifier():
        remedy = f"use letters, digits and _, and none of {', '.join(taken)}"
        raise UserError(f"{key}: {name!r} cannot be the name of a limit", key=key, remedy=remedy)


def _latency(config: DictConfig, command: Command, milliseconds: float) -> Limit:
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
        what = f"{said[0]}= cannot be combined with latency.profile={profile.name}, which is for {profile.settings.summary()}"
        raise UserError(what, key=said[0], involves=["latency.profile"])
    return PredictedLatencyLimit(milliseconds, LatencyPredictor(profile), config.resolution, config.num_classes)


def _listed(form: str) -> str:
    return ", ".join(form.format(kind.name) for kind in KINDS)
