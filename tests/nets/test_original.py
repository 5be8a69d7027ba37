"""Checkpoints of the original give the network that they hold."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from golden import SHARED, needs_shared
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network, load_original_checkpoint

TINY = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)"
States = Callable[[bool], dict[str, Tensor]]


def reference_logits(state: dict[str, Tensor], images: Tensor, use_se: bool) -> Tensor:
    """Return what the state dict computes, written without any module of the project."""

    def norm(x: Tensor, prefix: str) -> Tensor:
        values = [state[f"{prefix}.{key}"] for key in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(x, *values, eps=1e-3)

    def conv(x: Tensor, prefix: str, stride: int = 1) -> Tensor:
        weight = state[f"{prefix}.weight"]
        return functional.conv2d(x, weight, state.get(f"{prefix}.bias"), stride, padding=weight.shape[-1] // 2)

    def unit(x: Tensor, prefix: str, stride: int) -> Tensor:
        body = f"{prefix}.module_list"
        y = functional.relu(norm(conv(x, f"{body}.0.netblock"), f"{body}.1.netblock"))
        y = functional.relu(norm(conv(y, f"{body}.3.netblock", stride), f"{body}.4.netblock"))
        last = 6
        if use_se:
            gate = functional.relu(norm(conv(y.mean((2, 3), keepdim=True), f"{body}.6.netblock.1"), f"{body}.6.netblock.2"))
            y = y * norm(conv(gate, f"{body}.6.netblock.4"), f"{body}.6.netblock.5").sigmoid()
            last = 7
        y = norm(conv(y, f"{body}.{last}.netblock"), f"{body}.{last + 1}.netblock")
        if f"{prefix}.proj.0.weight" in state:
            x = norm(conv(x, f"{prefix}.proj.0", stride), f"{prefix}.proj.1")
        return functional.relu(x + y)

    stem = "module_list.0.module_list"
    x = functional.relu(norm(conv(images, f"{stem}.0.netblock", 2), f"{stem}.1.netblock"))
    x = unit(x, "module_list.1.module_list.0", 2)
    x = unit(x, "module_list.1.module_list.2", 1)
    return functional.linear(x.mean((2, 3)), state["fc_linear.netblock.weight"], state["fc_linear.netblock.bias"])


def wrapped(state: dict[str, Tensor]) -> dict[str, object]:
    return {"state_dict": state, "epoch": 3, "top1_acc": 12.5}


def parallel(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"module.{key}": value for key, value in state.items()}


@pytest.mark.parametrize("use_se", [False, True], ids=["plain", "se"])
@pytest.mark.parametrize("form", [dict, wrapped, parallel, lambda state: wrapped(parallel(state))])
def test_written_by_hand(tmp_path: Path, original_state: States, form: Callable[..., object], use_se: bool) -> None:
    state = original_state(use_se)
    torch.save(form(state), tmp_path / "original.pth")
    network = build_network(Architecture.parse(TINY), num_classes=7, use_se=use_se).eval()
    load_original_checkpoint(network, tmp_path / "original.pth")
    images = torch.randn(2, 3, 15, 15, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(network(images), reference_logits(state, images, use_se), rtol=1e-5, atol=1e-5)


def test_a_str_path_and_loading_twice(tmp_path: Path, original_state: States) -> None:
    path = tmp_path / "original.pth"
    torch.save(original_state(False), path)
    network = build_network(Architecture.parse(TINY), num_classes=7)
    load_original_checkpoint(network, str(path))
    first = {key: value.clone() for key, value in network.state_dict().items()}
    load_original_checkpoint(network, str(path))
    assert all(torch.equal(value, first[key]) for key, value in network.state_dict().items())


@needs_shared
@pytest.mark.parametrize("name", ["original_checkpoint.pt", "original_checkpoint_se.pt"])
def test_golden_logits_and_stage_features(tmp_path: Path, name: str) -> None:
    golden = torch.load(SHARED / name, weights_only=True)
    torch.save(golden["checkpoint"], tmp_path / "original.pth")
    network = build_network(Architecture.parse(golden["structure"]), golden["num_classes"], golden["use_se"]).eval()
    load_original_checkpoint(network, tmp_path / "original.pth")
    with torch.no_grad():
        features, logits = network.stage_features(golden["input"], golden["target_downsample_ratio"])
        torch.testing.assert_close(network(golden["input"]), golden["logits"], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(logits, golden["logits"], rtol=1e-5, atol=1e-5)
    assert len(features) == len(golden["stage_features"]) > 0
    for feature, expected in zip(features, golden["stage_features"], strict=True):
        torch.testing.assert_close(feature, expected, rtol=1e-5, atol=1e-5)
