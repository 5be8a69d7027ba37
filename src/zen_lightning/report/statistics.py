"""Figures of several runs: mean and standard deviation, and their groups."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zen_lightning.system.numbers import short_count

_SHORT_FROM = 10_000
"""Means from this one up are written like counts, as 1.04M. A choice: accuracies and scores are smaller."""

_MOST_DECIMALS = 6
"""Decimals at most. A choice: smaller deviations are rounding errors of float32."""


class Summary(NamedTuple):
    """A metric over several runs.

    Attributes:
        values: the values of each run that has it.
        mean: None without a value.
        std: sample standard deviation (n - 1); None for fewer than two values.
    """

    values: tuple[float, ...]
    mean: float | None
    std: float | None

    @property
    def n(self) -> int:
        """How many runs have the metric."""
        return len(self.values)


class Group(NamedTuple):
    """Runs of the same settings.

    Attributes:
        settings: one for each key that runs are grouped by.
        runs: how many there are.
        metrics: the metrics, by name.
    """

    settings: tuple[str, ...]
    runs: int
    metrics: dict[str, Summary]


class Row(NamedTuple):
    """What a run brings to a table: its settings, one for each key, and its metrics; None for one that it does not have."""

    settings: tuple[str, ...]
    metrics: Mapping[str, float | None]


def summarise(values: Sequence[float]) -> Summary:
    """Return mean and sample standard deviation.

    Example:
        >>> summarise([96.0, 96.2, 96.4])[1:]
        (96.2, 0.20000000000000284)
        >>> summarise([96.0]).std is None
        True
    """
    kept = tuple(float(value) for value in values)
    return Summary(kept, statistics.fmean(kept) if kept else None, statistics.stdev(kept) if len(kept) > 1 else None)


def grouped(rows: Sequence[Row], names: Sequence[str]) -> list[Group]:
    """Return a group for each different setting, those with numbers in the order of the numbers.

    Args:
        rows: one for each run.
        names: the names of the metrics to sum up.
    """
    members: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        members.setdefault(row.settings, []).append(row)
    groups = []
    for settings in sorted(members, key=lambda settings: tuple(map(_natural, settings))):
        known = {name: [row.metrics.get(name) for row in members[settings]] for name in names}
        metrics = {name: summarise([value for value in values if value is not None]) for name, values in known.items()}
        groups.append(Group(settings, len(members[settings]), metrics))
    return groups


def summary_text(name: str, summary: Summary) -> str:
    """Return a metric as it is read: the standard deviation with two digits, and the mean to the same decimal.

    Example:
        >>> summary_text("val_top1", summarise([96.0, 96.2, 96.4])), summary_text("params", summarise([1_041_000]))
        ('96.20 ± 0.20', '1.04M')
    """
    if summary.mean is None:
        return ""
    if abs(summary.mean) >= _SHORT_FROM:
        mean, std = short_count(summary.mean), short_count(summary.std or 0)
    else:
        decimals = 2 if is_percent(name) else _decimals(summary.std)
        mean, std = (_rounded(value, decimals) for value in (summary.mean, summary.std or 0.0))
    # An accuracy that is the same for all seeds is a finding; as many parameters are none.
    same = summary.std == 0 and not is_percent(name)
    return mean if summary.std is None or same else f"{mean} ± {std}"


def is_percent(name: str) -> bool:
    """Whether a metric is an accuracy in percent."""
    return name.rpartition(".")[2].endswith(("top1", "top5"))


def _rounded(value: float, decimals: int | None) -> str:
    return f"{value:.6g}" if decimals is None else f"{value:.{decimals}f}"


def _decimals(std: float | None) -> int | None:
    if not std:
        return None
    return min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(std))))


def _natural(text: str) -> tuple[int, float, str]:
    try:
        number = float(text)
    except ValueError:
        return 1, 0.0, text
    return 0, number, text
