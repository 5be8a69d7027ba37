"""``task=latency``: how long networks take on a device."""

import itertools
from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig

from zen_lightning.api.sources import Setting, read_architecture
from zen_lightning.api.timing import Timing, latency
from zen_lightning.budget import counts
from zen_lightning.errors import UserError
from zen_lightning.latency.at_hand import elsewhere, is_here
from zen_lightning.latency.device_facts import device_facts
from zen_lightning.latency.profile import Profile
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.report.terminal.latency_table import latency_table, milliseconds_text
from zen_lightning.runs.names import RESULT
from zen_lightning.system.value_types import Classes, Pixels, Texts
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.latency.setup import (
    ENGINE,
    SETTINGS,
    profile_named,
    refuse_settings_beside,
    settings_of,
    warn_of,
)
from zen_lightning.tasks.networks.architecture_source import read_setting, read_sources


@dataclass
class LatencyKeys:
    """The keys of ``task=latency``."""

    arch: Texts | None = None
    device: str = "cpu"
    resolution: Pixels = 224
    num_classes: Classes = 1000
    use_se: bool | None = None


class Latency(Task[LatencyKeys]):
    """Measures how long networks take.

    Resolution, classes and squeeze-and-excitation are each network's own, as for ``task=analyze``. With ``latency.profile=``
    the networks run as the profile says, and its prediction is shown next to the measurement; what it predicts alone, where
    its device is another.
    """

    name = "latency"
    Keys = LatencyKeys
    groups = ("budget", "latency.profile", "latency.measure_seconds", *(f"latency.{key}" for key in (*SETTINGS, *ENGINE)))
    files = (RESULT,)
    sections = ("latencies.latencies", "latencies.timed_networks")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be measured."""
        networks = checks.ask("arch", self._networks)
        checks.ask("latency.measure_seconds", _check_seconds)
        settings = checks.ask("latency.profile", self._settings)
        if networks:
            checks.tell("networks", str(len(networks)))
        if settings:
            checks.tell("measured by", settings[0].summary(with_batch=False))

    def run(self) -> float:
        """Time ``arch=``, one architecture or a list, at one batch size or several; print a table and write ``result.json``.

        Returns:
            the first latency of the table, in milliseconds for one image.

        Raises:
            UserError: ``arch`` is missing or names no architecture, or the device is not there.
        """
        _check_seconds(self.config)
        networks, settings = self._networks(self.config), self._settings(self.config)
        profile = profile_named(self.config.latency.profile) if self.config.latency.profile is not None else None
        if profile is not None:
            warn_of(profile)
        here = profile is None or is_here(profile)
        if profile is not None and not here:
            print(elsewhere(profile))
        found = [timing for source, setting in networks for timing in self._timed(source, setting, profile, settings, here)]
        print()
        latency_table(
            [(one.source, one.settings.batch_size, one.measured, one.predicted) for one in found], settings[0]
        ).print()
        for one in found:
            if one.measured is not None and one.measured.warning:
                print(f"{one.source}, batch {one.settings.batch_size}: {one.measured.warning}")
        self.leave(
            {
                "networks": [_row(list(timings)) for _, timings in itertools.groupby(found, key=lambda one: one.source)],
                "settings": settings[0].as_dict(),
                "profile": profile.name if profile is not None else None,
                "device": settings[0].device,
                "device_facts": device_facts(settings[0].device) if here else (profile.device if profile else {}),
            }
        )
        print(self.listed())
        return found[0].milliseconds

    def _timed(
        self, source: str, setting: Setting, profile: Profile | None, settings: list[LatencySettings], here: bool
    ) -> list[Timing]:
        seconds = self.config.latency.measure_seconds
        resolution, num_classes, use_se = setting
        return latency(
            source,
            profile=profile,
            settings=settings,
            measure_seconds=seconds,
            resolution=resolution,
            num_classes=num_classes,
            use_se=use_se,
            measure=here,
            notify=_show,
        )

    def _networks(self, config: DictConfig) -> list[tuple[str, Setting]]:
        """Return the networks that ``arch=`` names, each with its resolution, classes and SE."""
        sources = read_sources(config)
        for source in sources:
            read_architecture(source)
        return [(source, read_setting(config, self.command, source)) for source in sources]

    def _settings(self, config: DictConfig) -> list[LatencySettings]:
        """Return how networks would be measured, one for each batch size."""
        if config.latency.profile is None:
            settings = settings_of(config)
            check_present(settings[0])
            return settings
        found = profile_named(config.latency.profile)
        refuse_settings_beside(found, self.command)
        return [found.settings]


def _check_seconds(config: DictConfig) -> None:
    """Raise a UserError unless there is time for a measurement."""
    seconds = config.latency.measure_seconds
    if not seconds > 0:
        raise UserError(key="latency.measure_seconds", value=seconds, expected="seconds above 0")


def _show(timing: Timing) -> None:
    text = milliseconds_text(timing.measured, timing.predicted)
    print(f"{timing.source}, batch {timing.settings.batch_size}: {text}", flush=True)


def _row(timings: list[Timing]) -> dict[str, Any]:
    """Return what the result says of a network at one batch size or several."""
    first = timings[0]
    resolution, num_classes, use_se = first.setting
    return {
        "source": first.source,
        "structure": str(first.architecture),
        **counts(first.architecture, resolution, num_classes, use_se),
        **first.setting._asdict(),
        "latencies": [{"batch_size": one.settings.batch_size, **_measured(one), **_predicted(one)} for one in timings],
    }


def _measured(timing: Timing) -> dict[str, Any]:
    found = timing.measured
    return {} if found is None else {**vars(found), "spread": found.spread, "trusted": found.trusted}


def _predicted(timing: Timing) -> dict[str, Any]:
    found = timing.predicted
    return {} if found is None else {"predicted_ms": found.milliseconds, "uncertainty": found.uncertainty}
