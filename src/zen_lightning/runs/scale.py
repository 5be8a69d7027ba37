"""What the figure of a run was measured by: figures of different proxies or datasets are not on one scale."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zen_lightning.runs.result import ResultError, read_result

_NAMED = (("proxy", "by"), ("metric", "of"), ("dataset", "on"))
"""Fields of a result that say it, in the order in which the first counts, and the word before them in a sentence."""


def scale_of(folder: Path, recorded: str | None = None) -> str:
    """Return by what, or on what, the run in a folder was measured; see :func:`scale_in`. Empty without a result.

    Args:
        folder: of the run.
        recorded: what a sweep has noted of it, where it has: the result is not read then.
    """
    if recorded is not None:
        return recorded
    try:
        return scale_in(read_result(folder))
    except ResultError:
        return ""


def scale_in(result: Mapping[str, Any]) -> str:
    """Return by what, or on what, a run was measured, as its result says it; empty where nothing does.

    Example:
        >>> scale_in({"proxy": "zen"}), scale_in({"val_top1": 91.5, "dataset": "cifar10"}), scale_in({})
        ('by zen', 'on cifar10', '')
    """
    return next((f"{word} {result[key]}" for key, word in _NAMED if isinstance(result.get(key), str)), "")
