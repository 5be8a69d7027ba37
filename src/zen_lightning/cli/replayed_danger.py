"""What an override would do that no file of somebody else may choose."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from zen_lightning.cli.known_names import Names
from zen_lightning.cli.parsed_values import leaves, pairs, paths, texts
from zen_lightning.runs.overrides import Override, quoted

_OURS = re.compile(r"(zen_lightning|hydra_plugins\.zen_lightning_sweeps)(\.\w+)+")
_OUR_GROUPS = ("hydra/launcher=zen_lightning", "hydra/sweeper=zen_lightning")
_REFERENCE = re.compile(r"\$\{[\w.]+\}")
_RESOLVER = re.compile(r"\$\{([^{}:]*):")
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")
OPTION = "the YAML files that this option of Hydra names would say what is called"
"""What is wrong with an option of Hydra in a record."""

_OF_COMMANDS = ("stages", "tune")
"""Keys that hold overrides of further commands."""

_OF_LAUNCHER = "these parameters can hold commands for the machines of a cluster"

_LOGGED = ("_target_", "project", "experiment", "group", "tags")
"""Settings of trackers that say how a run is called, not who receives it."""

_OF_PLACE = ("resume", "output_dir", "trust")
_SUBDIR = re.compile(r"(?!/|~)(?!.*\.\.)[^\\()\x00-\x1f]*")


def danger_of(override: str, names: Names) -> str | None:
    """Return what an override would do that no record may; None where there is nothing.

    Args:
        override: of the record.
        names: of groups and keys, also those that the user's own folders of configuration have.
    """
    if override.startswith("-"):
        return OPTION
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
    return _in_value(one, names)


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


def _in_value(one: Override, names: Names) -> str | None:
    found = _resolved(one.text)
    if found is not None:
        return found
    try:
        parsed = OverridesParser.create().parse_override(one.whole).value()
    except (HydraException, RecursionError):
        return _calls("what its _target_ names") if "_target_" in one.text else None  # Hydra says what is wrong with it.
    is_group = one.key in names.groups or "/" in one.key or "@" in one.whole.partition("=")[0]
    may_be_group = "." not in one.key and one.key not in names.keys  # Of a search path of Hydra, say.
    for choice in texts(parsed) if is_group or may_be_group else ():
        if choice and not (_NAME.fullmatch(choice) if is_group else _stays(choice)):
            return f"a YAML outside of the configuration ({choice}) would say what is called"
    for path, leaf in paths(one.key, parsed):
        reached = _reaches(path.split("."), leaf)
        if reached is not None:
            return reached
    if one.root not in _OF_COMMANDS:
        return next(_dangers(parsed), None)
    return next(_dangers_of_commands(one.key, parsed, names), None)


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


def _stays(choice: str) -> bool:
    """Whether a text, as the name of a YAML, names one below the folder of its group."""
    return not choice.startswith("/") and ".." not in choice.split("/")


def _dangers(value: Any) -> Iterator[str]:
    """Yield what is dangerous within a value."""
    for key, item in pairs(value):
        if key == "_target_" or key.endswith("._target_"):
            yield from filter(None, (_calls(leaf) for leaf in leaves(item)))
    for leaf in leaves(value):
        found = _resolved(str(leaf))
        if found is not None:
            yield _within(value, leaf, found)


def _dangers_of_commands(key: str, value: Any, names: Names) -> Iterator[str]:
    """Yield what is dangerous where a value holds overrides of further commands.

    These are texts (``stages=``, ``tune.overrides=``), or mappings from their keys (``tune.space=``), of which the key of this
    override may be a part: ``tune.space.imports=[a,b]`` is a choice of ``imports``. The first two parts of a path say where the
    overrides are (``stages.overrides``), and are none themselves.
    """
    yield from _dangers(value)
    for path, leaf in paths(key, value):
        text = "" if leaf is None else str(leaf)
        parts = path.split(".")
        meant = [f"{'.'.join(parts[number:])}={quoted(text)}" for number in range(2, len(parts))] if text else []
        inner = (danger_of(one, names) for one in meant)
        yield from (_within(value, leaf, found) for found in filter(None, inner))
        if re.match(r"[-+~]|[^=]+=", text):
            found = danger_of(text, names)
            if found is not None:
                yield _within(value, leaf, found)
        elif "${" in text:
            yield f"what {text} refers to would be a part of another command"


def _within(value: Any, leaf: Any, found: str) -> str:
    return found if str(leaf) == str(value) else f"in it, {leaf}: {found}"
