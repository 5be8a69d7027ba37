"""Prepares the command line before Hydra reads it."""

import re
import sys
from pathlib import Path

from zen_lightning.cli.replayed import Replay, trusted_folders
from zen_lightning.cli.spelling import WITH_VALUE, refuse_other_spellings
from zen_lightning.cli.typed import as_typed
from zen_lightning.config.group_values import with_named_choices
from zen_lightning.config.moved import with_moved_keys, with_patience, with_whole_limits
from zen_lightning.config.text_values import with_text_values
from zen_lightning.config.whole_numbers import with_whole_numbers
from zen_lightning.errors import UserError
from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.command_record import find_unfinished, read_record, requested_overrides
from zen_lightning.runs.names import RECORD
from zen_lightning.runs.overrides import Override, last_value, parse_overrides, quoted, without
from zen_lightning.runs.sweep_file import SWEEP, read_sweep
from zen_lightning.system.leaving_links import check_contained
from zen_lightning.system.named_path import check_home

_PREPARED = "hydra.output_subdir=null"
_NAMES_RUN = ("task", "arch", "start", "accuracies", "weights")
_SWEEP = ("-m", "--multirun")
_PASSING = ("pipeline", "tune")
"""Tasks whose commands hold keys for others."""

_OF_SEVERAL = ("arch", "images", "networks", "run", "sweep", "proxies", "metrics")
"""Keys that take several values, as one list."""

_WRITTEN = ("output_dir", "hydra.run.dir", "hydra.sweep.dir")
"""Keys of the folders that a command writes to."""

_CONFIG_DIR = ("--config-dir", "-cd")
_OF_FOLDER = ("--config-dir", "-cd", "--config-path", "-cp")


def prepare(arguments: list[str], contained: bool = False) -> list[str]:
    """Return the arguments as Hydra needs them.

    Paths and structures are taken as they are typed (:func:`~zen_lightning.cli.typed.as_typed`); limits get their group
    (``params=200k``); ``output_dir`` of a sweep becomes the folder of its jobs, and ``resume=DIR`` becomes the overrides of the
    run in DIR, followed by those given now, writing to DIR; likewise for a sweep in DIR. ``resume=auto`` is the same for the
    run in ``output_dir``, or else for the newest unfinished one below ``outputs`` that the same command began; where there is
    none, the run begins. What such files say is taken as far as it runs nothing but this package, unless this command line says
    it again or has ``trust=DIR`` for their folder (docs/safety.md).

    Args:
        arguments: without the program's name.
        contained: whether what starts the command knows that no link leads out of its folder.

    Raises:
        UserError: ``resume`` names a folder without a run, or one whose files name other code to run, or another argument
            contradicts it; or a link leads out of the folder that the command writes to.

    Example:
        >>> prepare(["arch=SuperConvK3BNRELU(3,8,1,1)", "seed=1"])
        ["arch='SuperConvK3BNRELU(3,8,1,1)'", 'seed=1']
    """
    if _PREPARED in arguments:
        return arguments  # Of a process that a strategy started beside this one.
    refuse_other_spellings(arguments)
    trusted, arguments = trusted_folders(arguments)
    arguments, moved = with_moved_keys(with_text_values(with_whole_numbers(with_whole_limits(with_patience(arguments)))))
    for sentence in (*moved, *_told_twice(arguments)):
        print(sentence, file=sys.stderr)
    for argument in arguments:
        key, _, value = argument.partition("=")
        check_home(value.strip("'\""), key.lstrip("+"))
    arguments = with_named_choices(arguments, config_folders(options_and_overrides(arguments)[0]))
    sweep = any(argument in _SWEEP for argument in arguments)
    arguments = [as_typed(argument, sweep or _continues_sweep(arguments)) for argument in arguments]
    if sweep:
        arguments = [re.sub(r"^output_dir=", "hydra.sweep.dir=", argument) for argument in arguments]
    prepared = _together(_resume(arguments, arguments, trusted))
    for key in () if contained else _WRITTEN:
        name = last_value(prepared, key)
        folder = Path(name or "")
        if name and not any(folder.resolve().is_relative_to(one) for one in trusted):
            check_contained(folder, "resume" if last_value(arguments, "resume") else "output_dir")
    return prepared


