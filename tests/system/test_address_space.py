"""The address space that a process may have."""

import resource
import sys

import pytest

from zen_lightning.system.address_space import address_space


@pytest.mark.parametrize(("soft", "space"), [(1 << 32, 1 << 32), (resource.RLIM_INFINITY, None)])
def test_the_limit_is_that_of_the_shell(soft: int, space: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, resource.RLIM_INFINITY))
    assert address_space() == space


def test_a_system_without_such_limits_sets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert address_space() is None
