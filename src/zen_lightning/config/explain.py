"""Hydra's and OmegaConf's errors, as one sentence that says what, where, and what to choose from."""

import re
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config import conf_dir
from zen_lightning.errors import nearest


def explain_configuration(error: Exception, arguments: list[str]) -> str | None:
    """Return what is wrong with the configuration, or None where the error is no fault of it.

    Args:
        error: what composing or reading the configuration raised.
        arguments: of the command line, to find the culprit in.
    """
    if isinstance(error, MissingConfigException):
        return _missing_choice(error)
    if isinstance(error, OverrideParseException):
        return f"cannot read {error.override!r}: write key=value, and quote a value with special characters: \"key='value'\""
    if isinstance(error, ConfigCompositionException):
        return _bad_override(error, arguments)
    if isinstance(error, OmegaConfBaseException):
        return _value_error(error)
    if isinstance(error, HydraException):
        return str(error).splitlines()[0]
    return None


def _missing_choice(error: MissingConfigException) -> str:
    missing = error.missing_cfg_file or ""
    group, _, name = missing.rpartition("/")
    options = list(error.options or [])
    if not options:  # Hydra tells none where one of a list of choices is missing.
        options = sorted(path.stem for path in (conf_dir() / group).glob("*.yaml")) if group else []
    if not options:
        return str(error).splitlines()[0]
    hint = nearest(name, options) or "."
    return f"{group}={name}: there is no such {group}{hint} Choose one of: {', '.join(options)}"


def _bad_override(error: ConfigCompositionException, arguments: list[str]) -> str:
    cause = error.__cause__
    text = str(error)
    ambiguous = re.search(r"Ambiguous value for argument '([^=]+)=(.+)'", text)
    if ambiguous:
        key, value = ambiguous.groups()
        return f"{key}={value} is several values: write a list as {key}='[{value}]', or sweep over them with -m"
    match = re.search(r"Could not override '([^']+)'", text) or re.search(r"overriding '([^']+)'", text)
    if match:
        return _unknown_key(match.group(1), arguments)
    if isinstance(cause, OmegaConfBaseException):
        return _value_error(cause, text)
    return text.splitlines()[0]


def _unknown_key(key: str, arguments: list[str]) -> str:
    key = key.partition("@")[0].replace("/", ".")
    parent, _, name = key.rpartition(".")
    known = _known_keys(parent, arguments)
    if not known and parent:
        return _unknown_key(parent, arguments).replace(f"unknown key {parent}", f"unknown key {key}: there is no {parent}", 1)
    if not known:
        return f"unknown key {key}"
    where = f"The keys of {parent} are" if parent else "The keys and groups are"
    return f"unknown key {key}{nearest(name, known) or '.'} {where}: {', '.join(known)}"


def _known_keys(parent: str, arguments: list[str]) -> list[str]:
    """Return the keys below ``parent`` in the configuration without the overrides of single keys."""
    groups = [a for a in arguments if re.fullmatch(r"[+~]?[^-.=][^.=]*=([^,]*|['\"\[{].*)", a, re.DOTALL)]
    for overrides in (groups, []):
        try:
            GlobalHydra.instance().clear()
            with initialize_config_dir(str(conf_dir()), version_base="1.3"):
                node: Any = compose("config", overrides)
            for part in filter(None, parent.split(".")):
                node = node[part]
            return [str(key) for key in node if key != "_target_"] if isinstance(node, DictConfig) else []
        except (HydraException, OmegaConfBaseException, KeyError, TypeError):
            continue
    return []


def _value_error(error: OmegaConfBaseException, text: str = "") -> str:
    key = str(error.full_key or "")
    problem = str(error.msg or error).splitlines()[0]
    override = re.search(r"Error merging override (\S+)", text)
    where = override.group(1) if override else key
    return f"{where}: {problem}" if where else problem
