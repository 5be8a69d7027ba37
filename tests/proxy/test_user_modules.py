"""Scores of modules that are not ours: they are left as they are, and one without a score says why."""

import copy
import math
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import zen_lightning as zl
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.az_nas import AzNas
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.proxy.swap import SaturatedScoreWarning
from zen_lightning.space import search_space


class Foreign(nn.Module):
    """Hides what is inside."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.inside(images)
        return out


class Vanishing(nn.Module):
    """Its feature map is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, images: Tensor) -> Tensor:
        return (self.norm(images) * 0).mean((2, 3))


class Picky(nn.Module):
    """Refuses all images."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, images: Tensor) -> Tensor:
        raise ValueError("only images of 299 pixels")


def head(*modules: nn.Module) -> nn.Sequential:
    return nn.Sequential(*modules, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def test_resnet18_is_scored_and_left_as_it_is() -> None:
    from torchvision.models import resnet18

    module = resnet18(weights=None, num_classes=10)
    module.layer1.eval()
    before = copy.deepcopy(module.state_dict())
    flags = [(part.training, getattr(part, "momentum", None)) for part in module.modules()]
    proxy = ZenMonteCarlo(64, batch_size=4, repeats=2)
    score = proxy.score(module, seed=1)
    assert 20 < score.value < 200
    assert score.standard_error is not None
    assert score.standard_error < 5
    assert proxy.score(module, seed=1) == score
    assert proxy.score(module.eval(), seed=1) == score
    module.train()
    module.layer1.eval()
    assert [(part.training, getattr(part, "momentum", None)) for part in module.modules()] == flags
    after = module.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert not any(part._forward_hooks for part in module.modules())


def test_the_weights_that_a_module_holds_do_not_matter() -> None:
    module = head(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
    score = ZenMonteCarlo(8, batch_size=4).score(module)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(3)
    assert ZenMonteCarlo(8, batch_size=4).score(module) == score


def test_a_module_is_found_out_like_one_of_ours() -> None:
    network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)"), 10, use_se=True)
    proxy = ZenMonteCarlo(16, batch_size=4, repeats=2)
    hidden, known = proxy.score(Foreign(network), seed=2), proxy.score(network, seed=2)
    assert hidden.value == pytest.approx(known.value, rel=1e-4)


def test_dropout_is_off() -> None:
    plain = head(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Identity())
    dropped = head(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.9))
    assert ZenMonteCarlo(8, batch_size=4).score(dropped) == ZenMonteCarlo(8, batch_size=4).score(plain)


def test_other_batch_norms_and_image_channels() -> None:
    module = head(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8, affine=False, track_running_stats=False), nn.ReLU())
    assert ZenMonteCarlo(8, batch_size=4, in_channels=1).score(module).value > 0


@pytest.mark.parametrize(
    ("module", "options", "reason"),
    [
        (head(nn.Conv2d(3, 8, 3), nn.ReLU()), {}, "Sequential has no batch norm"),
        (head(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8)), {}, "Sequential has no batch norm"),
        (
            nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten()),
            {},
            "no feature map before a global average pooling",
        ),
        (nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveMaxPool2d(1)), {}, "no feature map before a global average pooling"),
        (head(nn.Conv2d(3, 8, 9), nn.BatchNorm2d(8)), {}, "does not run on images of 4x3x8x8 on cpu: .*[Kk]ernel size"),
        (nn.Sequential(head(nn.BatchNorm2d(3)), nn.Linear(4, 2)), {}, "does not run on images of 4x3x8x8 on cpu: "),
        (head(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), {"in_channels": 1}, "does not run on images of 4x1x8x8 on cpu: "),
        (head(nn.Conv2d(3, 8, 8), nn.BatchNorm2d(8)), {"batch_size": 1}, "[Ee]xpected more than 1 value per channel"),
        (Vanishing(), {}, "not finite"),
        (Picky(), {}, "only images of 299 pixels"),
    ],
)
def test_no_score_without_a_reason(module: nn.Module, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotScoreError, match=reason):
        ZenMonteCarlo(**{"resolution": 8, "batch_size": 4, **options}).score(module)


def test_an_architecture_on_too_small_an_image() -> None:
    with pytest.raises(CannotScoreError, match="more than 1 value per channel"):
        ZenMonteCarlo(2, batch_size=1).score(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)"))


def test_a_norm_without_variance_leaves_the_running_reading_its_score() -> None:
    cell = search_space("nas_bench_201").parse(
        "|none~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
    )
    assert math.isfinite(ZenMonteCarlo(16, "running", batch_size=4).score(cell).value)
    with pytest.raises(CannotScoreError, match="a batch norm sees no variance"):
        ZenMonteCarlo(16, "batch", batch_size=4).score(cell)


class Branched(nn.Module):
    """A convolution, several branches of a convolution and a batch norm, summed, and a convolution after them."""

    def __init__(self, branches: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU())
        self.branches = nn.ModuleList(nn.Sequential(nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16)) for _ in range(branches))
        self.last = nn.Sequential(nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, images: Tensor) -> Tensor:
        x_bchw = self.stem(images)
        out: Tensor = self.last(sum(branch(x_bchw) for branch in self.branches))
        return out


@pytest.mark.parametrize("reading", ["batch", "running"])
def test_branches_that_come_together_do_not_count_as_if_they_stood_in_a_row(reading: str) -> None:
    one, four = (ZenMonteCarlo(16, reading, batch_size=16, repeats=8).score(Branched(branches)).value for branches in (1, 4))
    # Each batch norm of a branch is about half the logarithm of 144 inputs; the sum of four alike is twice as large at most.
    assert abs(four - one) < math.log(2) + 0.1


class WithoutGradients(Branched):
    """Turns autograd off."""

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images)


def test_a_module_that_turns_autograd_off_has_a_score() -> None:
    scores = [ZenMonteCarlo(16, batch_size=4).score(kind(1), seed=3).value for kind in (Branched, WithoutGradients)]
    assert scores[1] == pytest.approx(scores[0], rel=1e-5)
    with pytest.raises(CannotScoreError, match="found 0 in a WithoutGradients"):
        zl.score(WithoutGradients(2), "az_nas", resolution=16, batch_size=4)


def test_synflow_flows_through_capped_relus() -> None:
    from torchvision.models import mobilenet_v2

    capped = mobilenet_v2(weights=None)
    free = copy.deepcopy(capped)
    for parent in list(free.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.ReLU6):
                setattr(parent, name, nn.ReLU())
    found = zl.score(capped, "synflow", resolution=64)
    assert found == zl.score(free, "synflow", resolution=64)
    assert 60 < found.value < 100


class HandWrittenSwish(nn.Module):
    """Hard swish as old code has it, its gate a ReLU6."""

    def __init__(self) -> None:
        super().__init__()
        self.cap = nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        return x * self.cap(x + 3) / 6


def test_synflow_leaves_gates_their_cap() -> None:
    def network(activation: nn.Module) -> nn.Module:
        return head(nn.Conv2d(3, 8, 3), activation, nn.Conv2d(8, 8, 3), activation, nn.Conv2d(8, 8, 3))

    by_hand, known = (zl.score(network(kind), "synflow", resolution=16).value for kind in (HandWrittenSwish(), nn.Hardswish()))
    assert by_hand == pytest.approx(known, rel=1e-9)


def test_swap_says_when_it_cannot_tell_networks_apart() -> None:
    module = head(nn.Conv2d(3, 32, 3), nn.BatchNorm2d(32), nn.ReLU())
    with pytest.warns(SaturatedScoreWarning, match="all 8 patterns that 3 images allow occur, .*: raise batch_size"):
        assert zl.score(module, "swap", resolution=32, batch_size=3).value == 8
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert zl.score(module, "swap", resolution=32, batch_size=32).value < 2**32


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "efficientnet_b0"])
def test_az_nas_finds_the_blocks_of_a_module(name: str) -> None:
    from torchvision import models

    module = getattr(models, name)(weights=None, num_classes=10)
    before = copy.deepcopy(module.state_dict())
    score = zl.score(module, "az_nas", batch_size=4, seed=1)
    assert zl.score(module, "az_nas", batch_size=4, seed=1) == score
    expressivity, progressivity, trainability, complexity = score.parts
    assert expressivity > 0
    assert progressivity < expressivity
    assert trainability <= 0
    assert complexity == zl.score(module, "flops").value
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_az_nas_sees_the_same_in_one_of_ours_hidden_in_a_module() -> None:
    text = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,2)SuperResK3K3(16,24,2,16,1)"
    network = build_network(Architecture.parse(text), 10)
    proxy = AzNas(16, 10, 4)
    known, hidden = proxy.score(network, seed=2), proxy.score(Foreign(network), seed=2)
    assert hidden.parts == pytest.approx(known.parts, rel=1e-4)


def test_az_nas_says_that_there_is_one_block() -> None:
    from torchvision.models import vgg11_bn

    with pytest.raises(CannotScoreError, match="compares blocks in a row, and found 1 in a VGG"):
        zl.score(vgg11_bn(weights=None, num_classes=10), "az_nas", batch_size=2)


class Scaled(nn.Module):
    """A block with a layer scale and a norm of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((8, 1, 1), 1e-2))
        norms: list[nn.Module] = [nn.GroupNorm(2, 8), nn.InstanceNorm2d(8, affine=True), nn.BatchNorm2d(8), nn.PReLU(8)]
        self.row = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), *norms, nn.ReLU())

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = images + self.scale * self.row(images)
        return out


