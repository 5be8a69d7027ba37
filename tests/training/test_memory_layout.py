"""Networks whose backward pass crashes PyTorch on the CPU with channels last are laid otherwise."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from torch import nn

from zen_lightning.training.machine import Machine
from zen_lightning.training.memory_layout import with_safe_layout


@pytest.mark.parametrize(
    ("convolution", "kept"),
    [
        (nn.Conv2d(3, 64, 1, stride=2), False),
        (nn.Conv2d(15, 64, 1, stride=2), False),
        (nn.Conv2d(16, 64, 1, stride=2), True),
        (nn.Conv2d(32, 64, 1, stride=2, groups=4), False),
        (nn.Conv2d(8, 16, 1, stride=(1, 2)), False),
        (nn.Conv2d(8, 16, 1), True),
        (nn.Conv2d(8, 16, 3, stride=2), True),
    ],
)
def test_channels_last_is_kept_where_it_is_safe(convolution: nn.Module, kept: bool) -> None:
    machine = with_safe_layout(Machine("cpu"), nn.Sequential(convolution))
    assert machine.channels_last is kept
    assert not with_safe_layout(Machine("cpu", channels_last=False), nn.Sequential(convolution)).channels_last


@pytest.mark.long
@pytest.mark.parametrize(("width", "resolution"), [(8, 64), (4, 32), (4, 8)])
def test_a_narrow_network_trains(width: int, resolution: int, tmp_path: Path) -> None:
    """In a process of its own: where more is written than there is room for, the C library ends it."""
    arch = f"SuperConvK3BNRELU(3,{width},1,1)SuperResK3K3({width},16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
    command = ["task=train", f"arch={arch}", "dataset=digits", f"resolution={resolution}", "debug=fast", "trainer=cpu"]
    given = [sys.executable, "-m", "zen_lightning", *command, f"output_dir={tmp_path}"]
    ended = subprocess.run(given, env=os.environ | _checked_memory(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def _checked_memory() -> dict[str, str]:
    """Let glibc look at every piece of memory that is freed, where its library for that is installed."""
    name = "libc_malloc_debug.so.0"
    try:
        ctypes.CDLL(name)
    except OSError:
        return {}
    return {"LD_PRELOAD": name, "GLIBC_TUNABLES": "glibc.malloc.check=3"}
