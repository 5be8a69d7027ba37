"""The closed form in the cases that can be worked out by hand, and its determinism."""

import contextlib
import math
import os
import subprocess
import sys

import pytest

from golden import GoldenArchitecture, architectures
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

DELTA = 1 - 1 / math.sqrt(1 + 0.01**2)

SCRIPT = """
import sys
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm
for line in sys.argv[1:]:
    resolution, text = line.split()
    print(*map(float.hex, ZenClosedForm(int(resolution)).readings(Architecture.parse(text))))
"""


def test_one_convolution_without_padding() -> None:
    channels, resolution = 1_000_000, 16
    arch = Architecture.parse(f"SuperConvK1BNRELU(3,{channels},1,1)")
    expected = 0.5 * math.log(3) + math.log(channels * resolution**2 * math.sqrt(DELTA / math.pi))
    assert ZenClosedForm(resolution, "batch").score(arch).value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("channels", [1, 3, 8])
def test_the_variance_of_the_first_layer(kernel_size: int, channels: int) -> None:
    resolution, half = 16, (kernel_size - 1) // 2
    power = sum((resolution - abs(tap - half)) / resolution for tap in range(kernel_size)) ** 2
    variance = channels * power
    arch = Architecture.parse(f"SuperConvK{kernel_size}BNRELU({channels},8,1,1)", in_channels=channels)
    batch, running = ZenClosedForm(resolution).readings(arch)
    assert batch - running == pytest.approx(0.5 * math.log(variance / (0.81 + 0.19 * variance)), abs=1e-12)


def test_a_wide_layer_without_border_follows_the_plain_theory() -> None:
    wide, resolution = 1_000_000, 2_000
    one = Architecture.parse(f"SuperConvK1BNRELU(3,{wide},1,1)")
    two = Architecture.parse(f"SuperConvK1BNRELU(3,{wide},1,1)SuperConvK1BNRELU({wide},{wide},1,1)")
    gap = DELTA / 2 - math.sqrt(2) / (3 * math.pi) * DELTA**1.5
    grown = gap / (0.5 - 0.5 / math.pi)
    expected = 0.5 * math.log(wide * (0.5 - 0.5 / math.pi)) + 0.5 * math.log(grown / DELTA)
    readings = [ZenClosedForm(resolution, "batch").score(arch).value for arch in (one, two)]
    assert readings[1] - readings[0] == pytest.approx(expected, abs=1e-3)


def test_what_nothing_rectifies_differs_twice_as_much() -> None:
    channels, resolution = 1_000_000, 16
    arch = Architecture.parse(f"ConvK1BN(3,{channels},1,1)")
    expected = 0.5 * math.log(3) + math.log(channels * resolution**2 * 2 * math.sqrt(DELTA / math.pi))
    assert ZenClosedForm(resolution, "batch").score(arch).value == pytest.approx(expected, abs=1e-6)


def test_a_convolution_that_reads_a_linear_output_has_the_variance_of_its_inputs_and_keeps_their_correlation() -> None:
    wide, resolution = 1_000_000, 2_000
    one = Architecture.parse(f"ConvK1BN(3,{wide},1,1)")
    two = Architecture.parse(f"ConvK1BN(3,{wide},1,2)")
    readings = [ZenClosedForm(resolution, "batch").score(arch).value for arch in (one, two)]
    assert readings[1] - readings[0] == pytest.approx(0.5 * math.log(wide), abs=1e-3)


def test_pre_activation_is_a_row_with_the_relus_moved() -> None:
    pre = Architecture.parse("ConvK3BN(3,16,1,1)PreResK3K3(16,16,1,2)")
    row = Architecture.parse("SuperConvK3BNRELU(3,16,1,4)ConvK3BN(16,16,1,1)")
    for reading in ("batch", "running"):
        ours, theirs = (ZenClosedForm(32, reading).score(arch).value for arch in (pre, row))
        assert ours == pytest.approx(theirs, rel=1e-3)