def _told_twice(arguments: list[str]) -> list[str]:
    """Return a sentence for each key of files that is given several: a shell makes two of ``images=*.{png,jpg}``, say."""
    given: dict[str, list[str]] = {}
    for one in parse_overrides(options_and_overrides(arguments)[1]):
        if one.key in _OF_SEVERAL and not one.sign and "=" in one.whole:
            given.setdefault(one.key, []).append(one.whole)
    return [f"{key} is given {len(all_)} times: {all_[-1]} counts" for key, all_ in given.items() if len({*all_}) > 1]


def _together(arguments: list[str]) -> list[str]:
    """Return the arguments with all overrides next to each other, as Hydra wants them: ``-m`` may be typed between them."""
    options, overrides = options_and_overrides(arguments)
    first = arguments.index(overrides[0]) if overrides else 0
    return arguments if arguments[first : first + len(overrides)] == overrides else [*options, *overrides]


def _continues_sweep(arguments: list[str]) -> bool:
    folder = last_value(arguments, "resume")
    return folder is not None and (Path(folder).expanduser() / SWEEP).is_file()


def _resume(arguments: list[str], said: list[str], trusted: list[Path]) -> list[str]:
    named = last_value(arguments, "resume")
    if named is None:
        return arguments
    folder = Path(named).expanduser()
    _check_resumed(named, folder)
    if (folder / SWEEP).is_file():
        return _resume_sweep(arguments, folder, trusted)
    if any(argument in _SWEEP for argument in arguments):
        what = "it cannot be combined with -m, unless it names the folder of a sweep"
        remedy = "the same command with the output_dir of a sweep continues that"
        raise UserError(what, key="resume", value=folder, remedy=remedy)
    if named == "auto":
        return _resume_auto(arguments, trusted)
    for key in ("output_dir", "task"):
        if any(argument.startswith(f"{key}=") for argument in arguments):
            raise UserError(f"resume={folder} continues the run in that folder", key=key, remedy=f"leave {key}= out")
    options, given = options_and_overrides([argument for argument in arguments if not argument.startswith("resume=")])
    taken = Replay(folder / RECORD, said, given, trusted, config_folders(options)).overrides(read_record(folder))
    again = [override for override in taken if override not in given]
    replayed = _still_read(again, config_folders(options))
    if any(one.key == "launcher" for one in parse_overrides(given)):
        replayed = without(replayed, "launcher")  # The settings of the one before are not for it.
    path = quoted(str(folder.resolve()))
    return [*options, *replayed, *given, f"resume={path}", f"output_dir={path}", _PREPARED]


def _check_resumed(named: str, folder: Path) -> None:
    """Raise a UserError where resume= names no folder, or something within that of a run."""
    if named.lower() in ("true", "false", "yes", "no", "1", "0", "last") and not folder.exists():
        expected = "the folder of the run to continue, or auto for the newest that this command began"
        raise UserError(key="resume", value=named, expected=expected)
    if (folder / RECORD).is_file() or (folder / SWEEP).is_file():
        return
    above = next((one for one in (folder.parent, folder.parent.parent) if (one / RECORD).is_file()), None)
    if folder.exists() and above is not None:
        what = "it lies within the folder of a run, which is what is continued"
        raise UserError(what, key="resume", value=folder, remedy=f"write {resuming(above)}")


def _still_read(replayed: list[str], folders: list[Path]) -> list[str]:
    """Return the overrides of a record without those that its task does not read: up to 0.1.0 they were taken and ignored."""
    from zen_lightning.tasks.passing import read_by, task_named

    task = last_value(replayed, "task") or "search"
    if task in _PASSING or last_value(replayed, "experiment") is not None:
        return replayed
    return read_by(task_named(task, folders), with_moved_keys(replayed)[0])


