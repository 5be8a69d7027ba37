"""The trackers of the run under way: ``logger=``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import build
from zen_lightning.errors import UserError
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.command_record import requested_overrides
from zen_lightning.runs.names import RECORD, RESULT, STAGES, STUDY
from zen_lightning.runs.overrides import unquoted
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.runs.sweep_file import SWEEP
from zen_lightning.system.named_path import existing_path
from zen_lightning.system.processes import is_main_process
from zen_lightning.tracking import Source, Status, TrackedRun, Tracker, Trackers

_SOURCES = ("arch", "start", "weights", "teacher.arch", "teacher.checkpoint")
"""Keys that may name another run, or a file of one."""

_UNNAMED = ("task", "logger", "output_dir", "resume")
_LONGEST_NAME = 120
"""Characters of the name of a run. A choice, below the 128 that W&B allows."""

_SIGNS = (STAGES, STUDY)
"""What the folder of a pipeline, and that of a tuning, holds."""

_NONE = Trackers({}, lambda: TrackedRun(Path(), "", "", None, {}))
_current = _NONE


def tracking() -> Trackers:
    """Return the trackers of the run under way; outside of one, and in processes beside the main one, they are none."""
    return _current


@contextmanager
def tracked(config: DictConfig, folder: Path, command: Command = NO_COMMAND) -> Iterator[None]:
    """Track a run for as long as the context lasts, and log its results if it succeeds.

    Args:
        config: the composed configuration.
        command: what the command line said.
        folder: the folder of the run.

    Raises:
        UserError: ``logger`` has a key that cannot be used.
        MissingExtraError: the package of a tracker is not installed.
    """
    global _current
    before = _current
    trackers = read_trackers(config)
    _current = now = Trackers(trackers if is_main_process() else {}, lambda: describe(config, folder, command))
    status = Status.FAILED
    try:
        yield
        now.results(folder)
        status = Status.FINISHED
    except SystemExit as stop:
        if stop.code:
            status = Status.STOPPED
        else:  # A trial that its study has stopped early.
            now.results(folder)
            status = Status.FINISHED
        raise
    except KeyboardInterrupt:
        status = Status.STOPPED
        raise
    finally:
        now.finish(status)
        _current = before


def read_trackers(config: DictConfig) -> dict[str, Tracker]:
    """Return the trackers that ``logger=`` names, by their names; ``csv`` and ``none`` are none beside the run's files.

    Raises:
        UserError: a key that the tracker does not have, or a value that it refuses.
        MissingExtraError: its package is not installed.
    """
    found: dict[str, Tracker] = {}
    for key, node in config.logger.items():
        if node is None or (isinstance(node, DictConfig) and not node):
            continue
        if not isinstance(node, DictConfig):
            expected = "the name of a logger and its keys, such as logger.wandb.project=NAME"
            raise UserError(key=f"logger.{key}", value=node, expected=expected)
        tracker = build(node, f"logger.{key}", Tracker)
        tracker.require()
        found[str(key)] = tracker
    return found


def describe(config: DictConfig, folder: Path, command: Command = NO_COMMAND) -> TrackedRun:
    """Return what trackers are told of a run."""
    plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=False)
    assert isinstance(plain, dict)
    overrides = list(command.overrides)
    return TrackedRun(
        folder=folder,
        task=config.task.name,
        name=_name(overrides) or config.task.name,
        group=_group(folder, command),
        config={**{str(key): value for key, value in plain.items()}, "versions": versions(), "git_commit": git_commit()},
        sources=_sources(config, folder),
    )


def _name(overrides: list[str]) -> str:
    named = [one for one in overrides if one.lstrip("+~").partition("=")[0].partition(".")[0] not in _UNNAMED]
    return ",".join(named)[:_LONGEST_NAME]


def _group(folder: Path, command: Command) -> str | None:
    """Return the name of the sweep, or else of the experiment or the tuning, that a run is part of."""
    if command.sweep is not None:
        return command.sweep.name
    place = folder.resolve()
    above = (place.parent.parent, place.parent)  # A stage of a job of a sweep lies in the folder of the job.
    sweep = next((one.name for one in above if (one / SWEEP).is_file()), None)
    return sweep or next((one.name for one in (*above, place) if any((one / sign).is_file() for sign in _SIGNS)), None)


def _sources(config: DictConfig, folder: Path) -> tuple[Source, ...]:
    """Return the runs that a run reads from; one that is continued names structures instead, and its first command the runs."""
    texts: dict[str, Any] = {key: OmegaConf.select(config, key) for key in _SOURCES}
    if (folder / RECORD).is_file():
        for override in requested_overrides(folder):
            key, _, value = override.lstrip("+").partition("=")
            if key in texts:
                texts[key] = unquoted(value)
    found = ((key, _run_folder(text)) for key, text in texts.items() if isinstance(text, str))
    return tuple(Source(key, source) for key, source in found if source is not None and source != folder.resolve())


def _run_folder(text: str) -> Path | None:
    """Return the folder of the run that a text names, or that holds the file that it names."""
    path = existing_path(text)
    if path is None:
        return None
    place = path if path.is_dir() else path.parent
    return place.resolve() if (place / RESULT).is_file() else None
