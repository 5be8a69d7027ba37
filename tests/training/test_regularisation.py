"""Dropout and stochastic depth hung on a network."""

import copy

import torch

from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.nets.modules import ResidualUnit
from zen_lightning.training.regularisation import add_drop_path, add_dropout

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,1,8,3)")


def test_evaluation_and_weights_know_nothing_of_them() -> None:
    plain = build_network(ARCH, 10)
    hung = copy.deepcopy(plain)
    add_dropout(hung, 0.5)
    add_drop_path(hung, 0.5)
    images = torch.randn(4, 3, 8, 8)
    assert hung.state_dict().keys() == plain.state_dict().keys()
    assert torch.equal(hung.eval()(images), plain.eval()(images))
    assert not torch.equal(hung.train()(images), plain.train()(images))


def test_deeper_units_are_left_out_more_often_and_the_mean_stays() -> None:
    torch.manual_seed(0)
    network = build_network(ARCH, 10)
    add_drop_path(network, 0.6)
    units = [module for module in network.modules() if isinstance(module, ResidualUnit)]
    left = []
    for unit in units:
        unit.train()
        ones = torch.ones(4000, 8, 1, 1)
        for hook in unit.body._forward_hooks.values():
            out = hook(unit.body, (ones,), ones)
            left.append(float((out[:, 0, 0, 0] == 0).float().mean()))
            assert abs(float(out.mean()) - 1) < 0.06
    for number, share in enumerate(left, start=1):
        assert abs(share - 0.6 * number / len(units)) < 0.03
