"""Composes the same choices of groups once for thousands of commands; Hydra applies the values of each to a copy, as ever."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from hydra._internal import config_loader_impl, defaults_list
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.defaults_list import DefaultsList

from zen_lightning.cli import examination
from zen_lightning.config import composing


@contextmanager
def same_groups_once() -> Iterator[None]:
    """Within this context, what depends on the choices of groups alone is computed once. No file may change in it."""
    lists: dict[Any, DefaultsList] = {}
    contents: dict[int, Any] = {}
    references: dict[Any, Any] = {}
    list_of, compose, reference_of = (
        defaults_list.create_defaults_list,
        ConfigLoaderImpl._compose_config_from_defaults_list,
        composing.reference,
    )

    def create_defaults_list(
        repo: Any, config_name: str | None, overrides_list: list[Any], prepend_hydra: bool, skip_missing: bool
    ) -> DefaultsList:
        # As Hydra tells them apart: a mapping for a group is a value.
        values = [one for one in overrides_list if isinstance(one.value(), dict) or not repo.group_exists(one.key_or_group)]
        groups = [one for one in overrides_list if not any(one is other for other in values)]
        sources = tuple(source.path for source in repo.get_sources())
        key = (sources, config_name, prepend_hydra, skip_missing, tuple(one.input_line for one in groups))
        if key not in lists:
            lists[key] = list_of(repo, config_name, groups, prepend_hydra, skip_missing)
        known = lists[key]
        return DefaultsList(known.defaults, known.defaults_tree, values, known.overrides)

    def composed(self: Any, defaults: list[Any], repo: Any) -> Any:
        if id(defaults) not in contents:
            contents[id(defaults)] = compose(self, defaults, repo)
        return copy.deepcopy(contents[id(defaults)])

    def reference(config: Any, choices: dict[str, str]) -> Any:
        key = tuple(sorted((str(group), str(choice)) for group, choice in choices.items()))
        if key not in references:
            references[key] = reference_of(config, choices)
        return copy.deepcopy(references[key])

    with (
        patch.object(config_loader_impl, "create_defaults_list", create_defaults_list),
        patch.object(ConfigLoaderImpl, "_compose_config_from_defaults_list", composed),
        patch.object(ConfigLoaderImpl, "_process_config_searchpath", lambda *_: None),  # The project has none.
        patch.object(examination, "reference", reference),
        patch.object(examination, "register", lambda: None),  # The first command has done so.
    ):
        yield
