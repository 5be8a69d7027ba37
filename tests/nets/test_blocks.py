"""The blocks of modules that are not ours."""

from collections import Counter

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from zen_lightning.nets.blocks import find_blocks

IMAGES = torch.rand(2, 3, 64, 64)

EXPECTED = [
    ("resnet18", {"BasicBlock": 8}),
    ("resnet50", {"Bottleneck": 16}),
    ("mobilenet_v2", {"InvertedResidual": 17}),
    ("mobilenet_v3_small", {"InvertedResidual": 11}),
    ("efficientnet_b0", {"MBConv": 14, "Sequential": 2}),
    ("regnet_y_400mf", {"ResBottleneckBlock": 15, "AnyStage": 1}),
    ("densenet121", {"_DenseBlock": 4}),
]


@pytest.mark.parametrize(("name", "expected"), EXPECTED)
def test_blocks_of_torchvision(name: str, expected: dict[str, int]) -> None:
    network = getattr(models, name)(weights=None)
    blocks = find_blocks(network.eval(), IMAGES)
    # A stage of a single unit stands for the unit.
    assert Counter(type(block).__name__ for block in blocks) == expected
    places = [place for place, module in enumerate(network.modules()) if module in set(blocks)]
    assert [list(network.modules())[place] for place in places] == blocks
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


class Unit(nn.Module):
    """Two convolutions; with a shortcut or without."""

    def __init__(self, shortcut: bool) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 1)
        self.shortcut = shortcut

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.two(self.one(images))
        return out + images if self.shortcut else out


class Wrapped(nn.Module):
    """Two units in a row, with something that flows past both."""

    def __init__(self, past: bool) -> None:
        super().__init__()
        self.first, self.second = Unit(False), Unit(True)
        self.past = past

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.second(self.first(images))
        return torch.cat([out, images], 1)[:, :8] if self.past else out


class SideBySide(nn.Module):
    """Two units on the same input, as a whole network."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.left, self.right = nn.Conv2d(3, 8, 3), Unit(True), Unit(True)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        return (self.left(x) + self.right(x)).mean((2, 3))


def names(network: nn.Module) -> list[str]:
    paths = {module: path for path, module in network.named_modules()}
    return [paths[block] for block in find_blocks(network, IMAGES)]


def test_a_row_of_units_is_taken_apart_unless_something_flows_past() -> None:
    stem = nn.Conv2d(3, 8, 3)
    assert names(nn.Sequential(stem, Wrapped(past=False), Unit(True))) == ["1.first", "1.second", "2"]
    assert names(nn.Sequential(stem, Wrapped(past=True), Unit(True))) == ["1", "2"]


def test_the_order_is_that_of_the_forward_pass() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.first, self.stem = Unit(True), Unit(False), nn.Conv2d(3, 8, 3)

        def forward(self, images: Tensor) -> Tensor:
            out: Tensor = self.last(self.first(self.stem(images)))
            return out

    assert names(Backwards()) == ["first", "last"]


def test_parts_side_by_side_are_no_blocks() -> None:
    assert names(SideBySide()) == []


def test_what_is_called_twice_or_has_one_layer_is_no_block() -> None:
    unit = Unit(True)
    assert names(nn.Sequential(nn.Conv2d(3, 8, 3), unit, unit, nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU()))) == []
