"""The budget that ``budget=``, ``shape=`` and ``latency=`` ask for."""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.api.budget import Budget
from zen_lightning.budget import KINDS, Limit
from zen_lightning.budget import Budget as Limits
from zen_lightning.config import make, target_of
from zen_lightning.config.schema import BUDGET_FIELDS, ShapeConfig
from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.settings import default_settings
from zen_lightning.runs.command import NO_COMMAND, Command

_LATENCY = ("profile", "device", "dtype", "batch_size", "calibrate")
BUDGET_KEYS = {
    **{name: f"budget.{name}" for name in BUDGET_FIELDS},
    **{name: f"shape.{name}" for name in ShapeConfig.__dataclass_fields__},
    **{f"latency_{name}": f"latency.{name}" for name in _LATENCY},
    "space": "search_space",
}
"""The key of each argument of a budget, and of the space that it limits."""

_SETTINGS = ("resolution", "num_classes")
_COLUMNS = ("structure", "score", "search_score", "final_score", "standard_error", "restart", "bound")


def asked_budget(config: DictConfig, command: Command) -> Budget:
    """Return the budget of the configuration.

    Args:
        config: the composed configuration.
        command: what the command line said.

    Raises:
        UserError: a key that a budget does not have, or a limit of your own that cannot be used.
    """
    for key in config.budget:
        if key not in BUDGET_FIELDS:
            listed = ", ".join(kind.name for kind in KINDS)
            remedy = f"the limits are {listed}, and your own: budget.own"
            raise UserError(f"unknown key budget.{key}", key=f"budget.{key}", remedy=remedy)
    plain: dict[str, Any] = {**_plain(config.budget), **_plain(config.shape)}
    timed = {f"latency_{key}": config.latency[key] for key in _LATENCY} | {"latency_profile": latency_profile(config)}
    unsaid = [key for key in ("dtype", "batch_size") if config.latency[key] is None]
    if unsaid:
        with keyed("latency"):
            usual = default_settings(config.latency.device)
        timed |= {f"latency_{key}": getattr(usual, key) for key in unsaid}
    budget = Budget(**{**plain, **timed, "own": tuple(_own(config))})
    if config.budget.latency_ms is not None and config.latency.profile is not None:
        _refuse_settings(budget, command)
    return budget


def latency_profile(config: DictConfig) -> str | None:
    """Return the profile that latency is predicted from: ``latency.profile``, or the one for where the device is not here.

    Raises:
        UserError: ``latency.without_gpu`` is wanted and names no profile.
    """
    how = config.latency
    if config.budget.latency_ms is None or how.profile is not None or how.without_gpu is None:
        name: str | None = how.profile
        return name
    from zen_lightning.latency.profile import find_profile
    from zen_lightning.latency.runner import device_present  # Torch is loaded to look for the device.

    if device_present(how.device):
        return None
    with keyed({"name": "latency.without_gpu"}):
        find_profile(how.without_gpu)
    return str(how.without_gpu)


def read_budget(config: DictConfig, command: Command = NO_COMMAND, bounded: bool = False) -> Limits:
    """Return the limits of the configuration, and its shapes.

    Args:
        config: the composed configuration.
        command: what the command line said.
        bounded: whether the space has a largest member, so that no limit is needed.

    Raises:
        UserError: a limit that cannot be used, or none where one is needed.
    """
    with keyed(BUDGET_KEYS):
        return asked_budget(config, command).limits(config.resolution, config.num_classes, bounded)


def budget_identity(config: DictConfig, budget: Budget, limits: Limits) -> dict[str, Any]:
    """Return what makes it a search under this budget."""
    own = {"own_limits": OmegaConf.to_container(config.budget.own, resolve=True)} if config.budget.own else {}
    return {**replace(budget, own=()).identity(limits), **own}


def _plain(node: DictConfig) -> dict[str, Any]:
    content = OmegaConf.to_container(node, resolve=True)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items() if key != "own"}


def _refuse_settings(budget: Budget, command: Command) -> None:
    said = sorted(command.keys & {"latency.device", "latency.dtype", "latency.batch_size"})
    if not said:
        return
    with keyed({"name": "latency.profile"}):
        profile = budget.profile()
    what = f"{said[0]}= cannot be combined with latency.profile={profile.name}, which is for {profile.settings.summary()}"
    raise UserError(what, key=said[0], involves=["latency.profile"])


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
        target, arguments = target_of(node, key, Limit)
        _check_class(target, str(name), key)
        known = inspect.signature(target).parameters
        arguments = {setting: config[setting] for setting in _SETTINGS if setting in known} | arguments
        if "maximum" in arguments:
            with keyed({target.name: f"{key}.maximum"}):  # type: ignore[attr-defined]
                arguments["maximum"] = target.read(arguments["maximum"])  # type: ignore[attr-defined]
        yield make(target, arguments, key)


def _check_class(target: Any, name: str, key: str) -> None:
    if inspect.isabstract(target):
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
