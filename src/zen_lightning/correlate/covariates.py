"""Covariates of the networks of a study: their costs, and other columns of the table."""

from collections.abc import Collection, Mapping, Sequence

import torch

from zen_lightning.arch.conv_counts import conv_counts
from zen_lightning.budget import COUNTED as COUNTED_KINDS
from zen_lightning.correlate.named import NamedNetwork, Network
from zen_lightning.errors import UserError, nearest

COSTS = ("flops", "params", "layers")
"""Costs that are always counted."""

_CONVOLUTIONS = ("convolutions", "activations", "se")
_KINDS = {kind.column: kind for kind in COUNTED_KINDS}

COUNTED = (*_CONVOLUTIONS, *(column for column in _KINDS if column not in COSTS))
"""Costs that are counted where the table has no column of that name."""


def costs_of(
    names: Sequence[str],
    architectures: Sequence[Network],
    columns: Mapping[str, Sequence[float | None]],
    resolution: int,
    num_classes: int,
) -> dict[str, list[float]]:
    """Return the named quantities of every network.

    ``flops``, ``params`` and ``layers`` are counted, exactly, at the resolution and the classes of the study. So are
    ``convolutions`` (projections included), ``activations`` (elements of the outputs of all convolutions, for one image),
    ``peak_activations`` (of them, as many as are alive at once: :meth:`~zen_lightning.arch.BaseArchitecture.peak_activations`)
    and ``se`` (layers with a squeeze-and-excitation of their own), unless the table has a column of that name. Any other name
    is a column of the table.

    A network of torchvision or timm keeps its 1,000 classes; its layers are its convolutions, and those inside a
    squeeze-and-excitation count. ``se`` and ``peak_activations`` are not counted there.

    Args:
        names: names of the quantities.
        architectures: the networks.
        columns: columns of the table, whose cells are numbers or None.
        resolution: height and width of the images.
        num_classes: outputs of the classifiers.

    Raises:
        UserError: there is no such quantity, a cell of it is no number, or it cannot be counted of a network.
    """
    found: dict[str, list[float]] = {}
    wanted = {name for name in names if name in COSTS or (name in COUNTED and name not in columns)}
    counts = [_counts(one, resolution, num_classes, wanted) for one in architectures] if wanted else []
    for name in dict.fromkeys(names):
        if name in columns and name not in COSTS:
            found[name] = _whole(name, columns[name])
        elif name in wanted:
            found[name] = [_count(name, count, network) for network, count in zip(architectures, counts, strict=True)]
        else:
            known = list(dict.fromkeys([*COSTS, *COUNTED, *columns]))
            raise UserError(f"there is no {name!r}{nearest(name, known) or '.'} There are: {', '.join(known)}")
    return found


def _counts(network: Network, resolution: int, num_classes: int, wanted: Collection[str]) -> dict[str, float]:
    """Return what is counted of a network, as far as it is wanted: walking through the convolutions takes long."""
    if isinstance(network, NamedNetwork):
        try:
            layers = network.counts(resolution)
        except UserError as error:
            raise UserError(f"{network}: {error}") from error
        costs = {"flops": layers.multiply_adds, "params": network.num_params(), "layers": layers.convolutions}
        return {**costs, "convolutions": layers.convolutions, "activations": layers.activations}
    counts: dict[str, float] = {
        column: kind.count(network, resolution, num_classes) for column, kind in _KINDS.items() if column in wanted
    }
    if any(name in wanted for name in _CONVOLUTIONS):
        convs = conv_counts(network, resolution)
        counts |= {"convolutions": convs.convolutions, "activations": convs.activations, "se": convs.gates}
    return counts


def _count(name: str, counts: Mapping[str, float], network: Network) -> float:
    if name not in counts:
        raise UserError(f"{name} cannot be counted of {network}", remedy=f"add a column {name!r} to the table")
    return float(counts[name])


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
        what = f"the column {name!r} holds no number in {missing:,} of {len(column):,} rows"
        raise UserError(what, remedy="choose another")
    return [value for value in column if value is not None]
