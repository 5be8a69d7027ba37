"""The number of cores and threads of a process."""

import os

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.cores import SHARE, available_cores, require_thread_number


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1e3", "2.5", "2,", "²", "9" * 5000])
def test_what_is_no_number_of_threads_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    with pytest.raises(UserError, match="in the environment: expected a number of threads, 1 or more; or unset it"):
        require_thread_number()


@pytest.mark.parametrize("text", ["4", " 2 ", "2,1", None])
def test_numbers_of_threads_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if text is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", text)
    require_thread_number()
    assert os.environ.get("OMP_NUM_THREADS") == text


def test_an_empty_number_of_threads_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", " ")
    require_thread_number()
    assert "OMP_NUM_THREADS" not in os.environ


@pytest.mark.parametrize("text", ["x", "0", "", "²"])
def test_a_share_that_is_no_number_limits_nothing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.delenv(SHARE, raising=False)
    cores = available_cores()
    monkeypatch.setenv(SHARE, text)
    assert available_cores() == cores
