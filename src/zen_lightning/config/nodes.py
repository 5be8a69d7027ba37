"""Checks every node of a configuration that describes an object against the signature of its class."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config.build import argument_problems, target_of
from zen_lightning.config.explain import from_omegaconf
from zen_lightning.config.kinds import kind_of
from zen_lightning.config.problems import Problems

_NO_ARGUMENTS = ("name", "augmentation")
"""Keys of nodes that are read by themselves where the class has no such argument."""

_COMPLETED_BY_TASKS = ("logger",)
"""Nodes that tasks add arguments to, such as the folder of the run."""


def check_nodes(config: DictConfig, problems: Problems, groups: Sequence[str]) -> None:
    """Note unknown keys, keys that are missing and values of another type, of every node with ``_target_``.

    What is not chosen yet, ``???``, is for the task that needs it to miss; what refers to another key is checked there.

    Args:
        config: the composed configuration.
        problems: get what is found.
        groups: the groups to look at: those that the task reads.
    """
    for key, node in object_nodes(config):
        if key.partition(".")[0] not in groups:
            continue
        missing = {f"{key}.{name!s}" for name in node if OmegaConf.is_missing(node, name)}
        referring = {f"{key}.{name!s}" for name in node if OmegaConf.is_interpolation(node, str(name))}
        with problems.noted(key):
            target: Callable[..., object]
            try:
                target, arguments = target_of(node, key, kind_of(key))
            except OmegaConfBaseException as error:
                problems.add(from_omegaconf(error, key), key)
                continue
            known = inspect.signature(target).parameters
            given = {
                name: value
                for name, value in arguments.items()
                if f"{key}.{name}" not in missing and (name in known or name not in _NO_ARGUMENTS)
            }
            for problem in argument_problems(target, given, key):
                is_missing = problem.key.rpartition(".")[2] not in given
                for_others = is_missing and (key in _COMPLETED_BY_TASKS or problem.key in missing)
                if not for_others and (is_missing or problem.key not in referring):
                    problems.add(problem, key)


def object_nodes(config: DictConfig, prefix: str = "") -> Iterator[tuple[str, DictConfig]]:
    """Yield key and node of everything that names a class by ``_target_``, the nodes within nodes too."""
    for name in config:
        if OmegaConf.is_missing(config, name) or OmegaConf.is_interpolation(config, str(name)):
            continue
        node: Any = config[name]
        if not isinstance(node, DictConfig):
            continue
        key = f"{prefix}{name!s}"
        if "_target_" in node:
            yield key, node
        yield from object_nodes(node, f"{key}.")
