"""Profiling a device: operations and whole networks are measured, in a journal that a stopped profile continues from."""

import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.latency.clock import clock_for
from zen_lightning.latency.device_facts import device_facts
from zen_lightning.latency.fit import MeasuredNetwork, as_points, fit
from zen_lightning.latency.grid import Extent, grid, reaches
from zen_lightning.latency.operation_pass import operation_pass
from zen_lightning.latency.operations import Operation
from zen_lightning.latency.profile import Profile
from zen_lightning.latency.profile_journal import ProfileJournal
from zen_lightning.latency.runner import check_present, enough_memory, measuring, network_pass
from zen_lightning.latency.samples import sample_networks
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.timing import LARGEST_SPREAD, Clock, Timing, time_calls
from zen_lightning.nets import build_network

RESOLUTION, NUM_CLASSES = 224, 1000
"""What the whole networks are measured at: the setting of the latency presets."""

# A choice that profiles a CPU in under 30 minutes (12 min 30 s on two cores: docs/benchmarks.md, "Latency predicted").
_SWEEPS = 3
"""How often each network is measured: a disturbance of minutes spares one of the sweeps."""

_OPERATION_SECONDS = 0.12
"""Seconds spent on an operation."""

_NETWORK_SECONDS = 0.5
"""Seconds spent on a network in each sweep."""

_NETWORK_WEIGHT = 4.0
"""How much longer than an operation a network takes, roughly: 0.5 s against 0.12 s. For the time that is left."""


class ProfilingStep(NamedTuple):
    """The progress of a profile.

    Attributes:
        done: measurements made.
        total: measurements to make in all.
        resumed: how many of those an earlier run made.
        what: what was measured last.
        share_done: estimated share of this run's time that has passed.
    """

    done: int
    total: int
    resumed: int
    what: str
    share_done: float


class Measurement(NamedTuple):
    """A measurement to make.

    Attributes:
        key: its key in the journal.
        what: what it measures: ``networks``, or a family of operations.
        measure: makes it, and returns its timing.
    """

    key: str
    what: str
    measure: Callable[[], Timing]


class Measurer:
    """Measures operations and networks; tests put another in its place.

    Args:
        settings: how operations and networks are run.
        operation_seconds: spent on an operation; by default 0.12, on a GPU half of that.
        network_seconds: spent on a network, each of three times that it is measured; by default 0.5, on a GPU half of that.
    """

    def __init__(
        self, settings: LatencySettings, operation_seconds: float | None = None, network_seconds: float | None = None
    ) -> None:
        self.settings = settings
        part = 0.5 if settings.on_gpu else 1.0
        self.operation_seconds = operation_seconds or part * _OPERATION_SECONDS
        self.network_seconds = network_seconds or part * _NETWORK_SECONDS
        self._clock: Clock | None = None

    def operation(self, operation: Operation) -> Timing:
        """Return the timing of an operation, for a whole batch."""
        with enough_memory(self.settings):
            run, count = operation_pass(operation, self.settings)
            timing = time_calls(run, self._timer(), self.operation_seconds).over(count)
        del run
        self._free()
        return timing

    def network(self, network: Architecture) -> Timing:
        """Return the timing of a network, for a whole batch."""
        images_bchw = torch.randn(self.settings.batch_size, 3, RESOLUTION, RESOLUTION)
        with enough_memory(self.settings):
            run = network_pass(build_network(network, NUM_CLASSES).eval(), images_bchw, self.settings)
            timing = time_calls(run, self._timer(), self.network_seconds)
        del run
        self._free()
        return timing

    def _free(self) -> None:
        """Give the GPU memory of a deleted graph back: the next graph could not use it."""
        if self.settings.on_gpu:
            torch.cuda.empty_cache()

    def _timer(self) -> Clock:
        if self._clock is None:
            self._clock = clock_for(self.settings)
        return self._clock


