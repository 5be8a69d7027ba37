"""From the configuration to what a latency is measured or predicted by."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.device_facts import device_name, library_versions
from zen_lightning.latency.grid import Extent, default_extent
from zen_lightning.latency.profile import Profile, find_profile
from zen_lightning.latency.settings import LatencySettings, default_settings
from zen_lightning.runs.command import Command

SETTING_KEYS = ("device", "dtype", "batch_size", "fold", "channels_last", "threads", "engine", "compile", "cuda_graph")
"""Keys of the command line that say how a network is run."""


def settings_of(config: DictConfig) -> list[LatencySettings]:
    """Return the settings of the command, one for each batch size.

    Raises:
        UserError: a value that cannot be used.
    """
    sizes = OmegaConf.to_container(config.batch_size) if OmegaConf.is_config(config.batch_size) else [config.batch_size]
    if not isinstance(sizes, list) or not sizes:
        raise UserError(f"batch_size={config.batch_size}: expected a count of images, or a list of counts")
    for size in sizes:
        if size is not None and (not isinstance(size, int) or isinstance(size, bool)):
            raise UserError(f"batch_size={size}: expected a count of images, or a list of counts")
    return [
        default_settings(
            config.device,
            dtype=config.dtype,
            batch_size=size,
            fold_batch_norms=config.fold,
            channels_last=config.channels_last,
            threads=config.threads,
            engine=config.get("engine", "torch"),
            compile=config.get("compile", False),
            cuda_graph=config.cuda_graph,
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
        raise UserError(f"unknown key extent.{min(unknown)}: an extent has {', '.join(Extent.__dataclass_fields__)}")
    if "flops" in wanted:
        bounds = list(wanted["flops"])
        if len(bounds) != 2 or not 1e6 <= float(bounds[0]) < float(bounds[1]):
            raise UserError(f"extent.flops={bounds}: expected the FLOPs of the smallest and the largest network, [8e6,2.5e9]")
        wanted["flops"] = (float(bounds[0]), float(bounds[1]))
    for key, least in (("drawn", 0), ("fitted", 2), ("held_out", 2), ("networks_from", 2)):
        if key in wanted and wanted[key] < least:
            raise UserError(f"extent.{key}={wanted[key]}: expected {least} or more")
    return Extent(**{**vars(default_extent(settings)), **wanted})


def refuse_settings_beside(profile: Profile, command: Command) -> None:
    """Raise a UserError where the command says how to run networks, and a profile says it too."""
    said = sorted(command.keys & set(SETTING_KEYS))
    if said:
        raise UserError(
            f"{said[0]}= cannot be combined with latency.profile={profile.name}, which is for {profile.settings.summary()}"
        )


def profile_named(name: str) -> Profile:
    """Return the profile that ``latency.profile=`` names; errors as for :func:`find_profile`."""
    with keyed({"name": "latency.profile"}):
        return find_profile(name)


def is_here(profile: Profile) -> bool:
    """Whether the device of a profile is the one at hand."""
    from zen_lightning.latency.runner import check_present

    try:
        check_present(profile.settings)
    except UserError:
        return False
    return bool(device_name(profile.settings.device) == profile.device["name"])


def warn_of(profile: Profile) -> None:
    """Say where a profile warns of itself, or was made with another version of torch than the one that is here."""
    if profile.warning:
        print(f"{profile.name}: {profile.warning}", flush=True)
    then, now = profile.device["versions"].get("torch"), library_versions()["torch"]
    if is_here(profile) and then not in (None, now):
        print(f"the profile was measured with torch {then}, this is {now}: its predictions may be off", flush=True)


def elsewhere(profile: Profile) -> str:
    """Return the sentence for a profile of a device that is not at hand."""
    return (
        f"the profile {profile.name} is of another device ({profile.device['name']}): latency is predicted for that one, and "
        "not measured here"
    )


def output_path(config: DictConfig) -> Path:
    """Return where a profile goes.

    Raises:
        UserError: the command does not say, or says no ``.json`` file.
    """
    if config.output is None:
        raise UserError("task=profile needs output=: the file of the profile, such as output=profiles/laptop.json")
    if not str(config.output).endswith(".json"):
        raise UserError(f"output={config.output}: expected a file that ends in .json, such as output=profiles/laptop.json")
    return Path(config.output).expanduser()
