"""Spaces are imported when they are first used."""

import pytest

from zen_lightning import space


@pytest.mark.parametrize("name", list(space._SPACES))
def test_each_space_is_known_by_its_own_name(name: str) -> None:
    assert space.search_space(name).name == name
    assert type(space.search_space(name)).__name__ == space._SPACES[name]


def test_all_names_are_there() -> None:
    assert all(getattr(space, name) for name in space.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = space.nothing
