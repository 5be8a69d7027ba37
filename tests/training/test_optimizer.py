"""Which parameters decay."""

import pytest
import torch
from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.training.optimizer import parameter_groups, sgd
from zen_lightning.training.recipe import Recipe

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResIDWE2K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)")


def test_weights_of_convolutions_and_linear_layers_decay() -> None:
    network = build_network(ARCH, 10, use_se=True)
    decayed, plain = parameter_groups([network], 5e-4)
    assert (decayed["weight_decay"], plain["weight_decay"]) == (5e-4, 0.0)
    weights = {id(m.weight) for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)}
    assert {id(p) for p in decayed["params"]} == weights  # type: ignore[attr-defined]
    everything = {id(p) for p in network.parameters()}
    assert {id(p) for p in plain["params"]} == everything - weights  # type: ignore[attr-defined]


def test_frozen_parameters_stay_out_and_shared_ones_come_once() -> None:
    network = build_network(ARCH, 10)
    network.classifier.linear.weight.requires_grad_(False)
    groups = parameter_groups([network, network.blocks[0]], 1e-4)
    listed = [id(p) for group in groups for p in group["params"]]  # type: ignore[attr-defined]
    assert len(listed) == len(set(listed)) == sum(p.requires_grad for p in network.parameters())


def test_a_step_is_nesterovs_with_decay() -> None:
    layer = nn.Linear(1, 1)
    nn.init.ones_(layer.weight)
    optimizer = sgd([layer], Recipe(weight_decay=0.1), lr=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        layer(torch.ones(1, 1)).sum().backward()
        optimizer.step()
    # By hand: d = 1 + 0.1 w; v = 0.9 v + d; w -= 0.5 (d + 0.9 v), the first v being d.
    first = 1.1
    w = 1 - 0.5 * (first + 0.9 * first)
    d = 1 + 0.1 * w
    w -= 0.5 * (d + 0.9 * (0.9 * first + d))
    assert float(layer.weight) == pytest.approx(w)
