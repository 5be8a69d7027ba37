"""Types and ranges of keys whose own type lets too much through: checked for every task, before anything of it is built."""

import math
from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.errors import UserError
from zen_lightning.system.schema import FLAG, OBJECT, TEXT, Kind, Number, Plain

_SIDE, _MANY = 2**16, 2**31
"""Pixels of an image's side at most, and most of anything else. A choice: more than any memory holds."""

_DAY = 86_400.0
_COUNT, _FROM_0, _PIXELS = Number(1, _MANY, whole=True), Number(0, _MANY, whole=True), Number(1, _SIDE, whole=True)
_THREADS = Number(1, 4096, whole=True)
_SECONDS = Number(0, _DAY)
_LISTED = Plain((list, str), "a list")

RANGES: dict[str, Kind] = {
    "seed": Number(0, 2**32 - 1, whole=True),  # What NumPy's generators and Lightning take.
    "resolution": _PIXELS,
    "num_classes": Number(1, 2**24, whole=True),
    **dict.fromkeys(("limit", "sample", "structures", "best", "eval_batch_size", "tune.trials"), _COUNT),
    **dict.fromkeys(("crop_size", "teacher.image_size", "dataset.image_size"), _PIXELS),
    **dict.fromkeys(("use_se", "rescore", "download", "fold", "random_weights"), FLAG),
    "bootstrap": _FROM_0,
    "recipe.epochs": _COUNT,
    "recipe.batch_size": Number(1, 2**24, whole=True),
    "search.threads": _THREADS,
    "search.minutes": Number(0, 1e6),
    "latency.threads": _THREADS,
    "latency.measure_seconds": _SECONDS,
    **dict.fromkeys(("extent.operation_seconds", "extent.network_seconds"), _SECONDS),
    **dict.fromkeys(("extent.drawn", "extent.fitted", "extent.held_out", "extent.networks_from"), _FROM_0),
    "trainer.loader_prefetch": _THREADS,
    "trainer.checkpoint_minutes": Number(0, 1e6),
    **dict.fromkeys(("trainer.keep_every", "trainer.early_stopping.patience"), _COUNT),
    "trainer.early_stopping.min_delta": Number(0, 1e6),
    "trainer.early_stopping.after": _FROM_0,
    "debug.trace_steps": Number(1, 1000, whole=True),
    "dataset.classes": _LISTED,
    "objectives": _LISTED,
    "stages": Plain((list,), "a list of stages, each with a name and overrides"),
    "accuracy": TEXT,
    "tune": OBJECT,
}
"""By key; a key that a task does not have, or that is null, is not looked at."""


def range_problems(config: DictConfig) -> Iterator[UserError]:
    """Yield an error for every key whose value is not of its kind.

    Args:
        config: the composed configuration.

    Example:
        >>> for error in range_problems(OmegaConf.create({"seed": -1, "tune": {"trials": 3}, "limit": float("nan")})):
        ...     print(error)
        seed=-1: expected 0 or more
        limit=nan: expected a number
    """
    for key, kind in RANGES.items():
        value = _value(config, key)
        if value is None:
            continue
        wrong = kind.wrong(value, key)
        if isinstance(value, float) and math.isnan(value):
            wrong = f"{key} is nan, not a number"
        if wrong is not None:
            yield UserError(key=key, value=value, expected=_bound(kind, value) or wrong.rpartition(", not ")[2])


def _bound(kind: Kind, value: Any) -> str | None:
    """Return the bound that a number is beyond; None where it is of another type."""
    if not isinstance(kind, Number) or not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
        return None
    if kind.whole and not isinstance(value, int):
        return None
    return f"{kind.low:g} or more" if value < kind.low else f"{kind.high:,g} or less" if value > kind.high else None


def _value(config: DictConfig, key: str) -> Any:
    """Return a value as plain data; None where there is none, or one that only its task can tell."""
    try:
        value = OmegaConf.select(config, key, throw_on_missing=False, throw_on_resolution_failure=False)
        return OmegaConf.to_container(value, resolve=False) if isinstance(value, DictConfig | ListConfig) else value
    except OmegaConfBaseException:
        return None
