"""The most memory that a process has held."""

import sys
from pathlib import Path

import pytest

from zen_lightning.system import peak_memory
from zen_lightning.system.peak_memory import peak_process_memory, reset_peak


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux begins anew")
def test_the_peak_begins_anew() -> None:
    block = bytearray(200 * 2**20)
    block[:: 2**12] = b"1" * len(block[:: 2**12])
    high = peak_process_memory()
    del block
    reset_peak()
    low = peak_process_memory()
    assert high is not None
    assert low is not None
    assert high - low > 100 * 2**20


def test_elsewhere_it_is_that_of_the_whole_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak_memory, "_STATUS", Path("/nowhere"))
    monkeypatch.setattr(peak_memory, "_RESET", Path("/nowhere/either"))
    reset_peak()
    found = peak_process_memory()
    assert found is not None
    assert found > 2**20
