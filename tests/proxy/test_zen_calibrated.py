"""The calibrated score: by hand, and what has to hold for any weights."""

import math
from itertools import pairwise

import pytest

from zen_lightning.arch import AccelArchitecture, Architecture, CellArchitecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.calibration import DEPTH_RATIO, Weights, depth_worth, weight_sets, weights
from zen_lightning.proxy.stages import Stage
from zen_lightning.proxy.zen_calibrated import ZenCalibrated, worth

CHOSEN = Weights("mine", (1.0, 2.0, 4.0), (0.5, 0.25, 0.125), (0.0, 10.0, 20.0), 100.0)


def test_by_hand() -> None:
    stages = [Stage(16, 6.0, 3.0, 1, 0), Stage(8, 10.0, 5.0, 3, 0), Stage(4, 12.0, 4.0, 2, 1)]
    width = 1 * 2 + 2 * 2 + 4 * 3 + (1 + 2 + 4) * math.log(4)
    depth = 0.5 * 1 + 0.25 * (1 + 0.7 + 0.49) + 0.125 * 1.7
    assert worth(stages, CHOSEN) == pytest.approx(100 + width + depth + 20 * 1 / 2)


def test_fewer_stages_are_counted_from_the_last() -> None:
    stages = [Stage(8, 10.0, 5.0, 1, 0), Stage(4, 12.0, 4.0, 1, 0)]
    width = (2 * 2 + 4 * 3) * 7 / 6 + 7 * math.log(4)
    assert worth(stages, CHOSEN) == pytest.approx(100 + width + 0.25 + 0.125)


def test_more_stages_take_the_first_weights() -> None:
    stages = [Stage(32, 3.0, 3.0, 1, 0), Stage(16, 6.0, 3.0, 1, 0), Stage(8, 10.0, 5.0, 1, 0), Stage(4, 12.0, 4.0, 1, 0)]
    width = (1 * 1 + 1 * 2 + 2 * 2 + 4 * 3) * 7 / 8 + 7 * math.log(4)
    assert worth(stages, CHOSEN) == pytest.approx(100 + width + 0.5 + 0.5 + 0.25 + 0.125)


def test_depth_is_worth_less_and_less_and_is_bounded() -> None:
    steps = [depth_worth(layers + 1) - depth_worth(layers) for layers in range(30)]
    assert steps[0] == 1
    for before, after in pairwise(steps):
        assert after == pytest.approx(DEPTH_RATIO * before)
    assert depth_worth(10_000) <= 1 / (1 - DEPTH_RATIO)


@pytest.mark.parametrize("name", weight_sets())
def test_no_weight_is_negative(name: str) -> None:
    found = weights(name)
    assert len(found.width) == len(found.depth) == len(found.gate) == 5
    assert min(*found.width, *found.depth) > 0 <= min(found.gate)


def test_wider_deeper_and_gated_networks_score_higher() -> None:
    plain = "e4k3l2s0-e4k3l2s0-e4k3l2s0-e4k3l2s0-e4k3l2s0-e4k3l2s0-e4k3l2s0"
    score = ZenCalibrated().score(AccelArchitecture.parse(plain)).value
    parts = plain.split("-")
    for place in range(7):
        for better in ("e6k3l2s0", "e4k5l2s0", "e4k3l3s0", "e4k3l2s1"):
            changed = "-".join([*parts[:place], better, *parts[place + 1 :]])
            assert ZenCalibrated().score(AccelArchitecture.parse(changed)).value > score, (place, better)


def test_the_resolution_chooses_the_weights() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)")
    for resolution, name in ((32, "small"), (127, "small"), (128, "imagenet"), (224, "imagenet")):
        assert ZenCalibrated(resolution).score(arch) == ZenCalibrated(resolution, name).score(arch)
    assert ZenCalibrated(32, "small").score(arch) != ZenCalibrated(32, "imagenet").score(arch)


def test_what_it_does_not_take() -> None:
    with pytest.raises(UserError, match=r"^weights=imagnet: did you mean 'imagenet'\? Choose from: auto, imagenet, small"):
        ZenCalibrated(weights="imagnet")
    cell = CellArchitecture.parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    with pytest.raises(CannotScoreError, match="of rows of super-blocks, not of a CellArchitecture"):
        ZenCalibrated().score(cell)
