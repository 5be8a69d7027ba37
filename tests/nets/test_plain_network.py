"""Networks of primitive blocks, against plain torch modules that a second reader makes of the same text."""

import pickle
from random import Random

import pytest
import torch
from torch import nn

from primitive_reference import Gate, random_text, row
from zen_lightning import build_network, score, zen_score
from zen_lightning.arch import Architecture, parse_architecture
from zen_lightning.arch.conv_counts import conv_counts
from zen_lightning.errors import UserError
from zen_lightning.nets import load_weights, read_weights, save_weights
from zen_lightning.nets.module_counts import count_layers, count_parameters

HEAD = "AdaptiveAvgPool(16,1)Flatten(16)Linear(16,10)"


def test_counts_and_logits_of_random_networks() -> None:
    rng = Random(0)
    for number in range(40):
        text, size = random_text(rng), rng.choice((32, 33, 47))
        _agrees(text, size, with_logits=number % 4 == 0)


@pytest.mark.long
def test_counts_of_many_random_networks() -> None:
    rng = Random(1)
    for _ in range(400):
        _agrees(random_text(rng), rng.choice((31, 32, 48, 50)), with_logits=False)


def _agrees(text: str, size: int, with_logits: bool) -> None:
    arch = Architecture.parse(text)
    assert str(arch) == text, text
    body = row(text)
    reference = nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(arch.out_channels, 7))
    counts = count_layers(reference, size)
    assert arch.num_params(7) == count_parameters(reference), text
    assert arch.flops(size, 7) == counts.multiply_adds, text
    gates = sum(isinstance(module, Gate) for module in reference.modules())
    found = conv_counts(arch, size)
    assert found.convolutions == counts.convolutions - 2 * gates, text
    assert found.activations == _conv_outputs(reference, size), text
    assert sum(one.params for one in arch.summary(size, 7)) == arch.num_params(7), text
    network = build_network(arch, 7)
    assert count_parameters(network) == arch.num_params(7), text
    if with_logits:
        theirs, ours = reference.state_dict(), network.state_dict()
        _randomise(reference)
        network.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))
        images = torch.randn(2, 3, size, size)
        torch.testing.assert_close(network.eval()(images), reference.eval()(images), rtol=1e-4, atol=1e-4, msg=text)


def _conv_outputs(module: nn.Module, size: int) -> int:
    total, inside = 0, {conv for gate in module.modules() if isinstance(gate, Gate) for conv in gate.modules()}

    def count(_: nn.Module, __: object, output: torch.Tensor) -> None:
        nonlocal total
        total += output.numel()

    handles = [one.register_forward_hook(count) for one in module.modules() if isinstance(one, nn.Conv2d) and one not in inside]
    module.eval()(torch.zeros(1, 3, size, size))
    for handle in handles:
        handle.remove()
    return total


def _randomise(module: nn.Module) -> None:
    for one in module.modules():
        if isinstance(one, nn.BatchNorm2d):
            assert one.running_mean is not None
            assert one.running_var is not None
            one.running_mean.normal_(std=0.1)
            one.running_var.uniform_(0.5, 2)


