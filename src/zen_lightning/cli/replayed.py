"""What ``resume=`` replays from the files of a folder: data of whoever wrote them, which must not choose what is run."""

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, QuotedString
from hydra.errors import HydraException

from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import Override, quoted
from zen_lightning.system.conf_dir import conf_dir

_OURS = re.compile(r"(zen_lightning|hydra_plugins\.zen_lightning_sweeps)(\.\w+)+")
_OUR_GROUPS = ("hydra/launcher=zen_lightning", "hydra/sweeper=zen_lightning")
_REFERENCE = re.compile(r"\$\{[\w.]+\}")
_RESOLVER = re.compile(r"\$\{([^{}:]*):")
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")
_OPTION = "the YAML files that this option of Hydra names would say what is called"
_OF_COMMANDS = ("stages", "tune")
"""Keys that hold overrides of further commands."""

_OF_LAUNCHER = "these parameters can hold commands for the machines of a cluster"

_LOGGED = ("_target_", "project", "experiment", "group", "tags")
"""Settings of trackers that say how a run is called, not who receives it."""

_SWEEP = ("-m", "--multirun")
_OF_PLACE = ("resume", "output_dir", "trust")
_SUBDIR = re.compile(r"(?!/|~)(?!.*\.\.)[^\\()\x00-\x1f]*")


class Replay:
    """Takes what a file of a folder says, as far as it runs nothing but this package.

    What the command line says again is taken too, and so is everything of a folder that it trusts.

    Args:
        path: of the file.
        said: the present command line.
        later: overrides of it that follow those that are replayed.
        trusted: folders whose files may choose what is run.
        directory: that the file says the command runs in; None: the working directory.
    """

    def __init__(
        self,
        path: Path,
        said: Sequence[str],
        later: Sequence[str],
        trusted: Sequence[Path] = (),
        directory: Path | None = None,
    ) -> None:
        self._elsewhere = directory if directory is not None and directory.is_dir() and not directory.samefile(".") else None
        self._path = path
        self._said = frozenset(said)
        self._later = {_bare(override) for override in later}
        self._trusts = any(path.resolve().is_relative_to(folder) for folder in trusted)

    def overrides(self, replayed: Sequence[str]) -> list[str]:
        """Return the overrides that are to be replayed.

        Raises:
            UserError: one would run what neither is of this package nor named by the command line.
        """
        taken = []
        for override in replayed:
            danger = None if override in self._said else _danger(override) or self._written_elsewhere(override)
            if danger is not None and _bare(override) in self._later:
                continue  # The command line says what holds.
            if danger is not None:
                self._take(override, danger)
            taken.append(override)
        return taken

    def options(self, replayed: Sequence[str], folders: Sequence[Path], known: Sequence[Path]) -> list[str]:
        """Return the options of Hydra that are to be replayed; errors as for :meth:`overrides`.

        Args:
            replayed: options, with their values.
            folders: of configuration that they name.
            known: those that the command line names.
        """
        said = {folder.resolve() for folder in known}
        if folders and {folder.resolve() for folder in folders} <= said:
            replayed = [option for option in replayed if option in _SWEEP]  # The command line names the folders again.
        others = " ".join(option for option in replayed if option not in _SWEEP)
        if others:
            self._take(others, _OPTION)
        return list(replayed)

    def _written_elsewhere(self, override: str) -> str | None:
        one = Override.parse(override)
        if one.key != "output" or self._elsewhere is None or one.value in ("", "null"):
            return None
        return f"{self._elsewhere / one.value}, outside of the working directory, would be written"

    def _take(self, what: str, danger: str) -> None:
        folder = self._path.parent
        if not self._trusts:
            remedy = (
                "a folder of somebody else must not choose what runs here; if you know what it does, "
                f"say it again on this command line, or trust the folder with {shlex.quote(f'trust={folder}')}"
            )
            raise UserError(f"{self._path} holds {what}: {danger}", key="resume", remedy=remedy)
        print(f"trust={folder}: taken from {self._path.name}: {what} ({danger})", file=sys.stderr)


