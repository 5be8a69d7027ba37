"""Predictions from a profile."""

import subprocess
import sys

import pytest

from fake_device import fake_profile, network_seconds
from zen_lightning.arch import Architecture, parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.latency.operations import OutsideProfileError
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.samples import preset_start, sample_networks

CELL = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"


@pytest.fixture(scope="module")
def predictor() -> LatencyPredictor:
    return LatencyPredictor(fake_profile())


def test_networks_never_seen_are_predicted(predictor: LatencyPredictor) -> None:
    for network in sample_networks(8, (2e7, 3e8), "never seen"):
        assert predictor.milliseconds(network) == pytest.approx(1000 * network_seconds(network), rel=0.05)


def test_the_memory_of_blocks_changes_nothing(predictor: LatencyPredictor) -> None:
    network = preset_start("mobilenet")
    first = predictor.milliseconds(network)
    assert predictor.milliseconds(Architecture.parse(str(network))) == first
    for block in network.blocks:
        block.cache.clear()
    assert predictor.milliseconds(network) == pytest.approx(first, rel=1e-12)
    assert LatencyPredictor(fake_profile()).milliseconds(network) == pytest.approx(first, rel=1e-12)


def test_resolution_classes_and_se_count(predictor: LatencyPredictor) -> None:
    network = preset_start("mobilenet", 0.5)
    whole = predictor.milliseconds(network, 224, 1000)
    assert predictor.milliseconds(network, 192, 1000) < whole
    assert predictor.milliseconds(network, 224, 10) < whole
    assert LatencyPredictor(fake_profile(), use_se=True).milliseconds(network) > whole
    assert predictor.milliseconds(network) == whole


def test_the_uncertainty_grows_outside_the_measured_networks(predictor: LatencyPredictor) -> None:
    within, tiny = preset_start("resnet", 0.5), Architecture.parse("SuperConvK3BNRELU(3,8,2,1)")
    common = predictor.predict(within)
    assert common.milliseconds == predictor.milliseconds(within)
    assert 0 < common.uncertainty < 0.1 * common.milliseconds
    outside = predictor.predict(tiny, 32, 10)
    assert outside.uncertainty / outside.milliseconds > common.uncertainty / common.milliseconds


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ("SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,9000,1,1)", "1x1 convolution of stride 1, 8 to 9000 channels"),
        (
            "SuperConvK5BNRELU(3,8,2,1)",
            r"5x5 convolution of stride 2, 3 to 8 channels, at 224 px: it holds no operation",
        ),
        ("SuperConvK3BNRELU(3,8,1,1)SuperConvK7BNRELU(8,512,1,1)", "feature maps of up to|multiply-adds|resolution of"),
    ],
)
def test_an_operation_outside_the_grid_is_named(predictor: LatencyPredictor, structure: str, message: str) -> None:
    with pytest.raises(OutsideProfileError, match=message) as caught:
        predictor.milliseconds(Architecture.parse(structure))
    assert "measure the network instead, or profile the device to a greater extent" in str(caught.value)


def test_cells_are_refused(predictor: LatencyPredictor) -> None:
    with pytest.raises(UserError, match="predicted for rows of super-blocks, not for a CellArchitecture"):
        predictor.milliseconds(parse_architecture(CELL))


def test_predicting_loads_no_torch() -> None:
    code = "import sys, zen_lightning.latency.predicted_limit; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