@pytest.mark.parametrize(
    ("blocks", "primitives"),
    [
        ("SuperConvK3BNRELU(3,8,2,2)", "ConvKX(3,8,3,2)BN(8)RELU(8)ConvKXBNRELU(8,8,3,1)"),
        (
            "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,12,2)",
            "ConvKX(3,8,3,1)BN(8)RELU(8)"
            "ResBlockProj(8,2,ConvKX(8,12,3,2)BN(12)RELU(12)ConvKX(12,16,3,1)BN(16))RELU(16)"
            "ResBlock(16,ConvKX(16,12,3,1)BN(12)RELU(12)ConvKX(12,16,3,1)BN(16))RELU(16)",
        ),
        (
            "SuperConvK3BNRELU(3,8,1,1)SuperResK1K5K1(8,16,2,8,1)",
            "ConvKX(3,8,3,1)BN(8)RELU(8)Sequential("
            "ResBlockProj(ConvKX(8,8,1,1)BN(8)RELU(8)ConvKX(8,8,5,2)BN(8)RELU(8)ConvKX(8,16,1,1)BN(16))RELU(16)"
            "ResBlock(ConvKX(16,8,1,1)BN(8)RELU(8)ConvKX(8,8,5,1)BN(8)RELU(8)ConvKX(8,16,1,1)BN(16))RELU(16))",
        ),
        (
            "SuperConvK3BNRELU(3,8,1,1)SuperResIDWE2K3(8,16,2,16,1)",
            "ConvKX(3,8,3,1)BN(8)RELU(8)"
            "ResBlockProj(8,2,ConvKX(8,32,1,1)BN(32)RELU(32)ConvDW(32,3,2)BN(32)RELU(32)ConvKX(32,16,1,1)BN(16))RELU(16)"
            "ResBlock(ConvKX(16,32,1,1)BN(32)RELU(32)ConvDW(32,3,1)BN(32)RELU(32)ConvKX(32,16,1,1)BN(16))RELU(16)",
        ),
    ],
)
def test_a_row_that_is_a_super_block_is_the_same_network(blocks: str, primitives: str) -> None:
    one, other = Architecture.parse(blocks), Architecture.parse(primitives)
    assert other.foreign_part is None
    assert one.num_params(10) == other.num_params(10)
    for size in (32, 35):
        assert one.flops(size, 10) == other.flops(size, 10)
        assert one.peak_activations(size, 10) == other.peak_activations(size, 10)
        assert conv_counts(one, size) == conv_counts(other, size)
        assert zen_score(one, resolution=size) == pytest.approx(zen_score(other, resolution=size), abs=1e-12)
        for name in ("entropy", "deepmad"):
            assert score(one, name, resolution=size).value == pytest.approx(score(other, name, resolution=size).value)
    kept = {"resolution": 32, "estimator": "monte_carlo", "batch_size": 4, "repeats": 2, "seed": 3}
    assert zen_score(one, **kept) == pytest.approx(zen_score(other, **kept), abs=1e-4)  # type: ignore[arg-type]
    mine, theirs = build_network(one, 10).eval(), build_network(other, 10).eval()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), mine.state_dict().values(), strict=True)))
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(mine(images), theirs(images))


def test_a_text_with_its_own_linear_keeps_it() -> None:
    arch = Architecture.parse(f"ConvKX(3,16,3,2)BN(16)RELU(16){HEAD}")
    usual = Architecture.parse("ConvKX(3,16,3,2)BN(16)RELU(16)")
    assert (arch.own_classes, arch.num_params(10), arch.flops(32, 10)) == (10, usual.num_params(10), usual.flops(32, 10))
    network, other = build_network(arch, 10).eval(), build_network(usual, 10).eval()
    other.load_state_dict(dict(zip(other.state_dict(), network.state_dict().values(), strict=True)))
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(network(images), other(images))
    for ask in (lambda: build_network(arch, 20), lambda: arch.num_params(20), lambda: arch.flops(32)):
        with pytest.raises(UserError, match=r"ends in Linear\(16,10\), which gives 10 classes, not \d+: set num_classes=10"):
            ask()


@pytest.mark.parametrize(
    ("tail", "shape", "features"),
    [
        ("AdaptiveAvgPool(8,1)", "pooled", 8),
        ("AdaptiveAvgPool(8,3)", "grid", 72),
        ("AdaptiveAvgPool(8,2)Flatten(8)", "flat", 32),
        ("AdaptiveAvgPool(8,2)Flatten(8)Linear(32,16)BN(16)RELU(16)", "hidden", 16),
    ],
)
def test_heads(tail: str, shape: str, features: int) -> None:
    arch = Architecture.parse(f"ConvKX(3,8,3,2)BN(8)RELU(8){tail}")
    network = build_network(arch, 5)
    assert network.classifier.linear.in_features == features, shape
    assert network(torch.randn(2, 3, 32, 32)).shape == (2, 5)
    assert count_parameters(network) == arch.num_params(5)
    assert count_layers(network, 32).multiply_adds == arch.flops(32, 5)
    assert sum(row.flops for row in arch.summary(32, 5)) == arch.flops(32, 5)
    assert network.features(torch.randn(2, 3, 32, 32)).shape == (2, 8, 16, 16)


