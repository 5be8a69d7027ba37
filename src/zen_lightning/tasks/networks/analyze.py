"""``task=analyze``: what an architecture costs, stage by stage."""

from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.api.analysis import Analysis, analyze, profile_of
from zen_lightning.api.layer_files import LAYERS, write_layers
from zen_lightning.budget import counts
from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.at_hand import warnings_of
from zen_lightning.latency.profile import Profile
from zen_lightning.report.estimate import estimate_lines
from zen_lightning.report.terminal.layers import layer_lines
from zen_lightning.report.terminal.network import stage_table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.names import RESULT
from zen_lightning.system.value_types import Classes, CountFrom0, OneNetwork, Pixels
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.architecture_source import read_setting
from zen_lightning.tasks.networks.checking import tell_architecture


@dataclass
class AnalyzeKeys:
    """The keys of ``task=analyze``."""

    arch: OneNetwork | None = None
    resolution: Pixels = 224
    num_classes: Classes = 1000
    use_se: bool | None = None
    layer_rows: CountFrom0 = 12


class Analyze(Task[AnalyzeKeys]):
    """Shows what an architecture costs, stage by stage.

    Resolution and classes are those of the run where ``arch`` is the folder of one, and those published where it is a name of
    the zoo, unless the command says otherwise. With ``latency.profile=`` its latency on that device is predicted.
    """

    name = "analyze"
    Keys = AnalyzeKeys
    groups = ("budget", "latency.profile")
    files = (RESULT, LAYERS)
    sections = ("request.answer", "network.network", "layers.layers", "published.published", "known.known_networks")

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and the network."""
        checks.ask("arch", _asked)
        checks.ask("layer_rows", _check_rows)
        tell_architecture(checks)
        checks.ask("latency.profile", _profile)

    def run(self) -> float | None:
        """Print the stages of ``arch=`` and its Zen-score in closed form, and write ``result.json``.

        Returns:
            the Zen-score, or None where there is no closed form.

        Raises:
            UserError: ``arch`` is missing or names no architecture.
        """
        source = _asked(self.config)
        _check_rows(self.config)
        found = analyze(source, *read_setting(self.config, self.command, source), profile=_profile(self.config))
        stage_table(found.architecture, *found.setting).print()
        if found.setting.use_se:
            published = ", as it was published" if source.strip() in zoo.names() else ""
            print(f"\nwith squeeze-and-excitation{published}")
        if found.reason:
            print(f"\nno Zen-score in closed form: {found.reason}")
        else:
            readings = f"{found.zen_running:.3f} (running variance), {found.zen_batch:.3f} (batch variance)"
            print(f"\nZen-score in closed form: {readings}")
        for line in estimate_lines(found.estimate) if found.estimate else ():
            print(wrapped(line))
        if found.profile is not None and found.latency is not None:
            on = f"{found.profile.settings.summary()}, by the profile {found.profile.name}"
            print(f"predicted latency: {found.latency.milliseconds:.4g} ± {found.latency.uncertainty:.2g} ms an image; {on}")
            for warning in warnings_of(found.profile):
                print(warning)
        layers = found.layer_rows
        write_layers(self.folder, layers, [row.block for row in found.stages])
        if self.keys.layer_rows:
            print()
            layer_lines(layers, self.keys.layer_rows).print()
        self.leave(
            {
                "structure": str(found.architecture),
                **counts(found.architecture, *found.setting),
                **{key: getattr(found, key) for key in ("zen_running", "zen_batch")},
                **found.setting._asdict(),
                "estimate": found.estimate,
                **_latency(found),
                "stages": [row._asdict() for row in found.stages],
                "layer_table": LAYERS,
            }
        )
        print(self.listed())
        return found.zen_running


def _latency(found: Analysis) -> dict[str, Any]:
    if found.profile is None or found.latency is None:
        return {}
    milliseconds, uncertainty = found.latency
    return {"latency": {"profile": found.profile.name, "predicted_ms": milliseconds, "uncertainty_ms": uncertainty}}


def _profile(config: DictConfig) -> Profile | None:
    """Return the profile that ``latency.profile=`` names; None without."""
    with keyed({"name": "latency.profile"}):
        return profile_of(config.latency.profile)


def _check_rows(config: DictConfig) -> None:
    """Raise a UserError where fewer rows than none are asked for."""
    if config.layer_rows < 0:
        raise UserError(key="layer_rows", value=config.layer_rows, expected="0 or more")


def _asked(config: DictConfig) -> str:
    """Return what ``arch=`` names.

    Raises:
        UserError: nothing, or several.
    """
    if not isinstance(config.arch, str):
        remedy = "one structure, name of the zoo, file, or folder of a run"
        raise UserError("task=analyze needs arch=", key="arch", remedy=remedy)
    return config.arch
