"""What else is known of the networks of a study: their costs, and other columns of the table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError, nearest

COSTS = ("flops", "params", "layers")
"""What can be counted of any architecture."""


def costs_of(
    names: Sequence[str],
    architectures: Sequence[BaseArchitecture],
    columns: Mapping[str, Sequence[float | None]],
    resolution: int,
    num_classes: int,
) -> dict[str, list[float]]:
    """Return the named quantities of every network.

    ``flops``, ``params`` and ``layers`` are counted, exactly, at the resolution and the classes of the study; any other name is
    a column of the table.

    Args:
        names: of what is wanted.
        architectures: the networks.
        columns: of the table, whose cells are numbers or None.
        resolution: height and width of the images.
        num_classes: outputs of the classifiers.

    Raises:
        UserError: there is no such quantity, or a cell of it is no number.
    """
    counts: dict[str, Callable[[Any], float]] = {
        "flops": lambda architecture: architecture.flops(resolution, num_classes),
        "params": lambda architecture: architecture.num_params(num_classes),
        "layers": lambda architecture: architecture.num_layers,
    }
    found = {}
    for name in dict.fromkeys(names):
        if name in counts:
            found[name] = [float(counts[name](architecture)) for architecture in architectures]
        elif name in columns:
            found[name] = _whole(name, columns[name])
        else:
            known = [*counts, *columns]
            raise UserError(f"there is no {name!r}{nearest(name, known) or '.'} There are: {', '.join(known)}")
    return found


def without_effect(accuracies: Sequence[float], covariates: Sequence[Sequence[float]]) -> list[float]:
    """Return accuracies less the linear effect of covariates, fitted by least squares; their mean stays.

    Example:
        >>> [round(value, 6) for value in without_effect([1.0, 2.0, 4.0, 5.0], [[0.0, 0.0, 1.0, 1.0]])]
        [2.5, 3.5, 2.5, 3.5]
    """
    if not covariates:
        return list(accuracies)
    y_n = torch.tensor(accuracies, dtype=torch.float64)
    x_nc = torch.tensor(covariates, dtype=torch.float64).T
    x_nc = x_nc - x_nc.mean(0)
    effect_n = x_nc @ torch.linalg.lstsq(x_nc, y_n[:, None], driver="gelsd").solution[:, 0]
    values: list[float] = (y_n - effect_n).tolist()
    return values


def _whole(name: str, column: Sequence[float | None]) -> list[float]:
    missing = sum(value is None for value in column)
    if missing:
        raise UserError(f"the column {name!r} is no number in {missing:,} of {len(column):,} rows: choose another")
    return [value for value in column if value is not None]
