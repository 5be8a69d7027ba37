"""Where caches are."""

from multiprocessing.util import get_temp_dir
from pathlib import Path

import pytest

from zen_lightning.system.caches import caches

pwd = pytest.importorskip("pwd")


def test_they_are_where_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert caches() == Path("/caches/zen_lightning")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert caches() == Path("/home/me/.cache/zen_lightning")


def test_a_user_without_a_home_has_some_for_as_long_as_the_process_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert caches() == Path(get_temp_dir(), "zen_lightning")
