"""Profiles of a device of which only the times of whole networks are known: a phone, an accelerator, a published table."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.latency.correction import Correction
from zen_lightning.latency.fit import MeasuredNetwork, held_out_error
from zen_lightning.latency.kind_costs import KindCosts, fit_kind_costs
from zen_lightning.latency.operations import Operation, network_operations
from zen_lightning.latency.profile import HeldOut, Profile
from zen_lightning.latency.settings import LatencySettings

LEAST = 10
"""Fewest networks of a profile. A choice: with 20 the error was under 3% on two GPUs (docs/benchmarks.md, "Few networks")."""

_FOLDS = 5
"""Parts of the networks, each predicted from the others for the error that the profile states. A choice, usual."""

_SOURCE = {"title": "the times of whole networks"}


def profile_of_networks(
    networks: Sequence[MeasuredNetwork],
    settings: LatencySettings,
    name: str,
    date: str,
    use_se: Sequence[bool] | None = None,
    source: dict[str, str] | None = None,
    seed: int = 0,
) -> Profile:
    """Return the profile of a device from the times of whole networks.

    The time of a network is a sum over its operations, and that of an operation a sum of four costs of its kind: see
    :class:`~zen_lightning.latency.kind_costs.KindCosts`. The error is that of five-fold cross-validation; the profile itself is
    fitted on all networks.

    Args:
        networks: ten or more, of the kind that is to be predicted.
        settings: how they were run.
        name: of the profile.
        date: of today, as the profile keeps it.
        use_se: whether each has squeeze-and-excitation; None: without, but for blocks whose name ends in ``SE``.
        source: where the times come from: ``title``, ``url``, ``licence``, ``note``.
        seed: of the five parts.

    Raises:
        UserError: too few networks, a time that is not above 0, or a network that latency is not predicted for.
    """
    check_count(len(networks))
    for network in networks:
        if not network.milliseconds > 0:
            raise UserError(f"{network.architecture} has a latency of {network.milliseconds} ms", expected="a number above 0")
    gates = use_se if use_se is not None else [False] * len(networks)
    operations = [_operations(one, settings, gated) for one, gated in zip(networks, gates, strict=True)]
    seconds = [one.milliseconds / 1000 for one in networks]
    predicted = _cross_validated(operations, seconds, name, seed)
    held_out = held_out_error(predicted, seconds, [0.0] * len(seconds))
    rows = [
        {
            "structure": str(one.architecture),
            "milliseconds": float(f"{one.milliseconds:.6g}"),
            "predicted": float(f"{1000 * guess:.6g}"),
            "held_out": True,
        }
        for one, guess in zip(networks, predicted, strict=True)
    ]
    return Profile(
        name=name,
        settings=replace(settings, elsewhere=True),
        device={"name": settings.device, "driver": None, "clocks": {}, "versions": {}},
        date=date,
        seconds=0.0,
        points={},
        regressions={},
        correction=Correction().as_dict(),
        held_out=held_out,
        networks=rows,
        unsteady={},
        whole=fit_kind_costs(operations, seconds, name).as_dict(),
        source=source or _SOURCE,
    )


def learning_curve(
    networks: Sequence[MeasuredNetwork], counts: Sequence[int], settings: LatencySettings, draws: int = 3
) -> dict[int, HeldOut]:
    """Return the errors on all other networks when a device is known by only so many, the median of several draws.

    Args:
        networks: all that are known.
        counts: how many a profile is fitted on.
        settings: how they were run.
        draws: random choices for each count; of the median draw, by its median error, the errors are returned.
    """
    operations = [_operations(one, settings, False) for one in networks]
    seconds = [one.milliseconds / 1000 for one in networks]
    found: dict[int, HeldOut] = {}
    for count in counts:
        errors: list[HeldOut] = []
        for draw in range(draws):
            order = Random(f"{draw}/{count}").sample(range(len(networks)), len(networks))
            known, others = order[:count], order[count:]
            costs = fit_kind_costs([operations[n] for n in known], [seconds[n] for n in known], "drawn")
            predicted = [_sum(costs, operations[n]) for n in others]
            errors.append(held_out_error(predicted, [seconds[n] for n in others], [0.0] * len(others)))
        middle = statistics.median_low(one.median for one in errors)
        found[count] = next(one for one in errors if one.median == middle)
    return found


def _cross_validated(operations: Sequence[list[Operation]], seconds: Sequence[float], name: str, seed: int) -> list[float]:
    """Return the time of each network as the other four parts predict it."""
    order = Random(f"{seed}/folds").sample(range(len(seconds)), len(seconds))
    predicted = [0.0] * len(seconds)
    for fold in range(_FOLDS):
        inside = set(order[fold::_FOLDS])
        others = [number for number in order if number not in inside]
        costs = fit_kind_costs([operations[n] for n in others], [seconds[n] for n in others], name)
        for number in inside:
            predicted[number] = _sum(costs, operations[number])
    return predicted


def _sum(costs: KindCosts, operations: Sequence[Operation]) -> float:
    """Return the sum over operations; those of a kind that no other network has count nothing here."""
    return sum(costs.unbounded(operation) for operation in operations)


def _operations(network: MeasuredNetwork, settings: LatencySettings, use_se: bool) -> list[Operation]:
    if not isinstance(network.architecture, Architecture):
        raise UserError(f"latency is predicted for rows of super-blocks, not for {network.architecture}")
    blocks = network.architecture.blocks
    return network_operations(blocks, network.resolution, network.num_classes, settings.fold_batch_norms, use_se)


def check_count(networks: int) -> None:
    """Raise a UserError where there are too few networks for a profile."""
    if networks < LEAST:
        what = f"a profile is made from the times of {LEAST} networks or more, and here are {networks}"
        raise UserError(what, remedy="measure more, of different sizes; 30 to 100 are better", key="networks")
