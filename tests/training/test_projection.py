"""The projection of a student's features."""

import pytest
import torch
from torch import nn

from zen_lightning.training.optimizer import parameter_groups
from zen_lightning.training.projection import Projection


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_weights_at_the_start() -> None:
    projection = Projection(400, 300, generator=_seeded(0))
    assert projection.conv.kernel_size == (1, 1)
    drawn = projection.conv.weight * 400**0.5 / 1e-4
    assert drawn.mean().item() == pytest.approx(0, abs=0.02)
    assert drawn.std().item() == pytest.approx(1, abs=0.02)
    expected = torch.empty(300, 400, 1, 1).normal_(generator=_seeded(0)) / 400**0.5 * 1e-4
    assert torch.allclose(projection.conv.weight, expected, rtol=1e-6, atol=0)
    assert projection.conv.bias is not None
    assert not projection.conv.bias.any()


def test_the_generator_decides() -> None:
    first, same, other = (Projection(3, 5, generator=_seeded(seed)).conv.weight for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("relu", [False, True])
def test_norm_and_relu_follow(norm: bool, relu: bool) -> None:
    projection = Projection(3, 5, norm, relu, _seeded(0))
    feature = torch.randn(8, 3, 4, 4, generator=_seeded(1))
    out = projection(feature)
    assert out.shape == (8, 5, 4, 4)
    assert len([module for module in projection.modules() if isinstance(module, nn.BatchNorm2d)]) == norm
    assert bool((out < 0).any()) != relu
    plain = projection.conv(feature)
    if norm:
        deviation = plain.var((0, 2, 3), correction=0, keepdim=True)
        plain = (plain - plain.mean((0, 2, 3), keepdim=True)) / (deviation + 1e-5).sqrt()
    assert torch.allclose(out, plain.relu() if relu else plain, atol=1e-6)


def test_only_its_convolution_decays() -> None:
    projection = Projection(3, 5, norm=True)
    decayed, plain = (group["params"] for group in parameter_groups([projection], 0.1))
    assert isinstance(decayed, list)
    assert isinstance(plain, list)
    assert [id(parameter) for parameter in decayed] == [id(projection.conv.weight)]
    assert len(plain) == 3
