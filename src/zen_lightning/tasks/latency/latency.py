"""``task=latency``: how long networks take on a device."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.latency.device_facts import device_facts
from zen_lightning.latency.measure import measure_network
from zen_lightning.latency.measured import Measured
from zen_lightning.latency.predictor import LatencyPredictor, Prediction
from zen_lightning.latency.profile import Profile
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.report.terminal.latency_table import latency_table, milliseconds_text
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_json
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.latency.setup import elsewhere, is_here, profile_named, refuse_settings_beside, settings_of, warn_of
from zen_lightning.tasks.networks.architecture_source import Setting, read_architecture, read_setting, read_sources


class _Network(NamedTuple):
    source: str
    architecture: BaseArchitecture
    setting: Setting


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Time ``arch=``, one architecture or a list, at one batch size or several; print a table and write ``result.json``.

    Resolution, classes and squeeze-and-excitation are each network's own, as for ``task=analyze``. With ``latency.profile=``
    the networks run as the profile says, and what it predicts stands beside what was measured; what it predicts alone, where
    its device is another.

    Returns:
        the first latency of the table, in milliseconds for one image.

    Raises:
        UserError: ``arch`` is missing or names no architecture, or the device is not there.
    """
    networks = networks_of(config, command)
    check_seconds(config)
    profile = profile_named(config.latency.profile) if config.latency.profile is not None else None
    if profile is not None:
        refuse_settings_beside(profile, command)
        warn_of(profile)
    here = profile is None or is_here(profile)
    if profile is not None and not here:
        print(elsewhere(profile))
    settings = [profile.settings] if profile is not None else settings_of(config)
    if here:
        for one in settings:
            check_present(one)
    rows, first = [], None
    for network in networks:
        latencies = []
        for one in settings:
            predicted = _predict(profile, network) if profile is not None else None
            measured = _measure(config, network, one) if here else None
            latencies.append((one.batch_size, measured, predicted))
            line = milliseconds_text(measured, predicted)
            print(f"{network.source}, batch {one.batch_size}: {line}", flush=True)
            if first is None:
                first = measured.milliseconds if measured is not None else predicted.milliseconds if predicted else None
        rows.append((network, latencies))
    print()
    latency_table(
        [(network.source, size, measured, predicted) for network, found in rows for size, measured, predicted in found],
        settings[0],
    ).print()
    for network, found in rows:
        for size, measured, _ in found:
            if measured is not None and measured.warning:
                print(f"{network.source}, batch {size}: {measured.warning}")
    facts = device_facts(settings[0].device) if here else (profile.device if profile is not None else {})
    result = {
        "networks": [_row(network, found) for network, found in rows],
        "settings": settings[0].as_dict(),
        "profile": profile.name if profile is not None else None,
        "device": facts,
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)
    print(f"in {folder}: result.json")
    assert first is not None
    return first


def networks_of(config: DictConfig, command: Command = NO_COMMAND) -> list[_Network]:
    """Return the networks that ``arch=`` names.

    Raises:
        UserError: it names none.
    """
    return [
        _Network(source, read_architecture(source, "arch"), read_setting(config, command, source))
        for source in read_sources(config)
    ]


def check_seconds(config: DictConfig) -> None:
    """Raise a UserError unless there is time for a measurement."""
    if not config.measure_seconds > 0:
        raise UserError(f"measure_seconds={config.measure_seconds}: expected seconds above 0")


def _measure(config: DictConfig, network: _Network, settings: LatencySettings) -> Measured:
    return measure_network(network.architecture, settings, *network.setting, seconds=config.measure_seconds)


def _predict(profile: Profile, network: _Network) -> Prediction:
    resolution, num_classes, use_se = network.setting
    return LatencyPredictor(profile, use_se).predict(network.architecture, resolution, num_classes)


def _row(network: _Network, found: list[tuple[int, Measured | None, Prediction | None]]) -> dict[str, Any]:
    resolution, num_classes, use_se = network.setting
    return {
        "source": network.source,
        "structure": str(network.architecture),
        "params": network.architecture.num_params(num_classes, use_se),
        "flops": network.architecture.flops(resolution, num_classes, use_se),
        "layers": network.architecture.num_layers,
        "resolution": resolution,
        "num_classes": num_classes,
        "use_se": use_se,
        "latencies": [
            {
                "batch_size": size,
                **({} if measured is None else {**vars(measured), "spread": measured.spread, "trusted": measured.trusted}),
                **({} if predicted is None else {"predicted_ms": predicted.milliseconds, "uncertainty": predicted.uncertainty}),
            }
            for size, measured, predicted in found
        ],
    }


@dataclass
class LatencyKeys:
    """The keys of ``task=latency``."""

    arch: Any = None
    device: str = "cpu"
    resolution: int = 224
    num_classes: int = 1000
    use_se: bool | None = None
    batch_size: Any = None
    dtype: str | None = None
    fold: bool = True
    channels_last: bool = True
    threads: int | None = None
    engine: str = "torch"
    compile: bool = False
    cuda_graph: bool = False
    measure_seconds: float = 2.0


class Latency(Task[LatencyKeys]):
    """Measures how long networks take."""

    name = "latency"
    Keys = LatencyKeys
    groups = ("budget", "latency.profile")
    files = ("result.json",)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be measured."""
        networks = checks.ask("arch", lambda config: networks_of(config, self.command))
        checks.ask("measure_seconds", check_seconds)
        settings = checks.ask("latency.profile", self._settings)
        if networks:
            checks.tell("networks", str(len(networks)))
        if settings:
            checks.tell("measured by", settings[0].summary(with_batch=False))

    def run(self) -> float:
        """Measure them; the first latency is returned."""
        return run(self.config, self.folder, self.command)

    def _settings(self, config: DictConfig) -> list[LatencySettings]:
        """Return how networks would be measured, one for each batch size."""
        if config.latency.profile is None:
            settings = settings_of(config)
            check_present(settings[0])
            return settings
        found = profile_named(config.latency.profile)
        refuse_settings_beside(found, self.command)
        return [found.settings]
