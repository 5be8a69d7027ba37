"""What is taken as the feature map of a module that is not ours."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.nets.feature_map import NoFeatureMapError, feature_map


class Ends(nn.Module):
    """A squeeze-and-excitation, a convolution, and a head of choice."""

    def __init__(self, head: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.head = head
        self.first, self.gate, self.last = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 6, 3)

    def features(self, images: Tensor) -> Tensor:
        x = self.first(images)
        x = x * self.gate(functional.adaptive_avg_pool2d(x, 1)).sigmoid()
        out: Tensor = self.last(x)
        return out

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))


IMAGES = torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "head",
    [
        lambda x: functional.adaptive_avg_pool2d(x, 1),
        lambda x: functional.adaptive_avg_pool2d(x, (1, 1)).flatten(1),
        lambda x: functional.adaptive_avg_pool2d(input=x, output_size=1),
        nn.AdaptiveAvgPool2d(2),
        lambda x: x.mean((2, 3)),
        lambda x: x.mean([-1, -2], keepdim=True),
        lambda x: x.mean(dim=(2, 3)),
        lambda x: torch.mean(x, dim=(2, 3)),
        lambda x: torch.mean(input=x, dim=(2, 3)),
        lambda x: x.mean((2, 3)).softmax(1) - x.mean(),
    ],
)
def test_the_input_of_the_last_global_pooling(head: Callable[[Tensor], Tensor]) -> None:
    module = Ends(head)
    with torch.no_grad():
        assert torch.equal(feature_map(module, IMAGES), module.features(IMAGES))


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 5)),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveMaxPool2d(1)),
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(3, stride=1)),
    ],
)
def test_no_global_pooling(module: nn.Module) -> None:
    with pytest.raises(NoFeatureMapError, match="Sequential has no feature map before a global average pooling"):
        feature_map(module, IMAGES)


def test_our_networks_know_theirs() -> None:
    network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)"), use_se=True).eval()
    with torch.no_grad():
        assert torch.equal(feature_map(network, IMAGES), network.features(IMAGES))
        assert torch.equal(feature_map(nn.Sequential(network), IMAGES), network.features(IMAGES))
