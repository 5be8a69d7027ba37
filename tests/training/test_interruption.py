"""Signals that a training listens to."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.interruption import Interruption


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGTERM, signal.SIGINT)}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


@pytest.mark.parametrize(("before", "hears"), [(signal.default_int_handler, True), (signal.SIG_IGN, False)])
def test_ctrl_c_is_heard_unless_it_is_ignored(before: Any, hears: bool, tmp_path: Path) -> None:
    """A script ignores it in what it starts in the background."""
    signal.signal(signal.SIGINT, before)
    interruption = Interruption(Checkpoints(tmp_path, 32), Agreement())
    interruption.has_stepped = True
    with interruption.listening():
        signal.raise_signal(signal.SIGINT)
        assert interruption.signum == (signal.SIGINT if hears else 0)
        signal.raise_signal(signal.SIGTERM)
        assert interruption.signum in (signal.SIGINT, signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before
