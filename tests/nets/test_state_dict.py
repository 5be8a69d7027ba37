"""State dicts under all the names and prefixes that people's programs give them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from zen_lightning.arch import parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network, load_original_checkpoint, load_weights, read_weights, save_weights
from zen_lightning.nets.state_dict import pick

TINY = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)"
CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"

State = dict[str, Tensor]


def network(text: str = TINY, use_se: bool = False) -> StagedNetwork:
    return build_network(parse_architecture(text), 7, use_se)


def same(one: StagedNetwork, two: StagedNetwork) -> bool:
    return all(torch.equal(value, two.state_dict()[key]) for key, value in one.state_dict().items())


def prefixed(prefix: str) -> Callable[[State], Any]:
    return lambda state: {prefix + key: value for key, value in state.items()}


def compiled_inside(state: State) -> Any:
    return {key.replace("blocks.", "blocks._orig_mod.", 1): value for key, value in state.items()}


def beside_a_teacher(state: State) -> Any:
    return {"state_dict": {**prefixed("network.")(state), "teacher.weight": torch.zeros(3)}}


def zeroed(state: State) -> State:
    return {key: torch.zeros_like(value) for key, value in state.items()}


WAYS: dict[str, Callable[[State], Any]] = {
    "bare": lambda state: state,
    "state_dict": lambda state: {"state_dict": state, "epoch": 3},
    "model": lambda state: {"model": state, "optimizer": {"lr": 0.1}},
    "nested": lambda state: {"model": {"state_dict": prefixed("module.")(state)}},
    "lightning beside a teacher": beside_a_teacher,
    "compiled inside": compiled_inside,
    "compiled, in several processes": prefixed("module._orig_mod."),
    "without counters": lambda state: {key: value for key, value in state.items() if "num_batches" not in key},
    "ema in a file": lambda state: {"state_dict": zeroed(state), "state_dict_ema": state},
    "ema among the keys": lambda state: {**prefixed("network.")(zeroed(state)), **prefixed("averaged.module.")(state)},
    **{prefix: prefixed(prefix) for prefix in ("module.", "net.", "model.", "_orig_mod.", "network.", "ema_model.module.")},
}


@pytest.mark.parametrize("text", [TINY, CELL], ids=["super-blocks", "cell"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way(tmp_path: Path, way: str, text: str) -> None:
    trained, other = network(text), network(text)
    torch.save(WAYS[way](trained.state_dict()), tmp_path / "net.pth")
    assert not same(trained, other)
    assert load_weights(other, tmp_path / "net.pth") == {}
    assert same(trained, other)


def test_what_torch_itself_wraps(tmp_path: Path) -> None:
    trained = network()
    for wrapped in (nn.DataParallel(trained), AveragedModel(trained), torch.compile(trained)):
        torch.save(wrapped.state_dict(), tmp_path / "net.ckpt")
        other = network()
        load_original_checkpoint(other, tmp_path / "net.ckpt")
        assert same(trained, other)


@pytest.mark.parametrize("name", ["net.safetensors", "net (best)", "net.pth"])
def test_safetensors_of_others_whatever_they_are_called(tmp_path: Path, name: str) -> None:
    trained, other = network(), network()
    save_file(prefixed("model.")(trained.state_dict()), tmp_path / name)
    load_weights(other, tmp_path / name)
    assert same(trained, other)


@pytest.mark.parametrize("name", ["net.safetensors", "net (best)", "net.pth"])
def test_our_own_file_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    trained, other = network(), network()
    save_weights(trained, tmp_path / name, resolution=32)
    assert load_weights(other, tmp_path / name)["resolution"] == "32"
    read, metadata = read_weights(tmp_path / name)
    assert same(trained, other)
    assert same(trained, read)
    assert metadata["num_classes"] == "7"


def test_another_network_is_refused_by_its_own_names(tmp_path: Path) -> None:
    for there, here, message in (
        (
            network(use_se=True),
            network(),
            r"has no place in the network \(0 missing, \d+ left over\): check the structure and use_se",
        ),
        (network(), network(use_se=True), r"is missing \(\d+ missing, 0 left over\): check the structure and use_se"),
        (network(TINY), build_network(parse_architecture(TINY), 9), r"'classifier.linear.weight' has shape \(7, 6\)"),
    ):
        before = {key: value.clone() for key, value in here.state_dict().items()}
        torch.save(prefixed("module.")(there.state_dict()), tmp_path / "net.pth")
        with pytest.raises(UserError, match=message):
            load_weights(here, tmp_path / "net.pth")
        assert all(torch.equal(value, before[key]) for key, value in here.state_dict().items())


def test_a_part_with_more_under_its_prefix_is_another_network() -> None:
    state = {"net.weight": torch.zeros(1), "net.bias": torch.zeros(1)}
    assert pick([state], ["weight"]) is None
    assert pick([state, {"weight": torch.ones(1)}], ["weight"]) == {"weight": torch.ones(1)}


@pytest.mark.parametrize(
    "inside",
    [
        lambda state: {"params": state},
        lambda state: {"state": {"model": state}, "step": 3},
        lambda state: [state],
        lambda state: (state, {"lr": 0.1}),
        lambda state: {key: value.numpy() for key, value in state.items()},
        lambda state: {"time": datetime(2026, 1, 2, tzinfo=UTC), "took": timedelta(hours=1), "model": state},
    ],
)
def test_state_dicts_anywhere_in_a_file(inside: Callable[[State], Any], tmp_path: Path) -> None:
    there, here = network(), network()
    torch.save(inside(there.state_dict()), tmp_path / "net.pth")
    load_weights(here, tmp_path / "net.pth")
    assert same(there, here)


def test_a_network_of_a_text() -> None:
    assert same_shapes(build_network(TINY, 7), network())
    with pytest.raises(UserError, match="unknown super-block"):
        build_network("Super(3,8)", 7)


def same_shapes(one: StagedNetwork, two: StagedNetwork) -> bool:
    return {key: value.shape for key, value in one.state_dict().items()} == {k: v.shape for k, v in two.state_dict().items()}
