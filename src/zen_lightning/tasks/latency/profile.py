"""``task=profile``: measure a device once, so that latencies can be predicted for it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from omegaconf import DictConfig, OmegaConf

from zen_lightning.api.network_times import profile_of_times, read_times
from zen_lightning.api.sources import FALLBACK, Setting
from zen_lightning.api.timing import profile
from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.grid import Extent
from zen_lightning.latency.profile import Profile, read_profile
from zen_lightning.latency.profiler import summary
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.report.terminal.progress import profile_progress
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.names import RESULT
from zen_lightning.system.named_path import home_path, path_to_write
from zen_lightning.system.numbers import short_time
from zen_lightning.system.permission import check_writable
from zen_lightning.system.value_types import Classes, CountFrom0, Pixels, Positive, Seconds
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
    output = new_output(config)
    settings, *others = settings_of(config)
    if others:
        remedy = "give latency.batch_size= one count, and make a profile for each"
        raise UserError("a profile is for one batch size", key="latency.batch_size", remedy=remedy)
    extent = extent_of(config, settings)
    check_present(settings)
    seconds = [config.extent.operation_seconds, config.extent.network_seconds]
    if any(value is not None and not value > 0 for value in seconds):
        names = "extent.operation_seconds", "extent.network_seconds"
        raise UserError(" and ".join(names), key="extent", remedy="expected seconds above 0", involves=names)
    return Request(settings, extent, output)


def new_output(config: DictConfig) -> Path:
    """Return the file of the profile.

    Raises:
        UserError: the command does not say, it cannot be written, or is there already, and no run is continued that may have
            written it.
    """
    output = output_path(config)
    if output.exists() and config.resume is None:
        remedy = "move it away to measure again, or choose another output="
        raise UserError(f"{output} is there already", key="output", remedy=remedy)
    check_writable(output, "output")
    return output


@dataclass
class ExtentKeys:
    """How much ``task=profile`` measures; null is the default of the device."""

    flops: list[Positive] | None = None
    drawn: CountFrom0 | None = None
    fitted: CountFrom0 | None = None
    held_out: CountFrom0 | None = None
    networks_from: CountFrom0 | None = None
    operation_seconds: Seconds | None = None
    network_seconds: Seconds | None = None


@dataclass
class ProfileKeys:
    """The keys of ``task=profile``."""

    output: str | None = None
    networks: str | None = None
    column: str | None = None
    unit: str = "ms"
    device: str = "cpu"
    resolution: Pixels = 224
    num_classes: Classes = 1000
    use_se: bool | None = None
    extent: ExtentKeys = field(default_factory=ExtentKeys)


class ProfileDevice(Task[ProfileKeys]):
    """Measures a device once, so that latencies can be predicted for it.

    With ``networks=`` nothing is measured: the profile is made from the times of whole networks on a device that torch does not
    run on, such as a phone.
    """

    name = "profile"
    Keys = ProfileKeys
    groups = tuple(f"latency.{key}" for key in SETTINGS)
    files = (RESULT,)

    @classmethod
    def words(cls, config: DictConfig) -> tuple[str, ...]:
        """Return the device and its dtype where another program has measured."""
        table = OmegaConf.select(config, "networks", throw_on_resolution_failure=False)
        return () if table is None else ("device", "latency.dtype")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be measured."""
        if self.config.networks is not None:
            output, found = checks.ask("output", new_output), checks.ask("networks", self._timed)
            if output is not None and found is not None:
                checks.tell("profile from", f"{found:,} networks of {self.config.networks}")
                checks.tell("output", str(output))
            return
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

        A run that is continued and has its profile already writes the latter alone.

        Returns:
            the median error on the networks held out.

        Raises:
            UserError: something in the configuration cannot be used, or the device is not there.
        """
        table = self.config.networks
        write_record(self.folder, list(self.command.overrides), networks=table and str(home_path(str(table)).absolute()))
        if self.config.resume is not None and output_path(self.config).exists():
            return self._finished()
        if table is not None:
            return self._from_times()
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
        return self._left(found, output)

    def _finished(self) -> float:
        """Summarise the profile that the run has left: it was stopped after that, or is continued though it has ended."""
        output = output_path(self.config)
        found = read_profile(output)
        if self.config.networks is None:
            is_this = found.settings == settings_of(self.config)[0]
        else:
            is_this = _times_of(found) == _times_of(self._of_times(output))
        if not is_this:
            what = f"{output} is there already, of {found.source.get('title') or found.settings.summary()}"
            raise UserError(what, key="output", remedy="move it away to measure again, or choose another output=")
        print(f"{output} is there: nothing is left to measure")
        return self._left(found, output)

    def _timed(self, config: DictConfig) -> int:
        """Return how many networks the table has."""
        return len(read_times(str(config.networks), config.column, config.unit, self._setting())[1])

    def _from_times(self) -> float:
        """Make the profile from the times of whole networks, which somebody measured."""
        output = new_output(self.config)
        found = self._of_times(output)
        found.write(path_to_write(output, "output"))
        print(f"{found.source['title']}: {found.held_out} by the others, in five parts")
        if found.warning:
            print(found.warning)
        return self._left(found, output)

    def _of_times(self, output: Path) -> Profile:
        keys, how = self.keys, self.config.latency
        with keyed({"dtype": "latency.dtype", "batch_size": "latency.batch_size"}):
            return profile_of_times(
                str(keys.networks),
                output.stem,
                column=keys.column,
                unit=keys.unit,
                device=keys.device if self.command.sets("device") else "another device",
                dtype=how.dtype or "",
                batch_size=how.batch_size or 1,
                setting=self._setting(),
                seed=self.config.seed,
            )

    def _setting(self) -> Setting:
        """Return ImageNet's resolution and classes, unless the command says others: those of a budget are not meant."""
        said = {key: getattr(self.keys, key) for key in ("resolution", "num_classes") if self.command.sets(key)}
        return FALLBACK._replace(use_se=bool(self.keys.use_se), **said)

    def _left(self, found: Profile, output: Path) -> float:
        """Say how the profile is used, and write ``result.json``."""
        by_name = output.parent.resolve() == Path("profiles").resolve()
        print(f"{output}: use it by latency.profile={output.stem if by_name else output}")
        self.leave({**summary(found), "output": str(output)})
        return found.held_out.median


def _times_of(profile: Profile) -> tuple[LatencySettings, list[tuple[str, float]]]:
    """Return what a profile of whole networks was made from."""
    return profile.settings, [(row["structure"], row["milliseconds"]) for row in profile.networks]
