"""Keys that are typed and that the configuration does not have: each is named as it was typed, with the nearest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config.build import target_of
from zen_lightning.config.composing import composed
from zen_lightning.config.keys import Reader, spellings, unknown_key
from zen_lightning.config.kinds import kind_of
from zen_lightning.config.parsing import as_hydra_reads
from zen_lightning.config.schema import GROUPS
from zen_lightning.errors import UserError, nearest
from zen_lightning.runs.overrides import parse_overrides


def absent_key(overrides: Sequence[str], folders: Sequence[Path] = ()) -> UserError | None:
    """Return the error for the first key below a value or null, as search.rerank.repeats where search.rerank is null.

    OmegaConf fails on such keys in several ways, by an assertion too.

    Args:
        overrides: the overrides of a command that cannot be composed.
        folders: the configuration folders that are searched besides the shipped one.

    Returns:
        None where no key is of this kind, or another override keeps the configuration from being composed.
    """
    said = list(parse_overrides(overrides))
    below = [one for one in said if "." in one.key and "/" not in one.key and one.root != "hydra"]
    if not below:
        return None
    kept = [one.whole for one in said if "." not in one.key and not is_several(one.whole)]
    try:
        with composed(kept, folders) as config:
            content: Any = OmegaConf.to_container(config, resolve=False)
    except Exception:  # Hydra has no error of its own for what is odd in a file.
        return None
    added = [one.key for one in said if one.sign or "@" in one.whole.partition("=")[0]]
    for one in below:
        if not any(one.key.startswith(f"{key}.") for key in added) and _is_below_value(content, one.key):
            return unknown_at(one.key, overrides, folders)
    return None


def _is_below_value(content: Any, key: str) -> bool:
    """Whether the way to a key leads through something that is there, and is no mapping."""
    for part in key.split(".")[:-1]:
        if part not in content:
            return False
        content = content[part]
        if not isinstance(content, dict):
            return not (isinstance(content, str) and "${" in content)
    return False


def is_several(override: str) -> bool:
    """Whether an override has several values, for a sweep."""
    parsed = as_hydra_reads(override)
    return parsed is not None and parsed.is_sweep_override()


def unknown_at(key: str, overrides: Sequence[str], folders: Sequence[Path]) -> UserError:
    """Return the error for a key that the configuration does not have, named as it was typed.

    Args:
        key: the key, or the part of it from which on nothing is there.
        overrides: the overrides of the command line.
        folders: the configuration folders that are searched besides the shipped one.
    """
    key = key.partition("@")[0].replace("/", ".")
    key = next((one.key for one in parse_overrides(overrides) if one.key.startswith(f"{key}.")), key)
    parent, _, name = key.rpartition(".")
    plain = [one for one in parse_overrides(overrides) if "." not in one.key and one.key != key and not is_several(one.whole)]
    # Other keys may be unknown too: then the groups alone say which task this is.
    groups = [one.whole for one in plain if one.key in GROUPS and not one.sign]
    for kept in ([one.whole for one in plain], groups, []):
        try:
            with composed(kept, folders) as config:
                return _unknown_in(config, key, parent, name)
        except (HydraException, OmegaConfBaseException, UserError):
            continue
    return UserError(f"unknown key {key}", key=key)


def _unknown_in(config: DictConfig, key: str, parent: str, name: str) -> UserError:
    task: type[Reader] = target_of(config.task, "task", kind_of("task"))[0]  # type: ignore[assignment]
    root = parent.partition(".")[0]
    if not parent or root not in config or not any(group.partition(".")[0] == root for group in (*task.groups, root)):
        return unknown_key(key, task, config)
    if spellings(key):
        return unknown_key(key, task, config)
    known, where = _keys_below(config, parent)
    below = f"{where}." if where else ""
    part = parent.removeprefix(below).partition(".")[0]
    if where != parent and part in known:
        there = OmegaConf.to_container(config, resolve=False)
        what = f"unknown key {key}: {below}{part} is {_shown(_within(there, f'{below}{part}'))}, and has no keys"
        return UserError(f"{what}. The keys of {where} are: {', '.join(known)}" if where else what, key=key)
    missing = "" if where == parent else f": there is no {below}{part}"
    if not known:
        return UserError(f"unknown key {key}{missing}; {where} has no keys", key=key)
    hint = nearest(name if where == parent else part, known) or "."
    return UserError(f"unknown key {key}{missing}{hint} The keys of {where} are: {', '.join(known)}", key=key)


def _keys_below(config: DictConfig, parent: str) -> tuple[list[str], str]:
    """Return the keys of the deepest mapping on the way to a key, and that mapping's own key."""
    node: Any = config
    way: list[str] = []
    for part in parent.split("."):
        if not isinstance(node, DictConfig) or not isinstance(node.get(part), DictConfig):
            break
        node = node[part]
        way.append(part)
    return [str(key) for key in node if key != "_target_"], ".".join(way)


def _within(content: Any, key: str) -> Any:
    for part in key.split("."):
        content = content[part]
    return content


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)
