"""Keys that have moved into a group: the old spelling is taken, and answered with the new one."""

from collections.abc import Sequence

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
