"""Which feature maps are those of the stages."""

import pytest
import torch

from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network

TEXT = (
    "SuperConvK3BNRELU(3,4,2,1)SuperResK3K3(4,5,2,4,1)SuperResK3K3(5,6,2,4,1)SuperResK3K3(6,7,2,4,1)"
    "SuperResK3K3(7,8,1,4,1)SuperResK3K3(8,9,2,4,1)SuperConvK1BNRELU(9,10,1,1)"
)


@pytest.mark.parametrize(
    ("resolution", "first_ratio", "channels"),
    [
        (64, 16, [7, 9]),
        (64, 2, [4, 5, 6, 7, 9]),
        (64, 4, [5, 6, 7, 9]),
        (64, 32, [9]),
        (64, 64, []),
        (64, 1, []),
        (64, 3, []),
        (33, 8, []),
        (33, 16, [9]),
        (33, 2, [4, 5]),
    ],
)
def test_the_first_block_at_each_ratio(resolution: int, first_ratio: int, channels: list[int]) -> None:
    network = build_network(Architecture.parse(TEXT), num_classes=3).eval()
    images = torch.randn(1, 3, resolution, resolution, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features, logits = network.stage_features(images, first_ratio)
        assert [feature.shape[1] for feature in features] == channels
        assert torch.equal(logits, network(images))


def test_16_is_the_default() -> None:
    network = build_network(Architecture.parse(TEXT), num_classes=3).eval()
    assert [feature.shape[1:] for feature in network.stage_features(torch.zeros(1, 3, 64, 64))[0]] == [(7, 4, 4), (9, 2, 2)]


def test_features_are_not_overwritten_by_later_blocks() -> None:
    network = build_network(Architecture.parse(TEXT), num_classes=3).eval()
    images = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        (first, *_), _ = network.stage_features(images, 2)
        torch.testing.assert_close(first, network.blocks[0](images))