@pytest.mark.parametrize("bn_variance", ["batch", "running"])
@pytest.mark.parametrize(
    "text",
    [
        "SuperConvK3BNRELU(3,16,2,1)MBConvE1K3(16,16,1,2)MBConvE6K5(16,24,2,3)SuperConvK1BNRELU(24,128,1,1)",
        "SuperConvK3BNRELU(3,16,2,1)MBConvE3K7SE(16,24,1,3)MBConvE4K3(24,40,2,2)",
        "SuperConvK3BNRELU(3,16,2,1)ConvK3BN(16,32,1,1)PreResK3K3(32,32,1,2)PreResK3K3(32,64,2,1)",
    ],
)
def test_linear_outputs_agree_with_monte_carlo(text: str, bn_variance: str) -> None:
    arch = Architecture.parse(text)
    sampled = ZenMonteCarlo(32, bn_variance, batch_size=16, repeats=6).score(arch).value
    assert ZenClosedForm(32, bn_variance).score(arch).value == pytest.approx(sampled, rel=0.015)


def test_the_score_grows_with_width_and_resolution() -> None:
    scores = [ZenClosedForm(32).score(Architecture.parse(f"SuperConvK3BNRELU(3,{c},1,2)")).value for c in (8, 16, 32, 64)]
    assert scores == sorted(set(scores))
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,2)")
    scores = [ZenClosedForm(resolution).score(arch).value for resolution in (8, 9, 32, 224)]
    assert scores == sorted(set(scores))


@pytest.mark.parametrize("golden", architectures(), ids=lambda golden: golden.name)
def test_the_running_reading_lies_below_the_batch_reading(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    norms = sum(len(unit.backbone) for block in arch.blocks for unit in block.units)
    batch, running = ZenClosedForm(golden.resolution).readings(arch)
    assert 0 < batch - running < norms * 0.5 * math.log(1 / 0.19)
    assert ZenClosedForm(golden.resolution, "batch").score(arch).value == batch
    assert ZenClosedForm(golden.resolution, "running").score(arch).value == running


def test_the_deepest_and_narrowest_network_has_a_score_or_a_reason() -> None:
    with contextlib.suppress(CannotScoreError):
        assert math.isfinite(ZenClosedForm(32).score(Architecture.parse("SuperConvK1BNRELU(3,1,1,4096)")).value)


def test_a_larger_perturbation_scores_higher() -> None:
    arch = Architecture.parse(architectures()[0].structure)
    assert ZenClosedForm(32, gamma=0.1).score(arch).value > ZenClosedForm(32, gamma=0.01).score(arch).value


def test_the_order_of_evaluation_changes_no_digit() -> None:
    # The same block first, early and late in a network: what it leads to is remembered with it, and differs.
    last = "SuperResK3K3(8,8,1,8,2)SuperConvK1BNRELU(8,3,1,1)SuperConvK3BNRELU(3,3,1,1)"
    texts = [f"SuperConvK3BNRELU(3,8,1,{layers}){last}" for layers in (1, 4, 12)]
    texts += ["SuperConvK3BNRELU(3,3,1,1)", "SuperConvK1BNRELU(3,3,1,1)SuperConvK3BNRELU(3,3,1,1)"]
    # One that reads a relu, a linear output, the image.
    texts += [f"{before}MBConvE6K3(8,8,1,2)" for before in ("SuperConvK3BNRELU(3,8,1,1)", "ConvK3BN(3,8,1,1)")]
    texts += ["MBConvE1K3(3,8,1,1)MBConvE6K3(8,8,1,2)", "ConvK3BN(3,8,1,1)PreResK3K3(8,8,1,2)", "PreResK3K3(3,8,1,2)"]
    lines = [f"{resolution} {text}" for text in texts for resolution in (32, 16)]
    lines += [f"{golden.resolution} {golden.structure}" for golden in architectures()]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    def scores(order: list[str]) -> list[str]:
        command = [sys.executable, "-c", SCRIPT, *order]
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.splitlines()

    forwards = scores(lines)
    assert len(forwards) == len(lines)
    assert scores(lines[::-1])[::-1] == forwards
    assert scores(lines[5:6]) == forwards[5:6]


def test_unknown_reading() -> None:
    with pytest.raises(UserError, match=r"bn_variance=runing: did you mean 'running'\? Choose from: batch, running"):
        ZenClosedForm(32, "runing")


@pytest.mark.parametrize("resolution", [0, -32])
def test_resolution_must_be_positive(resolution: int) -> None:
    with pytest.raises(UserError, match="resolution"):
        ZenClosedForm(resolution).score(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"))
