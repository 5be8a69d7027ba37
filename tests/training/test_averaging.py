"""A running average of weights."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from zen_lightning.training.averaging import AveragedNetwork


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


def step(net: nn.Module) -> None:
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += torch.randn_like(parameter)
    net(torch.randn(2, 3, 4, 4))


def test_the_first_updates_forget_the_random_weights() -> None:
    net = network()
    averaged = AveragedNetwork(net, 0.9999)
    expected = net[0].weight.detach().clone()
    for count in range(30):
        step(net)
        averaged.update_parameters(net)
        kept = (1 + count) / (10 + count)
        expected = kept * expected + (1 - kept) * net[0].weight.detach()
    assert torch.allclose(averaged.module.state_dict()["0.weight"], expected, atol=1e-5)


def test_after_the_warm_up_it_is_the_average_of_pytorch() -> None:
    net = network()
    averaged = AveragedNetwork(net, 0.75)
    reference = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.75), use_buffers=True)  # type: ignore[no-untyped-call]
    for _ in range(26):  # (1 + 26) / (10 + 26) is 0.75.
        averaged.update_parameters(net)
    reference.update_parameters(net)
    for _ in range(10):
        step(net)
        averaged.update_parameters(net)
        reference.update_parameters(net)
    ours, theirs = averaged.module.state_dict(), reference.module.state_dict()
    assert int(ours["1.num_batches_tracked"]) == 10
    for key in ("0.weight", "0.bias", "1.weight", "1.running_mean", "1.running_var"):
        assert torch.allclose(ours[key], theirs[key], atol=1e-5), key
    assert not any(parameter.requires_grad for parameter in averaged.parameters())


def test_it_continues_from_its_state_and_after_a_move() -> None:
    net = network()
    one = AveragedNetwork(net, 0.99)
    for _ in range(5):
        step(net)
        one.update_parameters(net)
    two = AveragedNetwork(network(), 0.99)
    two.load_state_dict(one.state_dict())
    net.double()
    for averaged in (one, two):
        averaged.double()  # Its tensors are others now.
        averaged.update_parameters(net)
    assert int(two.n_averaged) == 6
    for key, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[key]), key
