"""Values of groups that are no names: what switches one off, and what is to be the name of a choice."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, QuotedString

from zen_lightning.config.parsing import as_hydra_reads
from zen_lightning.errors import UserError, as_yaml
from zen_lightning.runs.overrides import Override
from zen_lightning.system.conf_dir import conf_dir

_OFF = {"logger": "none", "teacher": "none", "launcher": "serial"}
"""What switches a group off that has a choice for that."""

_HYDRA = "hydra"
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = ("null", "true", "false", "nan", "inf")
"""What Hydra reads as a name, and as something else."""

_LEFT_OUT = ("debug", "experiment")
"""Groups that are off where nothing is said."""


def with_named_choices(arguments: Sequence[str], folders: Sequence[Path] = ()) -> list[str]:
    """Return arguments in which every group has the name of a choice: ``logger=null`` is ``logger=none``.

    Args:
        arguments: of the command line.
        folders: the configuration folders that are searched besides the shipped one.

    Raises:
        UserError: a value that is neither a name nor says that the group is off.

    Example:
        >>> with_named_choices(["debug=null", "logger=false", "budget=params1M", "seed=1"])
        ['logger=none', 'budget=params1M', 'seed=1']
    """
    return [named for argument in arguments for named in _named(argument, folders)]


def _named(argument: str, folders: Sequence[Path]) -> Iterator[str]:
    one = Override.parse(argument)
    if argument.startswith("="):
        raise UserError(f"{argument}: there is no key in front of =", remedy="write key=value")
    if one.key == _HYDRA and not one.sign and "=" in argument:
        raise UserError(key=_HYDRA, value=one.text, expected="one of its keys, such as hydra.run.dir=DIR")
    if _NAME.fullmatch(one.text) and one.text.lower() not in _WORDS:
        yield argument
        return
    choices = choices_of(one.key, folders) if not one.sign and "=" in argument and not argument.startswith("-") else []
    value = _value(argument) if choices else ""
    if isinstance(value, ChoiceSweep):
        for each in value.list:
            if not isinstance(each, str | QuotedString | list) or each == []:
                raise UserError(key=one.key, value=as_yaml(each), choices=choices)
        yield argument
        return
    if _is_choice(value):
        yield argument
    elif value is None or value is False or value == []:
        if one.key not in (*_OFF, *_LEFT_OUT):
            raise UserError(key=one.key, value=one.text, choices=choices)
        if one.key in _OFF:
            yield f"{one.key}={_OFF[one.key]}"
    else:
        raise UserError(key=one.key, value=one.text, choices=choices)


def _value(argument: str) -> Any:
    """Return the value of an override; of other sweeps than a list of values, and of what Hydra cannot read, a text."""
    parsed = as_hydra_reads(argument)
    value = "" if parsed is None else parsed.value()
    return "" if parsed is not None and parsed.is_sweep_override() and type(value) is not ChoiceSweep else value


def _is_choice(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str | QuotedString) for item in value)
    return isinstance(value, str | QuotedString)


def choices_of(group: str, folders: Sequence[Path] = ()) -> list[str]:
    """Return the names of the choices of a group; none of a key that is no group."""
    if not group or "." in group or "/" in group:
        return []
    places = [folder / group for folder in (conf_dir(), *folders)]
    return sorted({path.stem for place in places if place.is_dir() for path in place.glob("*.yaml")})
