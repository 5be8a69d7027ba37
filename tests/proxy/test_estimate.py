"""The estimate of top-1: inside its range, outside of it, and the networks that it rests on."""

from itertools import pairwise

import pytest

from zen_lightning.arch import AccelArchitecture, Architecture, CellArchitecture
from zen_lightning.proxy.calibration import calibration
from zen_lightning.proxy.estimate import OutOfRangeError, estimate_top1, known_networks, on_curve
from zen_lightning.proxy.zen_calibrated import ZenCalibrated

CODE = "e6k3l1s0-e1k5l3s0-e6k3l2s0-e6k3l1s0-e4k3l2s0-e6k5l1s0-e4k5l2s0"
"""Row of Accel-NASBench: 61.092% after 16 epochs, 372,732,640 multiply-adds by its own counter."""


def test_a_network_that_was_trained() -> None:
    arch = AccelArchitecture.parse(CODE)
    found = estimate_top1(arch)
    assert found.low < 61.092 < found.high
    assert found.high - found.low < 4
    assert found.cautions == ()
    assert found.top1 == pytest.approx(on_curve(ZenCalibrated().score(arch).value, calibration()["estimate"]["curve"]))


def test_the_known_networks_have_the_score_of_today() -> None:
    """calibration.json and known_networks.csv.gz are written together."""
    arch = AccelArchitecture.parse(CODE)
    known = [network for network in known_networks() if network.top1 == 61.092]
    assert (arch.flops(224), ZenCalibrated().score(arch).value) in [
        (network.flops, pytest.approx(network.score, abs=6e-4)) for network in known
    ]


def test_the_rank_is_that_among_networks_of_the_same_cost() -> None:
    arch = AccelArchitecture.parse(CODE)
    flops, score = arch.flops(224), ZenCalibrated().score(arch).value
    peers = [network for network in known_networks() if flops / 1.1 <= network.flops <= flops * 1.1]
    found = estimate_top1(arch)
    assert found.peers == len(peers) > 100
    below = sum(network.score < score for network in peers)
    assert found.better_than == pytest.approx(100 * below / len(peers), abs=100 / len(peers))


def test_an_estimate_rises_with_the_score_and_saturates() -> None:
    curve = calibration()["estimate"]["curve"]
    values = [on_curve(score, curve) for score in (50, 55, 60, 65, 70)]
    steps = [after - before for before, after in pairwise(values)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] > 0


def test_out_of_range() -> None:
    arch = AccelArchitecture.parse(CODE)
    with pytest.raises(OutOfRangeError, match="at 224 px with 1000 classes, not at 32 px with 10"):
        estimate_top1(arch, 32, 10)
    small = AccelArchitecture.parse("-".join(["e1k3l1s0"] * 7))
    large = Architecture.parse("".join(block.text for block in small.blocks).replace("K3(16,24,2,1)", "K7(16,24,2,999)"))
    for network in (small, large):
        with pytest.raises(OutOfRangeError, match=r"have 75M to 661M FLOPs; this one has \d+M"):
            estimate_top1(network)
    cell = CellArchitecture.parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    with pytest.raises(OutOfRangeError, match="of rows of super-blocks, not of a CellArchitecture"):
        estimate_top1(cell)
    four = Architecture.parse("SuperConvK3BNRELU(3,32,2,1)MBConvE4K3(32,32,2,2)MBConvE4K3(32,64,2,2)MBConvE4K3(64,128,2,2)")
    with pytest.raises(OutOfRangeError, match="have 5 stages; this one has 4"):
        estimate_top1(four)


def test_cautions_say_what_was_never_trained() -> None:
    text = "".join(block.text for block in AccelArchitecture.parse(CODE).blocks)
    deep = Architecture.parse(text.replace("MBConvE6K3(24,40,2,2)", "MBConvE1K3(24,40,2,9)"))
    assert estimate_top1(deep).cautions[0] == (
        "the stage at 28 x 28 has 9 layers (residual units and convolutions); no trained network of the fit has more than 3"
    )
    text = "SuperConvK3BNRELU(3,24,2,1)SuperResIDWE2K7(24,48,2,48,1)SuperResIDWE2K7(48,72,2,72,1)"
    text += "SuperResIDWE2K7(72,96,2,96,1)SuperResIDWE6K7(96,192,2,192,1)SuperConvK1BNRELU(192,2048,1,1)"
    cautions = estimate_top1(Architecture.parse(text)).cautions
    assert cautions[0] == "the score was fitted on MBConv networks; for SuperResIDWE2K7, SuperResIDWE6K7 it is an extrapolation"
    narrow = "the stage at 112 x 112 is narrower than in any trained network of the fit"
    assert f"{narrow} (mean gain of its layers 0.46, in trained networks at least 0.58)" in cautions