def of_today() -> nn.Module:
    stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.GroupNorm(1, 8), nn.ReLU())
    return nn.Sequential(stem, Scaled(), Scaled(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(8), nn.Linear(8, 5))


@pytest.mark.parametrize("proxy", ["synflow", "grad_norm", "zico", "naswot", "snip", "zen_monte_carlo", "swap"])
def test_norms_of_every_kind_prelu_and_layer_scales(proxy: str) -> None:
    module = of_today()
    first = zl.score(module, proxy, resolution=16, num_classes=5, batch_size=4, seed=1)
    assert math.isfinite(first.value)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.GroupNorm | nn.LayerNorm | nn.InstanceNorm2d | nn.PReLU):
                part.weight.normal_()  # Drawn anew in the copy, so it changes nothing.
    assert zl.score(module, proxy, resolution=16, num_classes=5, batch_size=4, seed=1) == first
    with torch.no_grad():
        module[1].scale.fill_(10.0)  # Kept as built, so it does.
    if proxy != "swap":
        assert zl.score(module, proxy, resolution=16, num_classes=5, batch_size=4, seed=1) != first


def test_attention_of_torch_is_refused_by_name() -> None:
    module = nn.Sequential(nn.Flatten(2), nn.TransformerEncoderLayer(64, 2))
    with pytest.raises(CannotScoreError, match=r"are not those of a plain convolution, linear layer or norm .*in_proj_bias"):
        zl.score(module, "synflow", resolution=8)


class ReturningDict(nn.Module):
    """A network as segmentation models and those of transformers are: it returns more than logits."""

    def __init__(self) -> None:
        super().__init__()
        layers = [nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)]
        self.inner = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {"logits": self.inner(images)}


@pytest.mark.parametrize("proxy", ["synflow", "grad_norm", "snip", "grasp", "jacob_cov", "fisher", "ntk"])
def test_a_network_that_returns_no_logits(proxy: str) -> None:
    with pytest.raises(CannotScoreError, match="it returns a dict, and this proxy needs the logits as one tensor: wrap it in"):
        zl.score(ReturningDict(), proxy=proxy, resolution=8, batch_size=2)


def test_what_reads_the_maps_within_a_network_scores_it_all_the_same() -> None:
    for proxy in ("naswot", "zen_monte_carlo"):
        found = [
            zl.score(one, proxy=proxy, resolution=8, batch_size=4).value for one in (ReturningDict(), ReturningDict().inner)
        ]
        assert found[0] == found[1]
