"""What a command is about to do, said before the seconds that importing PyTorch takes."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.system.processes import is_main_process
from zen_lightning.system.short_path import short_path

_DOES = {
    "analyze": "analyze {arch}",
    "compare": "compare {arch}",
    "correlate": "score networks of {accuracies}",
    "distill": "train {arch} on {dataset.name} with a teacher",
    "evaluate": "evaluate {arch} on {dataset.name}",
    "export": "export {arch}",
    "latency": "time {arch}",
    "predict": "classify images by {arch}",
    "score": "score {arch}",
    "train": "train {arch} on {dataset.name}",
}
"""What the tasks do whose classes import PyTorch, with the keys that say on what; a search says its own at once."""

_OF_SEVERAL = ("compare", "latency", "score")
"""Those that take several networks."""


def announce(config: DictConfig, folder: Path) -> None:
    """Print what the task of a configuration is about to do, unless a key that says on what is not given.

    Only names are looked at: no class, network or dataset is.

    Args:
        config: the composed configuration.
        folder: of the run.
    """
    task = str(OmegaConf.select(config, "task.name"))
    does = _DOES.get(task)
    if does is None or not is_main_process():
        return
    keys = [part.partition("}")[0] for part in does.split("{")[1:]]
    values = {key: OmegaConf.select(config, key) for key in keys}
    if None in values.values() or (OmegaConf.is_list(values.get("arch")) and task not in _OF_SEVERAL):
        return  # Refused soon.
    for key, value in values.items():
        does = does.replace(f"{{{key}}}", _named(value))
    print(f"preparing to {does}; files go to {short_path(folder)}", flush=True)


def _named(value: Any) -> str:
    """Return a name as it was typed; a structure, or several networks, in words."""
    if OmegaConf.is_list(value):
        return f"{len(value)} networks" if len(value) != 1 else _named(value[0])
    return "a network" if "(" in str(value) else str(value)
