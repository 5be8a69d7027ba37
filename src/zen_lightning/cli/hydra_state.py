"""The one place that reads Hydra's live state."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from zen_lightning.runs.command import Command
from zen_lightning.runs.hydra_record import keep_checksums

_COMMAND_LINE = "command-line"
"""Hydra's name for the source of configuration that ``--config-dir`` adds."""


def command_of_hydra() -> Command:
    """Return what the command said that Hydra is running."""
    hydra = HydraConfig.get()
    return Command(
        overrides=tuple(hydra.overrides.task),
        choices={str(group): str(choice) for group, choice in hydra.runtime.choices.items() if choice is not None},
        folders=tuple(Path(source.path) for source in hydra.runtime.config_sources if source.provider == _COMMAND_LINE),
        sweep=Path(hydra.sweep.dir) if hydra.mode == RunMode.MULTIRUN else None,
    )


def folder_of_run() -> Path:
    """Return the folder of the run, with checksums of what Hydra has recorded there."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    if HydraConfig.get().output_subdir is not None:
        keep_checksums(folder)
    return folder


@contextmanager
def without_hydra() -> Iterator[None]:
    """Hide Hydra's state for as long as the context lasts: a task runs as it would in a notebook."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().cfg = None
    try:
        yield
    finally:
        HydraConfig.instance().cfg = before
