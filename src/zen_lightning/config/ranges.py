"""Checks every key of a configuration against the type that is declared for it, before anything of it is built."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config.declared import declared_types
from zen_lightning.config.keys import Reader
from zen_lightning.errors import UserError
from zen_lightning.system.annotations import range_of
from zen_lightning.system.value_checks import refusal
from zen_lightning.system.value_ranges import Range, is_text
from zen_lightning.system.whole_numbers import whole_where_asked


def range_problems(config: DictConfig, tasks: Sequence[type[Reader]], words: Collection[str] = ()) -> Iterator[UserError]:
    """Yield an error for every key whose value is not of its type, or out of its range.

    A whole number where text is meant is made text: ``run=0`` is the folder of job 0 of a sweep. A
    floating-point number without fraction is the whole number that is meant, as programs that draw values write them:
    ``recipe.batch_size=64.0``.

    Args:
        config: the composed configuration.
        tasks: the task of the command, and those that it passes keys on to.
        words: the keys that are words for people here, and may be any text.

    Example:
        >>> from dataclasses import dataclass
        >>> from zen_lightning.system.value_types import Count
        >>> @dataclass
        ... class Keys:
        ...     limit: Count | None = None
        >>> class Train:
        ...     name, groups, instead, Keys = "train", (), {}, Keys
        >>> for error in range_problems(OmegaConf.create({"seed": -1, "limit": float("nan")}), [Train]):
        ...     print(error)
        seed=-1: expected 0 or more
        limit=nan: expected a whole number, 1 or more
    """
    wrong: list[Any] = []
    references = []
    for key, hint in declared_types(config, tasks):
        wanted = range_of(hint)
        if wanted is None or key in words:
            continue
        node, name = _place(config, key)
        if OmegaConf.is_missing(node, name):
            continue  # It is for its task to miss.
        if OmegaConf.is_interpolation(node, name):
            references.append((key, wanted))
            continue
        value = _value(config, key)
        problem = refusal(wanted, value, key)
        if problem is not None and _is_meant_as_text(wanted, value):
            OmegaConf.update(config, key, _as_text(value), merge=False)
        elif problem is not None and (whole := whole_where_asked(wanted, value)) is not value:
            OmegaConf.update(config, key, whole, merge=False)
        elif problem is not None:
            wrong.append(value)
            yield problem
    for key, wanted in references:
        try:
            value = _value(config, key)
        except OmegaConfBaseException:
            continue  # It refers to nothing, which is refused where the configuration is resolved.
        problem = None if value in wrong or _is_meant_as_text(wanted, value) else refusal(wanted, value, key)
        if problem is not None:  # What is wrong for both keys is said once.
            yield problem


def _place(config: DictConfig, key: str) -> tuple[Any, str]:
    """Return the mapping that a key stands in, and its name there."""
    parent, _, name = key.rpartition(".")
    return (OmegaConf.select(config, parent) if parent else config), name


def _is_meant_as_text(wanted: Range, value: Any) -> bool:
    """Whether a value would be right as text, and only text is right."""
    return is_text(wanted) and refusal(wanted, _as_text(value), "") is None


def _value(config: DictConfig, key: str) -> Any:
    """Return a value as plain data; what refers to another key within it stays as it is written."""
    node, name = _place(config, key)
    value = node[name]
    try:
        return OmegaConf.to_container(value, resolve=True) if isinstance(value, DictConfig | ListConfig) else value
    except OmegaConfBaseException:
        return OmegaConf.to_container(value, resolve=False)


def _as_text(value: Any) -> Any:
    """Return whole numbers, also those in a list, as OmegaConf makes them text where a key has its type of text."""
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
