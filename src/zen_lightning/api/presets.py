"""Presets by name, ``"flops600M"``, read from the files of ``conf/``: one definition for Python and the command line."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.yaml_files import parse_yaml, read_yaml

_INNERMOST = re.compile(r"\$\{([^${}]*)\}")
_FOLDER_DATASETS = ("image_folder", "imagenet")


class Preset(NamedTuple):
    """What a file of ``conf/`` says.

    Attributes:
        content: its keys, on top of those of the files that it builds on.
        choices: of other groups, by group: ``{"search_space": "mobilenet"}``.
    """

    content: dict[str, Any]
    choices: dict[str, str]


def preset_names(group: str) -> list[str]:
    """Return the names of a group, sorted.

    Example:
        >>> "flops600M" in preset_names("budget")
        True
    """
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))


def read_preset(group: str, name: str, key: str = "") -> Preset:
    """Return a preset; what refers to other keys, ``${resolution}``, is left for :func:`resolved`.

    Args:
        group: folder of ``conf/``.
        name: of the preset.
        key: the argument that names it, for the error; that of the group by default.

    Raises:
        UserError: there is none of this name.

    Example:
        >>> found = read_preset("budget", "flops600M")
        >>> found.choices, found.content["budget"]["layers"], found.content["resolution"]
        ({'search_space': 'mobilenet'}, 14, 224)
    """
    path = conf_dir() / group / f"{name}.yaml"
    if not re.fullmatch(r"\w+", str(name)) or not path.is_file():
        raise UserError(key=key or group, value=name, choices=preset_names(group))
    found = Preset(read_yaml(path) or {}, {})
    below = Preset({}, {})
    for entry in found.content.pop("defaults", []):
        _take(below, group, entry)
    return Preset(_merged(below.content, found.content), below.choices)


def resolved(node: Any, values: Mapping[str, Any]) -> Any:
    """Return a node with everything that refers to keys replaced by their values.

    Args:
        node: of a preset.
        values: by dotted key.

    Example:
        >>> resolved({"size": "${resolution}", "gamma": "${oc.select:proxy.gamma,0.01}"}, {"resolution": 32})
        {'size': 32, 'gamma': 0.01}
    """
    if isinstance(node, dict):
        return {key: resolved(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [resolved(value, values) for value in node]
    while isinstance(node, str) and (match := _INNERMOST.search(node)):
        value = _value(match.group(1), values)
        node = value if match.group() == node else node.replace(match.group(), "null" if value is None else str(value))
    return node


def class_of(node: Mapping[str, Any]) -> Any:
    """Return the class that a node with ``_target_`` names."""
    module, _, name = str(node["_target_"]).rpartition(".")
    return getattr(import_module(module), name)


def made(node: Mapping[str, Any]) -> Any:
    """Return the object that a resolved node with ``_target_`` describes."""
    return class_of(node)(**{key: value for key, value in node.items() if key != "_target_"})


def _take(below: Preset, group: str, entry: Any) -> None:
    """Add what an entry of the defaults of a preset brings."""
    if entry == "_self_":
        return
    if isinstance(entry, str):
        other = read_preset(group, entry)
        below.content.update(_merged(below.content, other.content))
        below.choices.update(other.choices)
        return
    ((target, name),) = entry.items()
    target, _, package = str(target).removeprefix("override ").lstrip("/").partition("@")
    if not package:
        below.choices[target] = str(name)
        return
    node = read_preset(target, str(name)).content
    for part in reversed(package.split(".")):
        node = {part: node}
    below.content.update(_merged(below.content, node))


def _value(text: str, values: Mapping[str, Any]) -> Any:
    function, colon, rest = text.partition(":")
    if not colon:
        if text not in values:
            raise UserError(f"a preset refers to {text}, which is not known here", key=text)
        return values[text]
    first, _, second = rest.partition(",")
    if function == "oc.select":
        return values.get(first, parse_yaml(second))
    if function == "proxy_images":
        return str(Path(second)) if first in _FOLDER_DATASETS and second != "null" else None
    raise UserError(f"a preset uses ${{{function}:...}}, which only the command line knows", remedy="give the object itself")


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two mappings as one, that of nested mappings likewise."""
    both = dict(below)
    for key, value in above.items():
        known = both.get(key)
        both[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return both
