"""Random networks for a profile."""

import pytest

from zen_lightning.latency.grid import Extent, reaches
from zen_lightning.latency.samples import preset_start, sample_networks

BUDGET_START = (
    "SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,64,2,32,1)SuperResK3K3(64,128,2,64,1)SuperResK3K3(128,256,2,128,1)"
    "SuperResK3K3(256,512,2,256,1)SuperConvK1BNRELU(512,512,1,1)"
)


def test_networks_spread_over_the_sizes_and_come_again() -> None:
    bounds = (2e7, 1e9)
    networks = list(sample_networks(10, bounds, "a seed"))
    assert networks == list(sample_networks(10, bounds, "a seed"))
    assert len(set(networks)) == 10
    flops = [network.flops(224) for network in networks]
    assert all(0.6 * bounds[0] < value < 1.4 * bounds[1] for value in flops)
    assert min(flops[-2:]) > 5 * max(flops[:2])
    assert ["IDW" in str(network) for network in networks] == [False, True] * 5


def test_only_what_is_accepted_comes() -> None:
    extent = Extent((1e7, 1e9))
    assert all(map(reaches(extent), sample_networks(6, extent.flops, "x", accept=reaches(extent))))


@pytest.mark.parametrize("resolution", [32, 224])
def test_starts_are_those_of_the_presets(resolution: int) -> None:
    assert str(preset_start("resnet")) == BUDGET_START
    assert preset_start("mobilenet", 0.02).blocks[-1].out_channels == 2048
    network = next(sample_networks(1, (1e7, 1e8), "y", resolution))
    assert network.flops(resolution) < 3e8
