"""What the folders of a sweep's jobs are called: the number, and what sets a job apart from the others."""

from collections.abc import Sequence
from pathlib import Path

from zen_lightning.config.resolvers import sanitize
from zen_lightning.runs.names import BEST_STRUCTURE
from zen_lightning.runs.overrides import Override, apart, parse_overrides

_LONGEST_VALUE = 32
"""Characters of a value in a name: whole structures are values too. A choice: the number tells jobs apart in any case."""


def job_names(job_overrides: Sequence[Sequence[str]]) -> list[str]:
    """Return a name for each job: what it says that not all of them say; of a single job, all that it says.

    Args:
        job_overrides: the overrides of each.

    Example:
        >>> job_names([["task=train", "recipe.lr=0.4", "seed=0"], ["task=train", "recipe.lr=0.8", "seed=0"]])
        ['lr=0.4', 'lr=0.8']
    """
    varying = [list(parse_overrides(overrides)) for overrides in apart(job_overrides)]
    keys = {one.key for job in varying for one in job}
    short = {key: _short(key, keys) for key in keys}
    return [sanitize("_".join(f"{short[one.key]}={_value(one)}" for one in job)) for job in varying]


def _short(key: str, keys: set[str]) -> str:
    """Return the last part of a key, where no other key has the same."""
    last = key.rpartition(".")[2]
    return last if [other.rpartition(".")[2] for other in keys].count(last) == 1 else key


def _value(one: Override) -> str:
    """Return a value, cut; of a path its last part, and of a search's answer the folder of the search."""
    path = Path(one.value)
    if "/" in one.value and "(" not in one.value:
        return (path.parent.name if path.name == BEST_STRUCTURE else path.name)[-_LONGEST_VALUE:]
    return one.value[:_LONGEST_VALUE]
