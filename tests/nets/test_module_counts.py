"""Counts of modules that no architecture describes."""

import copy

import pytest
import torch
from torch import Tensor, nn

from zen_lightning.nets.module_counts import LayerCounts, count_layers, count_multiply_adds, count_parameters


class TwiceThrough(nn.Module):
    """Calls one convolution twice, and draws a random number."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.drop = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Dropout(0.5)

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.drop(self.norm(self.conv(self.conv(images))))
        return out


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.Conv2d(3, 8, 3, stride=2, padding=1), 8 * 3 * 9 * 4 * 4),
        (nn.Conv2d(3, 6, 3, groups=3), 6 * 9 * 5 * 5),
        (nn.Conv2d(3, 8, (1, 7), bias=False), 8 * 3 * 7 * 7 * 1),
        (nn.ConvTranspose2d(3, 8, 2, stride=2), 8 * 3 * 4 * 7 * 7),
        (nn.ConvTranspose2d(3, 6, 3, groups=3), 6 * 9 * 7 * 7),
        (nn.Sequential(nn.Flatten(), nn.Linear(3 * 49, 5)), 3 * 49 * 5),
        (nn.Linear(7, 5), 7 * 5 * 3 * 7),
        (nn.Sequential(nn.Flatten(2), nn.Conv1d(3, 4, 5)), 4 * 3 * 5 * 45),
        (nn.Sequential(nn.Unflatten(1, (1, 3)), nn.Conv3d(1, 2, 3, padding=1)), 2 * 27 * 3 * 7 * 7),
        (nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.AvgPool2d(2)), 0),
        (TwiceThrough(), 2 * 3 * 3 * 9 * 7 * 7),
    ],
)
def test_multiply_adds_of_each_kind_of_layer(layer: nn.Module, expected: int) -> None:
    assert count_multiply_adds(layer, 7) == expected


def test_resnet18_has_the_published_counts() -> None:
    from torchvision.models import resnet18

    module = resnet18()
    assert count_parameters(module) == 11_689_512
    assert count_multiply_adds(module, 224) == 1_814_073_344


def test_frozen_parameters_do_not_count_and_shared_ones_count_once() -> None:
    shared = nn.Linear(4, 4)
    module = nn.Sequential(shared, nn.Linear(4, 4, bias=False), shared)
    assert count_parameters(module) == 20 + 16
    module[1].requires_grad_(False)
    assert count_parameters(module) == 20


def test_the_module_is_left_as_it_is() -> None:
    module = TwiceThrough().half()
    before = copy.deepcopy(module.state_dict())
    state = torch.get_rng_state()
    count_multiply_adds(module, 7)
    assert torch.equal(torch.get_rng_state(), state)
    assert module.training
    assert not module.conv._forward_hooks
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_convolutions_count_as_often_as_they_are_called() -> None:
    assert count_layers(TwiceThrough(), 7) == LayerCounts(2 * 3 * 3 * 9 * 49, 2, 2 * 3 * 49)
    assert count_layers(nn.ConvTranspose2d(3, 8, 2, stride=2), 7)[1:] == (1, 8 * 14 * 14)


def test_activations_are_those_that_pycls_publishes() -> None:
    pytest.importorskip("timm")
    from zen_lightning.nets.named_modules import named_module

    found = count_layers(named_module("timm:regnetx_002"), 224)
    # pycls adds the bias of the classifier to the first, and its outputs to the second.
    assert (found.multiply_adds + 1000, found.activations + 1000) == (199_040_872, 2_164_056)
