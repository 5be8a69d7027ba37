"""Requirements on scoring torch modules: they are left as they are, and what cannot be scored has a reason."""

import contextlib
import copy
from typing import Any

import torch
from torch import nn

from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.testing.networks import Foreign
from zen_lightning.testing.proxies.suite import PROXY, Make, scored_or_reason
from zen_lightning.testing.suite import raises


@PROXY.add
def _a_module_is_left_as_it_is(factory: Make) -> None:
    module = Foreign()
    module.first.requires_grad_(False)
    module.norm.eval()
    module.second.register_forward_hook(lambda *_: None)
    before = _all_of(module)
    with contextlib.suppress(CannotScoreError):
        factory().score(module, seed=1)
    after = _all_of(module)
    assert all(torch.equal(a, b) for a, b in zip(before[0], after[0], strict=True))
    assert before[1:] == after[1:]
    assert all(parameter.grad is None for parameter in module.parameters())


def _all_of(module: nn.Module) -> tuple[Any, ...]:
    tensors = [value.clone() for value in module.state_dict().values()]
    parameters = [(id(parameter), parameter.requires_grad, parameter.dtype) for parameter in module.parameters()]
    parts = [
        (part.training, getattr(part, "momentum", None), len(part._forward_hooks), len(part._forward_pre_hooks))
        for part in module.modules()
    ]
    return tensors, parameters, parts


@PROXY.add
def _what_a_module_holds_does_not_matter(factory: Make) -> None:
    module = Foreign()
    expected = scored_or_reason(factory(), module)
    if expected is None:
        return
    other = copy.deepcopy(module).eval()
    with torch.no_grad():
        for value in other.state_dict().values():
            value.mul_(3)
    assert factory().score(other, seed=1) == expected
    if factory().name != "params":
        assert factory().score(other.requires_grad_(False), seed=1) == expected


@PROXY.add
def _a_network_that_diverges_has_no_score(factory: Make) -> None:
    """What never runs the network, or counts, has nothing to diverge."""
    if factory().cheap and not isinstance(factory(), ZenClosedForm):
        return
    with raises(CannotScoreError) as raised:
        factory().score(Foreign(factor=1e200), seed=1)
    assert len(str(raised.errors[0]).split()) > 3


@PROXY.add
def _a_network_without_relus_has_a_finite_score_or_a_reason(factory: Make) -> None:
    scored_or_reason(factory(), Foreign(activation=torch.sigmoid))


@PROXY.add
def _a_network_that_does_not_run_has_no_score(factory: Make) -> None:
    broken = nn.Sequential(nn.Conv2d(3, 8, 99), nn.BatchNorm2d(8), nn.ReLU())
    if factory().cheap:  # What never runs the network cannot know.
        scored_or_reason(factory(), broken)
        return
    with raises(CannotScoreError, r"(\S+ ){3}"):
        factory().score(broken, seed=1)
