"""The optimum under a limit on predicted latency against every network of small instances."""

import numpy as np
import pytest

from brute_force import MOBILENET, RESNET, Share, compare, narrowed, networks, small
from zen_lightning.arch import Architecture
from zen_lightning.budget import FlopsLimit, LayersLimit, Limit, RisingWidths
from zen_lightning.latency.additive import UNIT, AdditiveLatency
from zen_lightning.latency.operations import CONV, Operation, OutsideProfileError
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import find_profile
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.exact.costs import UNREACHED

MBCONV = "SuperConvK3BNRELU(3,8,1,1)MBConvE1K3(8,16,2,1)MBConvE1K3(16,16,2,1)SuperConvK1BNRELU(16,32,1,1)"
CASES = [
    ("resnet", RESNET, ("SuperResK3K3", "SuperResK1K5K1"), 5),
    ("mobilenet", MOBILENET, ("SuperResIDWE1K3", "SuperResIDWE2K5"), 5),
    ("mbconv", MBCONV, ("MBConvE1K3", "MBConvE3K3SE"), 5),
]
PROFILES = ("v100-tensorrt-fp16", "build-cpu")


def latency(profile: str, maximum: float = 1.0, factor: float = 1.1) -> PredictedLatencyLimit:
    return PredictedLatencyLimit(maximum, LatencyPredictor(find_profile(profile)), 32, 10, factor)


@pytest.mark.parametrize("share", [0.3, *(pytest.param(share, marks=pytest.mark.long) for share in (0.0, 0.05, 0.9))])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("space", "start", "names", "layers"), CASES, ids=[case[0] for case in CASES])
def test_optimum(space: str, start: str, names: tuple[str, ...], layers: int, profile: str, share: Share) -> None:
    setup = small(space, start, [LayersLimit(layers), latency(profile)])
    assert compare(setup, names, {PredictedLatencyLimit: share})


@pytest.mark.parametrize("proxy", [None, ZenCalibrated(32, "imagenet")], ids=["zen", "zen_calibrated"])
def test_two_limits_and_a_shape(proxy: Proxy | None) -> None:
    limits: list[Limit] = [LayersLimit(5), FlopsLimit(1, 32, 10), latency("v100-tensorrt-fp16")]
    setup = small("resnet", RESNET, limits, shapes=[RisingWidths()], proxy=proxy)
    assert compare(setup, ("SuperResK3K3", "SuperResK1K3K1"), {PredictedLatencyLimit: 0.9, FlopsLimit: 0.8}, 24)


def test_costs_are_predictions() -> None:
    limit = latency("v100-tensorrt-fp16", factor=1.0)
    setup = small("mobilenet", MOBILENET, [LayersLimit(5), limit])
    request = narrowed(setup, ("SuperResIDWE2K5",))
    (cost,) = request.costs
    assert cost.maximum * UNIT == pytest.approx(limit.maximum / 1000, rel=1e-6)
    times = AdditiveLatency(limit.predictor, 10)
    for network in list(networks(request.chain, (8, 16)))[::40]:
        total, size = 0, 32
        for block in network.blocks:
            for unit in block.units:
                for conv in getattr(unit, "body", (unit,)):
                    widths = np.array([conv.in_channels]), np.array([conv.out_channels])
                    before, size = size, conv.output_size(size)
                    total += int(times.conv(conv, *widths, before)[0])
                if getattr(unit, "projection", None) is not None:
                    widths = np.array([unit.projection.in_channels]), np.array([unit.projection.out_channels])
                    total += int(times.conv(unit.projection, *widths, _before(unit, size))[0])
                if hasattr(unit, "body"):
                    total += int(times.add(np.array([unit.body[-1].out_channels]), size)[0])
        total += int(times.head(np.array([network.out_channels]), size)[0])
        assert total * UNIT * 1000 == pytest.approx(limit.measure(network), abs=100 * UNIT * 1000)


def _before(unit: object, size: int) -> int:
    """The height before a unit of stride 2 or 1 in powers of two."""
    return size * max(conv.stride for conv in unit.body)  # type: ignore[attr-defined]


@pytest.mark.parametrize("profile", PROFILES)
def test_many_convolutions_take_what_each_takes(profile: str) -> None:
    predictor = LatencyPredictor(find_profile(profile))
    arrives, leaves = np.array([8, 24, 512, 3, 100_000]), np.array([16, 520, 48, 8, 8])
    for kernel_size, stride, size in ((1, 1, 14), (3, 2, 28), (5, 1, 7)):
        many = predictor.seconds_of_convs(CONV, kernel_size, stride, arrives, leaves, size)
        for one, pair in zip(many.tolist(), zip(arrives.tolist(), leaves.tolist(), strict=True), strict=True):
            operation = Operation(CONV, kernel_size, stride, *pair, size)
            if one == np.inf:
                with pytest.raises(OutsideProfileError):
                    predictor.seconds_of(operation)
            else:
                assert one == pytest.approx(predictor.seconds_of(operation), rel=1e-9)
        assert np.isfinite(many[:3]).all()
        assert not np.isfinite(many[4])


def test_out_of_reach_is_over_any_limit() -> None:
    times = AdditiveLatency(LatencyPredictor(find_profile("v100-tensorrt-fp16")), 10)
    conv = Architecture.parse("SuperConvK3BNRELU(8,8,1,1)", in_channels=8).blocks[0].units[0]
    assert times.conv(conv, np.array([100_000]), np.array([8]), 14)[0] >= UNREACHED  # type: ignore[arg-type]