def _resume_sweep(arguments: list[str], folder: Path, trusted: list[Path]) -> list[str]:
    """Return the arguments that began a sweep, for the same folder; what is given now replaces what was given then."""
    options, given = options_and_overrides([argument for argument in arguments if not argument.startswith("resume=")])
    found = read_sweep(folder)
    assert found is not None
    keys = {one.key for one in parse_overrides(given)}
    began, replayed = options_and_overrides(found["command"])
    directory = Path(found.get("directory", ""))
    replay = Replay(folder / SWEEP, arguments, given, trusted, config_folders(options), directory)
    began = _placed(began, directory)
    began = replay.options(began, config_folders(began), config_folders(options))
    another = "launcher" in keys  # The settings of the one before are not for it.
    before = parse_overrides(replay.overrides(replayed))
    kept = [one.whole for one in before if one.key not in keys and not (another and one.root == "launcher")]
    sweep = [] if any(option in _SWEEP for option in (*began, *options)) else ["-m"]
    return [*dict.fromkeys([*sweep, *began, *options]), *kept, *given, f"hydra.sweep.dir={quoted(str(folder.resolve()))}"]


def _placed(options: list[str], directory: Path) -> list[str]:
    """Return Hydra's options with the folders that they name as they were meant in a directory."""
    placed = []
    for before, option in zip(["", *options], options, strict=False):
        name, equals, value = option.partition("=")
        if before in _OF_FOLDER:
            placed.append(str(directory / option))
        elif name in _OF_FOLDER and equals:
            placed.append(f"{name}={directory / value}")
        else:
            placed.append(option)
    return placed


def _resume_auto(arguments: list[str], trusted: list[Path]) -> list[str]:
    """Return the arguments that continue what this command began, or those that begin it."""
    options, given = options_and_overrides([argument for argument in arguments if not argument.startswith("resume=")])
    named = last_value(given, "output_dir")
    folder = Path(named).expanduser() if named else find_unfinished(given)
    if folder is None or not (folder / RECORD).is_file():
        return [*options, *given]
    began = requested_overrides(folder)
    for one in parse_overrides(given):
        before = [other.whole for other in parse_overrides(began) if other.key == one.key]
        if one.key in _NAMES_RUN and one.whole not in began and not _is_moved(before, one, folder):
            was = f"began with {before[0]}" if before else f"began without {one.key}="
            remedy = "choose another output_dir"
            raise UserError(f"{folder} holds a run that {was}, not {one}", key=one.key, remedy=remedy)
    changed = [argument for argument in given if argument not in began and not argument.startswith("output_dir=")]
    return _resume([*options, *changed, f"resume={folder}"], given, trusted)


def _is_moved(before: list[str], now: Override, folder: Path) -> bool:
    """Whether a run of a pipeline was given the same stage, or file of one, before the pipeline was moved or copied."""
    pipeline, path = folder.absolute().parent, Path(now.value)
    if not before or not path.is_relative_to(pipeline):
        return False
    earlier, below = Path(Override.parse(before[-1]).value), path.relative_to(pipeline).parts
    return earlier.is_absolute() and bool(below) and earlier.parts[-len(below) :] == below


def options_and_overrides(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return Hydra's options with their values, and the overrides: Hydra wants all overrides next to each other."""
    options: list[str] = []
    overrides: list[str] = []
    waiting = False
    for argument in arguments:
        is_option = argument.startswith("-")
        (options if is_option or waiting else overrides).append(argument)
        waiting = argument in WITH_VALUE
    return options, overrides


def config_folders(options: list[str]) -> list[Path]:
    """Return the folders of ``--config-dir`` among Hydra's options.

    Example:
        >>> config_folders(["-m", "--config-dir", "mine", "--config-dir=more"])
        [PosixPath('mine'), PosixPath('more')]
    """
    found = []
    for option, following in zip(options, [*options[1:], ""], strict=False):
        name, equals, value = option.partition("=")
        if name in _CONFIG_DIR:
            found.append(Path(value if equals else following))
    return found
