"""Hydra's and OmegaConf's errors, as errors of a user that say what, where, and what to choose from."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    InterpolationResolutionError,
    OmegaConfBaseException,
    ValidationError,
)

from zen_lightning.config.absent_keys import absent_key, is_several, unknown_at
from zen_lightning.config.group_values import choices_of
from zen_lightning.config.refused_value import refused_value
from zen_lightning.config.schema import schema_type
from zen_lightning.config.sources import last_read
from zen_lightning.errors import UserError, nearest, shortened
from zen_lightning.runs.overrides import Override, parse_overrides
from zen_lightning.system.annotations import range_of
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.named_path import expanded
from zen_lightning.system.unusable import unusable_path

_MERGING = "Error merging override "
"""What Hydra says before the override whose value does not fit."""


_NOISE = "noise"
"""The dataset without images, which nobody means by a similar word, such as mnist."""

_OWN = {
    "dataset": "for images of your own write dataset=image_folder dataset.root=FOLDER",
    "budget": "for limits of your own write budget=custom params=200k flops=20M",
}
"""What to write where none of those that ship is meant."""


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
        one = Override.parse(error.override or "")
        if not one.text:
            return UserError(f"cannot read {shortened(repr(error.override))}", remedy=remedy)
        return UserError("it cannot be read", key=one.key, value=shortened(one.text), remedy=remedy)
    if isinstance(error, ConfigCompositionException):
        return _bad_override(error, overrides, folders)
    if isinstance(error, OmegaConfBaseException):
        return from_omegaconf(error, "", overrides)
    if isinstance(error, HydraException):
        return UserError(str(error).splitlines()[0])
    return None


def odd_configuration(error: BaseException, overrides: Sequence[str] = (), folders: Sequence[Path] = ()) -> UserError:
    """Return what is wrong where composing failed in a way that Hydra has no sentence for.

    Args:
        error: what composing raised.
        overrides: the overrides of the command line: one may set a key below a value, or below null.
        folders: the configuration folders that are searched besides the shipped one.
    """
    refused = _refused_override(overrides, folders)
    if refused is None and isinstance(error, OSError):
        refused = unusable_path(error, {one.key: one.value for one in parse_overrides(overrides)})
    if refused is not None:
        return refused
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
    said = [one for one in parse_overrides(overrides) if one.key == key]
    if not said and isinstance(error, InterpolationResolutionError):  # It tells no key where the whole is resolved.
        said = [one for one in parse_overrides(overrides) if "${" in one.text]
    what, expected = refused_value(error, key)
    if said and said[0].sign == "~":
        return UserError(f"{said[0]}: the key cannot be left out", key=key, remedy=f"set it, or write {key}=null for no value")
    if said:
        text = shortened(said[0].text)
        wanted = range_of(schema_type(key)) if isinstance(error, ValidationError) else None
        if wanted is not None:
            return UserError(key=key, value=text, expected=wanted.phrase(text))
        return UserError(what, key=said[0].key, value=text, expected=expected)
    return UserError(f"{key}: {what}" if key and what else what or key, key=key, expected=expected)


def _missing_choice(error: MissingConfigException) -> UserError:
    missing = error.missing_cfg_file or ""
    group, _, name = missing.partition("/") if missing.startswith("dataset/") else missing.rpartition("/")
    options = list(error.options or [])
    if not options:  # Hydra tells none where one of a list of choices is missing.
        options = sorted(path.stem for path in (conf_dir() / group).glob("*.yaml")) if group else []
    if not options:
        return UserError(str(error).splitlines()[0])
    path = expanded(name)
    if group == "dataset" and path.exists():
        root = shlex.quote(f"dataset.root={name}") if path.is_dir() else "dataset.root=FOLDER"
        what = f"dataset={name}: a dataset is chosen by its kind, and {name} is a {'folder' if path.is_dir() else 'file'}"
        return UserError(what, key=group, remedy=f"for a folder of images write dataset=image_folder {root}")
    hint = nearest(name, [one for one in options if one != _NOISE]) or "."
    own = f"; {_OWN[group]}" if group in _OWN else ""
    return UserError(f"{group}={name}: there is no such {group}{hint} Choose one of: {', '.join(options)}{own}", key=group)


def _bad_override(error: ConfigCompositionException, overrides: Sequence[str], folders: Sequence[Path]) -> UserError:
    cause = error.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        return unknown_at(str(cause.full_key), overrides, folders)
    refused = _refused_override(overrides, folders)
    if refused is not None:
        return refused
    if isinstance(cause, OmegaConfBaseException):
        merged = str(error).splitlines()[0].removeprefix(_MERGING)  # In a sweep, the one value of several.
        return from_omegaconf(cause, "", [merged, *overrides] if merged != str(error) else overrides)
    for one in parse_overrides(overrides):
        if "${" in one.text and (choices := choices_of(one.key, folders)):
            what = "it refers to no choice of another group"
            return UserError(what, key=one.key, value=one.text, expected=f"one of {', '.join(choices)}")
        if is_several(one.whole):
            listed = f"write a list as {one.key}='[{one.text}]', or sweep over them with -m"
            return UserError(f"{one} is several values", key=one.key, remedy=listed)
    first, *more = str(error).splitlines()
    if not first.endswith(":") or not more:
        return UserError(first)
    place = first.partition(":")[0].removeprefix("In ").strip("'")
    key = next((line.partition(":")[2].strip() for line in more if line.strip().startswith("full_key")), "")
    return UserError(f"{place}.yaml: {f'{key}: ' if key else ''}{more[0]}", key=key)


def _refused_override(overrides: Sequence[str], folders: Sequence[Path]) -> UserError | None:
    """Return what is wrong with an override whatever is composed: a number of too many digits, or a key that is not there."""
    long = next((one for one in parse_overrides(overrides) if _is_long_number(one.value)), None)
    if long is not None:
        return UserError(key=long.key, value=shortened(long.value), expected="a number of fewer digits")
    return absent_key(overrides, folders)


def _is_long_number(text: str) -> bool:
    """Whether a value is a whole number of more digits than Python reads (4,300)."""
    digits = text.lstrip("+-").replace("_", "")
    return digits.isdecimal() and 0 < sys.get_int_max_str_digits() < len(digits)
