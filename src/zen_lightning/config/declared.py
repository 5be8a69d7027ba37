"""Which type every key of a configuration has: that of the field or parameter that it becomes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, get_args

from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config.build import target_of
from zen_lightning.config.keys import EVERYWHERE, Reader
from zen_lightning.config.kinds import kind_of
from zen_lightning.config.schema import GROUPS, RootConfig, TrainerConfig
from zen_lightning.errors import UserError
from zen_lightning.system.annotations import fields_of, range_of
from zen_lightning.system.value_types import AnyMapping, Count

_CLASSES = {
    "trainer": ("zen_lightning.training.machine.Machine",),
    "trainer.early_stopping": ("zen_lightning.training.early_stopping.EarlyStopping",),
    "recipe.augmentation": ("zen_lightning.data.augmentation.Augmentation",),
    "distillation": ("zen_lightning.training.distillation.Distillation",),
}
"""Of nodes without ``_target_``, the classes that they become: by name, since these import torch."""

_KEYS: dict[str, dict[str, Any]] = {
    "dataset": {"root": str | None},  # Of noise too, which is no class.
    "trainer.early_stopping": {"patience": Count | None},  # Null: there is none.
}
"""Keys that tasks read themselves, beside those of the class of their node, or before it is made."""

NAMES = ("name", "_target_")
"""Keys that name what their node is, and are looked at where it is made."""


def declared_types(config: DictConfig, tasks: Sequence[type[Reader]]) -> Iterator[tuple[str, Any]]:
    """Yield every key that tasks read with its type; None for one that nothing declares.

    A group that describes objects, and is not read, is left out: its classes are not imported.

    Args:
        config: the composed configuration.
        tasks: the task of the command, and those that it passes keys on to.
    """
    roots = fields_of(RootConfig)
    own: dict[str, Any] = {}
    for task in reversed(tasks[1:]):  # Null is: nothing is passed on.
        own.update({name: hint | None for name, hint in fields_of(task.Keys).items()})
    own.update(fields_of(tasks[0].Keys))
    read = {group.partition(".")[0] for task in tasks for group in task.groups} | {*EVERYWHERE}
    for name in map(str, config):
        if name in GROUPS:
            schema = GROUPS[name]
            if name in read or schema is not None:
                yield from _below(config, name, {} if schema is None else fields_of(schema))
        elif name in own or name in roots:
            yield from _one(config, name, own.get(name, roots.get(name)))


def _below(config: DictConfig, key: str, types: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what is below a mapping."""
    node = _node(config, key)
    if not isinstance(node, DictConfig):
        yield key, AnyMapping | None
        return
    described = dict(types)
    for name in _CLASSES.get(key, ()):
        described.update(_fields_of_class(name))
    if key == "trainer":
        described.update(fields_of(TrainerConfig))
    if "_target_" in node and key != "task":
        try:
            described.update(fields_of(target_of(_shallow(node), key, kind_of(key))[0]))
        except (UserError, OmegaConfBaseException, NameError, TypeError):
            return  # Said where it is made; what another package has annotated in its own way is its to check.
    described.update(_KEYS.get(key, {}))
    for name in map(str, node):
        if name not in NAMES:
            yield from _one(config, f"{key}.{name}", described.get(name))


def _one(config: DictConfig, key: str, hint: Any) -> Iterator[tuple[str, Any]]:
    """Yield a key with its type, or those of a mapping that has keys of its own."""
    node = _node(config, key)
    inner = next((one for one in (hint, *get_args(hint)) if is_dataclass(one) and isinstance(one, type)), None)
    wanted = range_of(hint)
    may_be_object = wanted is None or wanted.wrong({}, key) is None
    if isinstance(node, DictConfig) and (inner is not None or key in _CLASSES or ("_target_" in node and may_be_object)):
        yield from _below(config, key, {} if inner is None else fields_of(inner))
    else:
        yield key, hint


def _node(config: DictConfig, key: str) -> Any:
    try:
        return OmegaConf.select(config, key, throw_on_missing=False, throw_on_resolution_failure=False)
    except OmegaConfBaseException:
        return None


def _shallow(node: DictConfig) -> dict[str, Any]:
    return {"_target_": OmegaConf.select(node, "_target_")}


def _fields_of_class(name: str) -> Mapping[str, Any]:
    return fields_of(get_object(name))
