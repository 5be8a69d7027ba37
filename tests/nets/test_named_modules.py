"""Networks of torchvision and timm by name."""

import sys

import pytest
import torch

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.nets.module_counts import count_parameters
from zen_lightning.nets.named_modules import is_named_module, named_module


@pytest.mark.parametrize(("text", "params"), [("torchvision:resnet18", 11_689_512), (" torchvision:mobilenet_v2\n", 3_504_872)])
def test_torchvision(text: str, params: int) -> None:
    assert is_named_module(text)
    assert count_parameters(named_module(text)) == params


def test_timm() -> None:
    pytest.importorskip("timm")
    with torch.device("meta"):
        assert count_parameters(named_module("timm:regnetx_002")) == 2_684_792
        # A tag names weights, and none are fetched.
        assert count_parameters(named_module("timm:regnetx_002.pycls_in1k")) == 2_684_792


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("torchvision:resnet19", "torchvision has no classifier 'resnet19'; did you mean 'resnet1"),
        ("torchvision:fcn_resnet50", "torchvision has no classifier"),
        ("resnet18", "expected torchvision:NAME or timm:NAME"),
    ],
)
def test_unknown(text: str, match: str) -> None:
    with pytest.raises(UserError, match=match):
        named_module(text)


def test_unknown_to_timm() -> None:
    pytest.importorskip("timm")
    with pytest.raises(UserError, match="timm has no model 'regnetx_003'; did you mean 'regnetx_0"):
        named_module("timm:regnetx_003")


def test_without_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'zen-lightning\[timm\]'"):
        named_module("timm:regnetx_002")
