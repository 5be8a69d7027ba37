"""Which parameters decay."""

import pytest
import torch
from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network
from zen_lightning.training.optimizer import make_optimizer, parameter_groups, sgd
from zen_lightning.training.recipe import OPTIMIZERS, Recipe

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


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, {"_target_": "torch.optim.NAdam", "momentum_decay": 0.01}])
def test_every_optimiser_moves_every_parameter(optimizer: object) -> None:
    if optimizer in ("lamb", "lion", "muon"):
        pytest.importorskip("timm")
    torch.manual_seed(0)
    network = build_network(ARCH, 10, use_se=True)
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    made = make_optimizer([network], Recipe(optimizer=optimizer), lr=0.01)  # type: ignore[arg-type]
    for _ in range(2):
        made.zero_grad()
        network(torch.randn(4, 3, 16, 16)).square().sum().backward()
        made.step()
    moved = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    # The bias before a batch norm has no gradient but rounding.
    assert moved >= {name for name, value in network.named_parameters() if value.grad.abs().max() > 1e-5}  # type: ignore[union-attr]
    assert len(moved) > 20
    assert all(bool(value.isfinite().all()) for value in network.parameters())


def test_betas_and_eps_reach_the_optimiser() -> None:
    layer = nn.Linear(2, 2)
    made = make_optimizer([layer], Recipe(optimizer="adamw", betas=[0.8, 0.95], eps=1e-6), lr=0.1)  # type: ignore[arg-type]
    assert (made.defaults["betas"], made.defaults["eps"]) == ((0.8, 0.95), 1e-6)
    with pytest.raises(UserError, match=r"^betas=\[0\.8, 0\.95\]: SGD has no betas; leave it out; it takes momentum"):
        make_optimizer([layer], Recipe(betas=(0.8, 0.95)), lr=0.1)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("torch.optim.Nadam", "there is no such class"),
        ("os.system", "it is no optimiser; expected a class derived from torch.optim.Optimizer"),
        ("nowhere.Optimizer", "cannot be imported"),
    ],
)
def test_classes_that_cannot_be(target: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        make_optimizer([nn.Linear(1, 1)], Recipe(optimizer={"_target_": target}), lr=0.1)


def test_rules_of_decay() -> None:
    network = build_network(ARCH, 10)

    def decayed(*rules: str) -> set[str]:
        names = {id(value): name for name, value in network.named_parameters()}
        groups = parameter_groups([network], 1e-4, rules)
        return {names[id(one)] for group in groups if group["weight_decay"] for one in group["params"]}  # type: ignore[attr-defined]

    every = {name for name, _ in network.named_parameters()}
    assert decayed() == every
    assert "classifier.linear.bias" not in decayed("bias")
    assert "blocks.0.0.norm.weight" in decayed("bias")
    weights = decayed("bias", "norm")
    assert decayed("bias", "norm", "blocks.1.*") == {name for name in weights if not name.startswith("blocks.1.")}


def test_rates_of_layers_and_of_the_classifier() -> None:
    network = build_network(ARCH, 10)
    recipe = Recipe(optimizer="sgd", lr=0.2, backbone_lr=0.02, layer_decay=0.5)
    made = make_optimizer([network], recipe, lr=1.0)
    rates = {id(one): group["lr_scale"] for group in made.param_groups for one in group["params"]}
    scales = {int(name.split(".")[1]): rates[id(value)] for name, value in network.named_parameters() if "blocks." in name}
    assert scales == pytest.approx({0: 0.1 / 8, 1: 0.1 / 4, 2: 0.1 / 2})
    assert rates[id(network.classifier.linear.weight)] == 1
    assert len(rates) == len(list(network.parameters()))
