"""From the configuration to what a latency is measured or predicted by."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.at_hand import warnings_of
from zen_lightning.latency.grid import Extent, default_extent
from zen_lightning.latency.profile import Profile, find_profile
from zen_lightning.latency.settings import LatencySettings, default_settings
from zen_lightning.runs.command import Command
from zen_lightning.system.named_path import expanded

SETTINGS = ("batch_size", "dtype", "fold", "channels_last", "threads", "cuda_graph")
"""Keys of ``latency`` that say how any network is run."""

ENGINE = ("engine", "compile")
"""Those that say by what; profiles are of torch alone."""

_PARAMETERS = {"device": "device", "fold_batch_norms": "latency.fold"} | {key: f"latency.{key}" for key in (*SETTINGS, *ENGINE)}


def settings_of(config: DictConfig) -> list[LatencySettings]:
    """Return the settings of the command, one for each batch size.

    Raises:
        UserError: a value that cannot be used.
    """
    how = config.latency
    sizes = OmegaConf.to_container(how.batch_size) if OmegaConf.is_config(how.batch_size) else [how.batch_size]
    whole = isinstance(sizes, list) and all(size is None or type(size) is int for size in sizes)
    if not sizes or not whole:
        raise UserError(key="latency.batch_size", value=how.batch_size, expected="a count of images, or a list of counts")
    with keyed(_PARAMETERS):
        return [
            default_settings(
                config.device,
                batch_size=size,
                fold_batch_norms=how.fold,
                **{key: how[key] for key in (*SETTINGS[1:], *ENGINE) if key != "fold"},
            )
            for size in sizes
        ]


def extent_of(config: DictConfig, settings: LatencySettings) -> Extent:
    """Return how much a profile is to measure.

    Raises:
        UserError: a value that cannot be used.
    """
    wanted: dict[str, Any] = {
        str(key): value for key, value in config.extent.items() if value is not None and not str(key).endswith("_seconds")
    }
    unknown = wanted.keys() - Extent.__dataclass_fields__
    if unknown:
        listed = ", ".join(Extent.__dataclass_fields__)
        raise UserError(f"unknown key extent.{min(unknown)}: an extent has {listed}", key=f"extent.{min(unknown)}")
    if "flops" in wanted:
        bounds = list(wanted["flops"])
        if len(bounds) != 2 or not 1e6 <= float(bounds[0]) < float(bounds[1]):
            expected = "the FLOPs of the smallest and the largest network, [8e6,2.5e9]"
            raise UserError(key="extent.flops", value=bounds, expected=expected)
        wanted["flops"] = (float(bounds[0]), float(bounds[1]))
    for key, least in (("drawn", 0), ("fitted", 2), ("held_out", 2), ("networks_from", 2)):
        if key in wanted and wanted[key] < least:
            raise UserError(key=f"extent.{key}", value=wanted[key], expected=f"{least} or more")
    return Extent(**{**vars(default_extent(settings)), **wanted})


def refuse_settings_beside(profile: Profile, command: Command) -> None:
    """Raise a UserError if both the command and a profile set how networks are run."""
    said = sorted(command.keys & {"device", *(f"latency.{key}" for key in (*SETTINGS, *ENGINE))})
    if said:
        what = f"cannot be combined with latency.profile={profile.name}, which is for {profile.settings.summary()}"
        raise UserError(f"{said[0]}= {what}", key=said[0])


def profile_named(name: str) -> Profile:
    """Return the profile that ``latency.profile=`` names; errors as for :func:`find_profile`."""
    with keyed({"name": "latency.profile"}):
        return find_profile(name)


def warn_of(profile: Profile) -> None:
    """Print the warnings of a profile."""
    for warning in warnings_of(profile):
        print(warning, flush=True)


def output_path(config: DictConfig) -> Path:
    """Return where a profile goes.

    Raises:
        UserError: the command does not say, or says no ``.json`` file.
    """
    if config.output is None:
        remedy = "the file of the profile, such as output=profiles/laptop.json"
        raise UserError("task=profile needs output=", key="output", remedy=remedy)
    if not str(config.output).endswith(".json"):
        expected = "a file that ends in .json, such as output=profiles/laptop.json"
        raise UserError(key="output", value=config.output, expected=expected)
    return expanded(config.output)
