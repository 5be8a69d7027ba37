"""Networks whose backward pass crashes PyTorch on the CPU with channels last are laid otherwise."""

import subprocess
import sys

import pytest
from torch import nn

from zen_lightning.training.machine import Machine
from zen_lightning.training.memory_layout import with_safe_layout


@pytest.mark.parametrize(
    ("convolution", "image_size", "kept"),
    [
        (nn.Conv2d(8, 16, 1, stride=2), 64, False),
        (nn.Conv2d(8, 16, 1, stride=2), 32, True),
        (nn.Conv2d(8, 16, 1), 64, True),
        (nn.Conv2d(8, 16, 3, stride=2), 64, True),
        (nn.Conv2d(32, 64, 1, stride=2), 64, True),
    ],
)
def test_channels_last_is_kept_where_it_is_safe(convolution: nn.Module, image_size: int, kept: bool) -> None:
    machine = with_safe_layout(Machine("cpu"), nn.Sequential(convolution), image_size)
    assert machine.channels_last is kept
    assert not with_safe_layout(Machine("cpu", channels_last=False), nn.Sequential(convolution), image_size).channels_last


@pytest.mark.long
def test_a_narrow_network_trains_at_64_pixels(tmp_path: object) -> None:
    arch = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
    command = ["task=train", f"arch={arch}", "dataset=digits", "resolution=64", "debug=fast", "trainer=cpu"]
    given = [sys.executable, "-m", "zen_lightning", *command, f"output_dir={tmp_path}"]
    ended = subprocess.run(given, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
