"""What the figure of a run was measured by: figures of different proxies or datasets are not on one scale."""

from pathlib import Path

from zen_lightning.runs.result import ResultError, read_result

_NAMED = (("proxy", "by"), ("metric", "of"), ("dataset", "on"))
"""Fields of a result that say it, in the order in which the first counts, and the word before them in a sentence."""


def scale_of(folder: Path) -> str:
    """Return by what, or on what, the run in a folder was measured: ``by zen``, ``on cifar10``; empty where nothing says it.

    Args:
        folder: of the run.
    """
    try:
        result = read_result(folder)
    except ResultError:
        return ""
    return next((f"{word} {result[key]}" for key, word in _NAMED if isinstance(result.get(key), str)), "")