def profile_device(
    settings: LatencySettings,
    extent: Extent,
    output: Path,
    notify: Callable[[ProfilingStep], None] = lambda step: None,
    measurer: Measurer | None = None,
    seed: int = 0,
) -> Profile:
    """Measure a device, and write its profile; a profile that was stopped is continued.

    Whole networks are measured three times, before the operations, amid them and after them, and the least of the three
    counts: a passing disturbance does not stay in the profile. The networks held out are measured among the others.

    Args:
        settings: what the profile is for.
        extent: how much to measure.
        output: file of the profile; the journal lies beside it until the profile is there.
        notify: called after each measurement.
        measurer: makes the measurements; by default a :class:`Measurer` of the settings.
        seed: seed of the choice of operations and networks.

    Raises:
        UserError: the device is not there, the settings are not those of a profile, or the journal is of another profile.
    """
    if settings.engine != "torch" or settings.compile:
        raise UserError(
            "a profile is of networks that torch runs operation by operation",
            remedy="leave out {engine} and {compile}; networks that run otherwise can be measured (task=latency)",
            involves=["engine", "compile"],
        )
    check_present(settings)
    measurer = measurer or Measurer(settings)
    facts = device_facts(settings.device)
    identity = {
        "settings": settings.as_dict(),
        "device": facts["name"],
        "versions": facts["versions"],
        "extent": list(vars(extent).values()),
        "seconds": [measurer.operation_seconds, measurer.network_seconds],
        "seed": seed,
    }
    operations = grid(settings, extent, seed)
    fitted = list(sample_networks(extent.fitted, extent.flops, f"fit/{seed}", RESOLUTION, reaches(extent)))
    held_out = list(sample_networks(extent.held_out, extent.flops, f"held out/{seed}", RESOLUTION, reaches(extent)))
    networks = fitted + [network for network in held_out if network not in set(fitted)]
    with ProfileJournal(output.with_name(f".{output.name}.part"), identity) as journal, measuring(settings):
        seconds = _measure(journal, measurer, operations, networks, notify)
        best = {network: min(journal.seconds(f"{sweep}/{network}") for sweep in range(_SWEEPS)) for network in networks}
        times = {operation: journal.seconds(_key(operation)) / settings.batch_size for operation in operations}
        unsteady = _unsteady(journal, operations, networks)
    measured = [
        MeasuredNetwork(network, RESOLUTION, NUM_CLASSES, 1000 * best[network] / settings.batch_size) for network in networks
    ]
    points, count = as_points(times), len(fitted)
    found = fit(points, measured[:count], measured[count:], settings.fold_batch_norms, output.stem)
    rows = [
        {
            "structure": str(network.architecture),
            "milliseconds": float(f"{network.milliseconds:.6g}"),
            "predicted": float(f"{predicted:.6g}"),
            "held_out": number >= count,
        }
        for number, (network, predicted) in enumerate(zip(measured, found.predicted, strict=True))
    ]
    profile = Profile(
        name=output.stem,
        settings=settings,
        device=device_facts(settings.device),  # Once more: by now the clocks are those of a device at work.
        date=time.strftime("%Y-%m-%d"),
        seconds=round(seconds, 1),
        points=points,
        regressions=found.regressions,
        correction=found.correction.as_dict(),
        held_out=found.held_out,
        networks=rows,
        unsteady=unsteady,
    )
    profile.write(output)
    journal.path.unlink(missing_ok=True)
    return profile


def _measure(
    journal: ProfileJournal,
    measurer: Measurer,
    operations: list[Operation],
    networks: list[Architecture],
    notify: Callable[[ProfilingStep], None],
) -> float:
    """Measure what the journal does not have, and return the seconds spent, all runs together."""
    wanted: list[Measurement] = []
    for sweep in range(_SWEEPS):
        shuffled = Random(f"sweep/{sweep}").sample(networks, len(networks))
        wanted += [Measurement(f"{sweep}/{n}", "networks", lambda n=n: measurer.network(n)) for n in shuffled]  # type: ignore[misc]
        if sweep < _SWEEPS - 1:
            part = operations[sweep :: _SWEEPS - 1]
            wanted += [Measurement(_key(o), o.family, lambda o=o: measurer.operation(o)) for o in part]  # type: ignore[misc]
    missing = [one for one in wanted if one.key not in journal]
    resumed = len(wanted) - len(missing)
    weights = list(accumulate(_NETWORK_WEIGHT if one.what == "networks" else 1.0 for one in missing))
    for number, one in enumerate(missing, start=1):
        journal.add(one.key, one.measure())
        notify(ProfilingStep(resumed + number, len(wanted), resumed, one.what, weights[number - 1] / weights[-1]))
    return journal.spent


def _unsteady(journal: ProfileJournal, operations: list[Operation], networks: list[Architecture]) -> dict[str, float]:
    """Return the parts of operations whose quartiles, and of networks whose sweeps, are more than 10% apart."""
    wide = sum(not journal.timing(_key(operation)).trusted for operation in operations)
    apart = 0
    for network in networks:
        sweeps = [journal.seconds(f"{sweep}/{network}") for sweep in range(_SWEEPS)]
        apart += max(sweeps) > (1 + LARGEST_SPREAD) * min(sweeps)
    return {"operations": round(wide / len(operations), 3), "networks": round(apart / len(networks), 3)}


def _key(operation: Operation) -> str:
    return ",".join(map(str, operation))


def summary(profile: Profile) -> dict[str, Any]:
    """Return a summary of a profile as JSON has it."""
    return {
        "settings": profile.settings.as_dict(),
        "device": profile.device,
        "operations": sum(map(len, profile.points.values())),
        "networks": len(profile.networks),
        "held_out": vars(profile.held_out),
        "unsteady": profile.unsteady,
        "profile_seconds": profile.seconds,
    }
