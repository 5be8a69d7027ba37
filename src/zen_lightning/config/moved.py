"""Other spellings of keys: those from before a key moved into a group, limits without their group, a number for a group."""

from collections.abc import Sequence

from zen_lightning.budget import KINDS
from zen_lightning.runs.overrides import Override, last_value

_SETTINGS = ("batch_size", "dtype", "fold", "channels_last", "threads", "cuda_graph")
_MOVED = {
    "latency": {key: f"latency.{key}" for key in (*_SETTINGS, "engine", "compile", "measure_seconds")},
    "profile": {key: f"latency.{key}" for key in _SETTINGS},
}
"""Of each task, its old keys at the root, which until 0.1 stood there."""


def with_moved_keys(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return overrides in the present spelling, and a sentence for each that was written in an old one.

    Example:
        >>> with_moved_keys(["task=latency", "batch_size=[1,8]"])
        (['task=latency', 'latency.batch_size=[1,8]'], ['batch_size= is latency.batch_size= now'])
    """
    moved = _MOVED.get(last_value(overrides, "task") or "", {})
    if not moved:
        return list(overrides), []
    found, said = [], []
    for one in map(Override.parse, overrides):
        key = moved.get(one.key)
        found.append(one.whole if key is None else f"{one.sign}{key}={one.text}")
        said += [f"{one.key}= is {key}= now"] if key else []
    return found, said


_STOPPING = "trainer.early_stopping"

_SEARCHES = (None, "search", "pareto", "pipeline", "tune")
"""Tasks whose limits may be written without their group; None: the default, or that of an experiment."""


def with_whole_limits(overrides: Sequence[str]) -> list[str]:
    """Return overrides with the group of limits that were written without it: ``params=200k`` is ``budget.params=200k``.

    Example:
        >>> with_whole_limits(["budget=custom", "params=200k", "flops=20M", "seed=1"])
        ['budget=custom', 'budget.params=200k', 'budget.flops=20M', 'seed=1']
        >>> with_whole_limits(["task=train", "flops=20M"])
        ['task=train', 'flops=20M']
    """
    if last_value(overrides, "task") not in _SEARCHES:
        return list(overrides)
    names = {kind.name for kind in KINDS}
    return [
        f"budget.{one.whole}" if one.key in names and not one.sign and "=" in one.whole else one.whole
        for one in map(Override.parse, overrides)
    ]


def with_patience(overrides: Sequence[str]) -> list[str]:
    """Return overrides with the key of a patience: a number in the place of the group would leave its other keys out.

    Example:
        >>> with_patience(["trainer.early_stopping=10", "trainer.early_stopping.monitor=loss"])
        ['trainer.early_stopping={patience: 10}', 'trainer.early_stopping.monitor=loss']
        >>> with_patience(["trainer.early_stopping=null"]), with_patience(["trainer.early_stopping=5,10"])
        (['trainer.early_stopping=null'], ['trainer.early_stopping.patience=5,10'])
    """
    found = []
    for one in map(Override.parse, overrides):
        if one.key == _STOPPING and one.text.strip().isdecimal():
            found.append(f"{one.sign}{one.key}={{patience: {one.text}}}")  # Also where null or a number was there before.
        elif one.key == _STOPPING and one.text.replace(",", "").strip().isdecimal():
            found.append(f"{one.sign}{one.key}.patience={one.text}")  # Of a sweep, whose jobs are called by it.
        else:
            found.append(one.whole)
    return found


def meant_key(override: str) -> str:
    """Return the key that an override sets the value of, which may be another than the one that is written.

    Example:
        >>> [meant_key(one) for one in ("params=200k", "trainer.early_stopping=5", "trainer.early_stopping={patience:5}")]
        ['budget.params', 'trainer.early_stopping.patience', 'trainer.early_stopping']
    """
    one = Override.parse(override)
    if one.key == _STOPPING and not one.text.startswith("{"):
        return f"{_STOPPING}.patience"
    return f"budget.{one.key}" if one.key in {kind.name for kind in KINDS} else one.key