def test_flatten_of_a_size_that_a_linear_fixes() -> None:
    arch = Architecture.parse("ConvKX(3,4,3,2)BN(4)RELU(4)Flatten(4)Linear(256,10,0)")
    assert arch.num_params(10) == 108 + 8 + 2560
    assert arch.flops(16, 10) == 108 * 64 + 2560
    assert build_network(arch, 10)(torch.randn(2, 3, 16, 16)).shape == (2, 10)
    with pytest.raises(UserError, match="256 features of a map of 8 x 8, but it is 16 x 16"):
        arch.flops(32, 10)


def test_se_of_a_text_is_always_built_and_that_of_super_blocks_on_demand() -> None:
    arch = Architecture.parse("ConvKX(3,8,3,1)BN(8)RELU(8)SE(8)SuperResK3K3(8,8,1,8,1)")
    for use_se in (False, True):
        assert count_parameters(build_network(arch, 10, use_se)) == arch.num_params(10, use_se)
        assert count_layers(build_network(arch, 10, use_se), 32).multiply_adds == arch.flops(32, 10, use_se)
    assert arch.num_params(10, True) > arch.num_params(10)


def test_the_vanilla_twin_keeps_branches_and_drops_shortcuts_and_gates() -> None:
    text = "ConvKX(3,8,3,1)ResBlockProj(ConvKX(8,8,3,1)Swish(8))SE(8)MultiSumBlock(ConvKX(8,8,1,1);ConvKX(8,8,3,1))"
    names = {name for name, _ in build_network(Architecture.parse(text), 10, vanilla=True).named_modules()}
    kinds = [type(one).__name__ for one in build_network(Architecture.parse(text), 10, vanilla=True).modules()]
    assert "Branches" in kinds
    assert not {"Shortcut", "SqueezeExcite"} & set(kinds)
    assert not any("shortcut" in name for name in names)


@pytest.mark.parametrize("proxy", ["grad_norm", "synflow", "naswot", "ntk", "zico", "az_nas", "snip", "fisher", "swap", "meco"])
def test_every_proxy_on_networks_scores_them(proxy: str) -> None:
    text = (
        "ConvKX(3,16,3,2)BN(16)RELU(16)MaxPool(16,3,2)ResBlock(ConvKX(16,16,3,1)BN(16)Swish(16))"
        f"MultiCatBlock(ConvKXBNRELU(16,8,1,1);ConvKXG2(16,8,3,1)BN(8)RELU(8))SE(16){HEAD}"
    )
    arch = Architecture.parse(text)
    assert torch.isfinite(torch.tensor(score(arch, proxy, resolution=32, num_classes=10, batch_size=4, repeats=1).value))
    assert torch.isfinite(torch.tensor(score(arch, "zen_monte_carlo", resolution=32, batch_size=4, repeats=1).value))


def test_weights_are_saved_and_read() -> None:
    import tempfile
    from pathlib import Path

    arch = parse_architecture(f"ConvKX(3,16,3,2)BN(16)MultiSumBlock(SE(16);RELU(16)){HEAD}")
    network = build_network(arch, 10)
    with tempfile.TemporaryDirectory() as folder:
        save_weights(network, Path(folder) / "w.safetensors")
        again, metadata = read_weights(Path(folder) / "w.safetensors")
        load_weights(build_network(arch, 10), Path(folder) / "w.safetensors")
    assert metadata["architecture"] == str(arch) == str(pickle.loads(pickle.dumps(arch)))
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(again.eval()(images), network.eval()(images))
