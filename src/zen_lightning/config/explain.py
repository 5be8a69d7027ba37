"""Hydra's and OmegaConf's errors, as errors of a user that say what, where, and what to choose from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from zen_lightning.config.build import target_of
from zen_lightning.config.composing import composed
from zen_lightning.config.keys import SPELLINGS, Reader, unknown_key
from zen_lightning.config.kinds import kind_of
from zen_lightning.config.sources import last_read
from zen_lightning.errors import UserError, nearest
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.system.conf_dir import conf_dir

_MERGING = "Error merging override "
"""What Hydra says before the override whose value does not fit."""


def explain_configuration(error: Exception, overrides: Sequence[str], folders: Sequence[Path] = ()) -> UserError | None:
    """Return what is wrong with the configuration, or None where the error is no fault of it.

    Args:
        error: what composing or reading the configuration raised.
        overrides: the overrides of the command line, to find the culprit in.
        folders: the configuration folders that are searched besides the shipped one.
    """
    if isinstance(error, UserError):
        return error
    if isinstance(error, MissingConfigException):
        return _missing_choice(error)
    if isinstance(error, OverrideParseException):
        remedy = "write key=value, and quote a value with special characters: \"key='value'\""
        return UserError(f"cannot read {error.override!r}", remedy=remedy)
    if isinstance(error, ConfigCompositionException):
        return _bad_override(error, overrides, folders)
    if isinstance(error, OmegaConfBaseException):
        return from_omegaconf(error, "", overrides)
    if isinstance(error, HydraException):
        return UserError(str(error).splitlines()[0])
    return None


def odd_configuration(error: BaseException) -> UserError:
    """Return what composing came to that failed in a way that Hydra has no sentence for."""
    path = last_read()
    said = str(error).strip().splitlines()
    reason = said[0] if said else type(error).__name__
    if isinstance(error, RecursionError):
        reason = "it refers to itself, or is nested too deeply"
    where = f"{path}: " if path is not None else ""
    return UserError(f"{where}the configuration cannot be composed ({reason})", remedy="compare it with those below conf/")


def from_omegaconf(error: OmegaConfBaseException, key: str, overrides: Sequence[str] = ()) -> UserError:
    """Return what OmegaConf refused as an error about a key.

    Args:
        error: the error that it raised.
        key: the key that it is about, where it does not say.
        overrides: the overrides of the command line; the one that sets the key is named.
    """
    key = str(error.full_key or key)
    problem = str(error.msg or error).splitlines()[0]
    said = [one.whole for one in parse_overrides(overrides) if one.key == key]
    where = said[0] if said else key
    return UserError(f"{where}: {problem}" if where else problem, key=key)


def _missing_choice(error: MissingConfigException) -> UserError:
    missing = error.missing_cfg_file or ""
    group, _, name = missing.rpartition("/")
    options = list(error.options or [])
    if not options:  # Hydra tells none where one of a list of choices is missing.
        options = sorted(path.stem for path in (conf_dir() / group).glob("*.yaml")) if group else []
    if not options:
        return UserError(str(error).splitlines()[0])
    hint = nearest(name, options) or "."
    return UserError(f"{group}={name}: there is no such {group}{hint} Choose one of: {', '.join(options)}", key=group)


def _bad_override(error: ConfigCompositionException, overrides: Sequence[str], folders: Sequence[Path]) -> UserError:
    cause = error.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        return _unknown(str(cause.full_key), overrides, folders)
    if isinstance(cause, OmegaConfBaseException):
        merged = str(error).splitlines()[0].removeprefix(_MERGING)  # In a sweep, the one value of several.
        return from_omegaconf(cause, "", [merged, *overrides] if merged != str(error) else overrides)
    for one in parse_overrides(overrides):
        if _is_several(one.whole):
            listed = f"write a list as {one.key}='[{one.text}]', or sweep over them with -m"
            return UserError(f"{one} is several values", key=one.key, remedy=listed)
    first, *more = str(error).splitlines()
    if not first.endswith(":") or not more:
        return UserError(first)
    place = first.partition(":")[0].removeprefix("In ").strip("'")
    key = next((line.partition(":")[2].strip() for line in more if line.strip().startswith("full_key")), "")
    return UserError(f"{place}.yaml: {f'{key}: ' if key else ''}{more[0]}", key=key)


def _is_several(override: str) -> bool:
    try:
        return bool(OverridesParser.create().parse_override(override).is_sweep_override())
    except HydraException:
        return False


def _unknown(key: str, overrides: Sequence[str], folders: Sequence[Path]) -> UserError:
    """Return the error for a key that the configuration does not have."""
    key = key.partition("@")[0].replace("/", ".")
    parent, _, name = key.rpartition(".")
    plain = [one for one in parse_overrides(overrides) if "." not in one.key and one.key != key and not _is_several(one.whole)]
    for kept in ([one.whole for one in plain], []):
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
    if SPELLINGS.get(name) is not None:
        return unknown_key(key, task, config)
    known, where = _keys_below(config, parent)
    missing = "" if where == parent else f": there is no {parent}"
    hint = nearest(name if where == parent else parent.removeprefix(f"{where}."), known) or "."
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
