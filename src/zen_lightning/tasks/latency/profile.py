"""``task=profile``: measure a device once, so that latencies can be predicted for it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from omegaconf import DictConfig

from zen_lightning.api.timing import profile
from zen_lightning.errors import UserError
from zen_lightning.latency.grid import Extent
from zen_lightning.latency.profiler import summary
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.report.terminal.progress import profile_progress
from zen_lightning.runs.names import RESULT
from zen_lightning.system.numbers import short_time
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.latency.setup import SETTINGS, extent_of, output_path, settings_of


class Request(NamedTuple):
    """What the command asks to measure.

    Attributes:
        settings: what the profile is for.
        extent: how much to measure.
        output: its file.
    """

    settings: LatencySettings
    extent: Extent
    output: Path


def read_request(config: DictConfig) -> Request:
    """Return what the command asks to measure.

    Raises:
        UserError: something in the configuration cannot be used, or the device is not there.
    """
    output = output_path(config)
    settings, *others = settings_of(config)
    if others:
        remedy = "give latency.batch_size= one count, and make a profile for each"
        raise UserError("a profile is for one batch size", key="latency.batch_size", remedy=remedy)
    if output.exists():
        remedy = "move it away to measure again, or choose another output="
        raise UserError(f"{output} is there already", key="output", remedy=remedy)
    extent = extent_of(config, settings)
    check_present(settings)
    seconds = [config.extent.operation_seconds, config.extent.network_seconds]
    if any(value is not None and not value > 0 for value in seconds):
        names = "extent.operation_seconds", "extent.network_seconds"
        raise UserError(" and ".join(names), key="extent", remedy="expected seconds above 0", involves=names)
    return Request(settings, extent, output)


@dataclass
class ExtentKeys:
    """How much ``task=profile`` measures; null is the default of the device."""

    flops: list[float] | None = None
    drawn: int | None = None
    fitted: int | None = None
    held_out: int | None = None
    networks_from: int | None = None
    operation_seconds: float | None = None
    network_seconds: float | None = None


@dataclass
class ProfileKeys:
    """The keys of ``task=profile``."""

    output: str | None = None
    device: str = "cpu"
    extent: ExtentKeys = field(default_factory=ExtentKeys)


class ProfileDevice(Task[ProfileKeys]):
    """Measures a device once, so that latencies can be predicted for it."""

    name = "profile"
    Keys = ProfileKeys
    groups = tuple(f"latency.{key}" for key in SETTINGS)
    files = (RESULT,)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be measured."""
        output, settings = checks.ask("output", output_path), checks.ask("device", settings_of)
        if settings:
            checks.ask("extent", lambda config: extent_of(config, settings[0]))
        # What else there is to refuse needs both; each refusal above is noted once.
        asked = checks.ask("output", read_request) if output is not None and settings else None
        if asked is not None:
            checks.tell("profile of", asked.settings.summary())
            checks.tell("output", str(asked.output))

    def run(self) -> float:
        """Measure operations and networks on ``device=``, fit what predicts, and write ``output=`` and ``result.json``.

        Returns:
            the median error on the networks held out.

        Raises:
            UserError: something in the configuration cannot be used, or the device is not there.
        """
        settings, extent, output = read_request(self.config)
        print(f"profiling {settings.summary()}; after a stop, the same command continues it", flush=True)
        wanted = self.config.extent
        with profile_progress() as progress:
            found = profile(
                output,
                settings,
                extent,
                operation_seconds=wanted.operation_seconds,
                network_seconds=wanted.network_seconds,
                seed=self.config.seed,
                notify=progress,
            )
        print(f"\n{found.held_out}")
        unsteady = ", ".join(f"{share:.0%} of the {what}" for what, share in found.unsteady.items())
        print(f"measured in {short_time(found.seconds)}; unsteady: {unsteady}")
        if found.warning:
            print(found.warning)
        by_name = output.parent.resolve() == Path("profiles").resolve()
        print(f"{output}: use it by latency.profile={output.stem if by_name else output}")
        self.leave({**summary(found), "output": str(output)})
        return found.held_out.median