def trusted_folders(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the folders that ``trust=`` names, and the other arguments.

    Raises:
        UserError: there is no such folder.
    """
    said = [Override.parse(argument) for argument in arguments]
    folders = [Path(one.value).expanduser() for one in said if one.key == "trust" and not one.sign]
    for folder in folders:
        if not folder.is_dir():
            what, remedy = "there is no such folder", "give the folder of the run whose record may choose what is run"
            raise UserError(what, key="trust", value=folder, remedy=remedy)
    others = [one.whole for one in said if one.key != "trust" or one.sign]
    return [folder.resolve() for folder in folders], others


def _bare(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")


def _danger(override: str) -> str | None:
    """Return what an override would do that no record may; None where there is nothing."""
    if override.startswith("-"):
        return _OPTION
    one = Override.parse(override)
    left = override.partition("=")[0].partition("@")[0].strip()
    if _OURS.fullmatch(one.value) and left.endswith("_target_") and "hydra" not in left:
        return None
    if override in _OUR_GROUPS:
        return None
    if "hydra" in override.partition("=")[0].lower():
        if left == "hydra.sweep.dir" or (left == "hydra.sweep.subdir" and _SUBDIR.fullmatch(one.value)):
            return _resolved(one.text)
        return "keys of Hydra itself can name anything to be called"
    if left in _OF_PLACE:
        return "where a run is, and what is trusted, is for the command line to say"
    if one.root == "imports" and not one.sign and one.value not in ("null", "", "[]"):
        return f"{one.value} would be imported"
    named = _named(left, one.text)
    if named is not None:
        return named
    if one.sign.startswith("+"):
        return "it adds an argument that no configuration here has"
    if one.sign == "~":
        return "it deletes a part of the configuration here"
    if one.key.startswith("launcher.parameters"):
        return _OF_LAUNCHER
    return _in_value(one)


def _named(left: str, text: str) -> str | None:
    """Return what a key calls, where it is the name of a class or a function that is not of this package."""
    last = left.replace("[", ".").replace("]", "").rpartition(".")[2]
    if last not in ("_target_", "run") or (last == "run" and not left.startswith("task")):
        return None
    return _calls(text)


def _calls(target: Any) -> str | None:
    name = str(target).strip().strip("'\"")
    return None if _OURS.fullmatch(name) else f"{name} would be imported and called"


def _resolved(text: str) -> str | None:
    """Return which resolver a text would call; what refers to another key alone is harmless."""
    if "${" not in _REFERENCE.sub("", text):
        return None
    match = _RESOLVER.search(text)
    return f"the resolver {match.group(1)} would be called" if match else "what it refers to would be evaluated"


def _in_value(one: Override) -> str | None:
    found = _resolved(one.text)
    if found is not None:
        return found
    try:
        parsed = OverridesParser.create().parse_override(one.whole).value()
    except (HydraException, RecursionError):
        return _calls("what its _target_ names") if "_target_" in one.text else None  # Hydra says what is wrong with it.
    if one.key in _groups() or "/" in one.key or "@" in one.whole.partition("=")[0]:
        for choice in _leaves(parsed):
            if isinstance(choice, str) and choice and not _NAME.fullmatch(choice):
                return f"a YAML outside of the configuration ({choice}) would say what is called"
    for path, leaf in _paths(one.key, parsed):
        reached = _reaches(path.split("."), leaf)
        if reached is not None:
            return reached
    if one.root not in _OF_COMMANDS:
        return next(_dangers(parsed), None)
    return next(_dangers_of_commands(one.key, parsed), None)


def _reaches(path: Sequence[str], leaf: Any) -> str | None:
    """Return what a value would reach that is neither of this package nor of the run; None where there is nothing.

    Args:
        path: the key of the value, part by part, also that of a tuned value.
        leaf: the value.
    """
    text = "" if leaf is None else str(leaf)
    if not text:
        return None
    if "logger" in path[:-2] and path[-1] not in _LOGGED:
        return f"the run would report to {text}"
    if "launcher" in path[:-1] and "parameters" in path:
        return f"{text}: {_OF_LAUNCHER}"
    if (path[-1] == "output" or list(path[-2:]) == ["teacher", "model"]) and "${" in text:
        return f"what {text} refers to would say what is written or loaded"
    if path[-1] == "output" and (text.startswith(("/", "~", "\\")) or ".." in Path(text).parts):
        return f"{text}, outside of the working directory, would be written"
    if path[-1] == "output" and Path(text).exists() and not _is_profile(Path(text)):
        return f"{text}, which is there and is no latency profile, would be replaced"
    if list(path[-2:]) == ["teacher", "model"] and ":" in text:
        return f"{text}, which is not a name of timm's own, would be downloaded and loaded"
    return None


def _is_profile(path: Path) -> bool:
    """Whether a file is a latency profile, as far as its beginning says so: a command that is continued writes it again."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b'"zen_lightning_latency_profile"' in file.read(100)


def _groups() -> set[str]:
    return {path.name for path in conf_dir().iterdir() if path.is_dir()}


def _dangers(value: Any) -> Iterator[str]:
    """Yield what is dangerous within a value."""
    for key, item in _pairs(value):
        if key == "_target_" or key.endswith("._target_"):
            yield from filter(None, (_calls(leaf) for leaf in _leaves(item)))
    for leaf in _leaves(value):
        found = _resolved(str(leaf))
        if found is not None:
            yield _within(value, leaf, found)


def _dangers_of_commands(key: str, value: Any) -> Iterator[str]:
    """Yield what is dangerous where a value holds overrides of further commands.

    These are texts (``stages=``, ``tune.overrides=``), or mappings from their keys (``tune.space=``), of which the key of this
    override may be a part: ``tune.space.imports=[a,b]`` is a choice of ``imports``.
    """
    yield from _dangers(value)
    for path, leaf in _paths(key, value):
        text = "" if leaf is None else str(leaf)
        parts = path.split(".")
        inner = (_danger(f"{'.'.join(parts[number:])}={quoted(text)}") for number in range(1, len(parts)) if text)
        yield from (_within(value, leaf, found) for found in filter(None, inner))
        if re.match(r"[-+~]|[^=]+=", text):
            found = _danger(text)
            if found is not None:
                yield _within(value, leaf, found)
        elif "${" in text:
            yield f"what {text} refers to would be a part of another command"


def _within(value: Any, leaf: Any, found: str) -> str:
    return found if str(leaf) == str(value) else f"in it, {leaf}: {found}"


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key of the mappings in a value, with what it holds."""
    for item in _items(value):
        yield from _pairs(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield _plain(key), item
            yield from _pairs(item)


def _paths(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the dotted key of every leaf in a value, and the leaf."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(f"{key}.{_plain(name)}", item)
    elif items := _items(value):
        for item in items:
            yield from _paths(key, item)
    else:
        yield key, _plain(value) if isinstance(value, str | QuotedString) else value


def _leaves(value: Any) -> Iterator[Any]:
    items = [*value.values()] if isinstance(value, dict) else _items(value)
    if items or isinstance(value, dict | list):
        for item in items:
            yield from _leaves(item)
    else:
        yield _plain(value) if isinstance(value, str | QuotedString) else value


def _items(value: Any) -> list[Any]:
    if isinstance(value, ChoiceSweep):
        return list(value.list)
    if isinstance(value, Glob):
        return [*value.include, *value.exclude]
    return value if isinstance(value, list) else []


def _plain(text: Any) -> str:
    return str(text.text if isinstance(text, QuotedString) else text)
