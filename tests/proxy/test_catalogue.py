"""A score by any proxy in one call."""

import math
from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from torch import nn

import zen_lightning as zl
from command_line import composed
from zen_lightning.arch import Architecture, parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.catalogue import CATALOGUE, proxy_class, score
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.counts import Flops
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.proxy.naswot import NasWot
from zen_lightning.proxy.network_proxy import NetworkProxy
from zen_lightning.proxy.zen_score import zen_score
from zen_lightning.proxy.zico import ZiCo
from zen_lightning.space import search_space

ROW = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,24,1,1)")
CELL = search_space("nas_bench_201").parse("|nor_conv_3x3~0|+|skip_connect~0|none~1|+|skip_connect~0|nor_conv_1x1~1|none~2|")
QUICK: dict[str, Any] = {"resolution": 16, "batch_size": 4}

ROWS_ALONE = ("deepmad", "entropy", "zen_calibrated")
"""Closed forms of rows of super-blocks that no Monte-Carlo stands in for."""

each_name = pytest.mark.parametrize("name", CATALOGUE)


@each_name
def test_every_name_scores_a_row_of_super_blocks(name: str) -> None:
    found = zl.score(ROW, proxy=name, seed=1, **QUICK)
    assert math.isfinite(found.value)
    assert zl.score(ROW, proxy=name, seed=1, **QUICK) == found


@each_name
def test_every_name_scores_a_cell_or_says_why_not(name: str) -> None:
    if name in ROWS_ALONE:
        with pytest.raises(CannotScoreError, match=r"of rows of super-blocks, not of a CellArchitecture: use another proxy"):
            zl.score(CELL, proxy=name, seed=1, **QUICK)
    else:
        assert math.isfinite(zl.score(CELL, proxy=name, seed=1, **QUICK).value)


@pytest.fixture(scope="module")
def resnet18() -> nn.Module:
    from torchvision.models import resnet18

    network: nn.Module = resnet18(weights=None)
    return network


@each_name
def test_every_name_scores_a_module_or_says_why_not(name: str, resnet18: nn.Module) -> None:
    settings: dict[str, Any] = {"resolution": 32, "batch_size": 2}
    if name in ROWS_ALONE:
        with pytest.raises(CannotScoreError, match=r"of rows of super-blocks, not of a ResNet: use another proxy"):
            score(resnet18, proxy=name, **settings)
        return
    found = score(resnet18, proxy=name, **settings)
    assert all(map(math.isfinite, (found.value, *found.parts)))


def test_counts_of_a_module(resnet18: nn.Module) -> None:
    assert score(resnet18, proxy="params").value == 11_689_512
    assert score(resnet18, proxy="flops", resolution=224).value == pytest.approx(1.814e9, rel=1e-3)


def test_mobilenet_v2_has_relu6() -> None:
    from torchvision.models import mobilenet_v2

    for name in ("naswot", "swap", "linear_regions"):
        assert score(mobilenet_v2(weights=None), proxy=name, resolution=32, batch_size=2).value > 1


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("nas_wot", "naswot"), ("grad-norm", "grad_norm"), ("synflw", "synflow"), ("zen_montecarlo", "zen_monte_carlo")],
)
def test_an_unknown_name_suggests_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(UserError, match=f"^proxy={wrong}: .*; did you mean '{right}'\\? Choose from: az_nas, deepmad"):
        score(ROW, proxy=wrong)


def test_a_name_like_no_other_lists_them() -> None:
    with pytest.raises(UserError, match=r"^name=x: unknown proxy; choose from: .*zico"):
        proxy_class("x")


def test_a_structure_is_scored_as_it_is_written() -> None:
    assert score(str(ROW)) == score(ROW)
    assert score("4142", resolution=32).value == score(parse_architecture("4142"), resolution=32).value
    assert float(score(str(ROW))) == zen_score(str(ROW), resolution=32)


def test_zen_is_the_closed_form_where_there_is_one() -> None:
    assert score(ROW) == score(ROW, "zen") == ZenClosedForm(32, "running").score(ROW)
    assert score(ROW, variant="paper", resolution=64) == ZenClosedForm(64, "batch").score(ROW)
    assert score(ROW, gamma=0.1) == ZenClosedForm(32, "running", gamma=0.1).score(ROW)


def test_zen_of_cells_and_modules_is_monte_carlo() -> None:
    expected = ZenMonteCarlo(16, "running", batch_size=4).score(CELL, seed=2)
    assert score(CELL, seed=2, **QUICK) == score(CELL, variant="released", seed=2, **QUICK) == expected
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert score(module, seed=2, **QUICK) == ZenMonteCarlo(16, "running", batch_size=4).score(module, seed=2)
    assert score(ROW, "zen_monte_carlo", seed=2, **QUICK) == ZenMonteCarlo(16, "running", batch_size=4).score(ROW, seed=2)
    paper = ZenMonteCarlo(16, "batch", batch_size=4).score(ROW, seed=2)
    assert score(ROW, "zen_monte_carlo", variant="paper", seed=2, **QUICK) == paper


@pytest.mark.parametrize("resolution", [32, 224])
def test_zen_has_one_default_reading_everywhere(resolution: int) -> None:
    asked = [
        zl.score(ROW, resolution=resolution).value,
        zl.zen_score(ROW, resolution=resolution),
        proxy_class("zen")(resolution=resolution).score(ROW).value,  # type: ignore[call-arg]
        instantiate(composed("search=zen", f"resolution={resolution}").proxy).score(ROW).value,
    ]
    assert asked == [zl.zen_score(ROW, resolution=resolution, bn_variance="running")] * len(asked)


def test_zen_by_monte_carlo_has_the_same_default_reading() -> None:
    composed_proxy = composed("search=zen_monte_carlo", "resolution=16", "proxy.batch_size=4").proxy
    sampled = zl.zen_score(ROW, 16, estimator="monte_carlo", batch_size=4)
    assert sampled == zl.score(ROW, "zen_monte_carlo", **QUICK).value == instantiate(composed_proxy).score(ROW).value


def test_zen_may_name_its_reading() -> None:
    assert score(ROW, bn_variance="batch") == score(ROW, variant="paper") != score(ROW)
    for options in ({"bn_variance": "batches"}, {"variant": "released2"}, {"variant": "papers", "bn_variance": "batch"}):
        with pytest.raises(UserError, match="did you mean"):
            score(ROW, **options)


@pytest.mark.parametrize(
    "name", ["naswot", "grad_norm", "synflow", "ntk", "te_nas", "flops", "params", "zen", "zen_monte_carlo"]
)
def test_released_differs_from_the_paper(name: str) -> None:
    paper, released = (score(ROW, name, variant, seed=1, **QUICK).value for variant in ("paper", "released"))
    assert paper != released


@each_name
def test_an_unknown_variant_is_refused_whatever_the_proxy(name: str) -> None:
    with pytest.raises(UserError, match=r"^variant=rleased: "):
        score(ROW, name, variant="rleased")


@pytest.mark.parametrize("name", ["snip", "az_nas", "zico", "swap"])
def test_what_has_the_paper_alone_says_so(name: str) -> None:
    with pytest.raises(UserError, match=f"^variant=released: {name} has "):
        score(ROW, name, variant="released")


def test_settings_reach_the_proxy() -> None:
    assert score(ROW, "naswot", "released", 16, 7, 5, 2, 3) == NasWot(16, 7, 5, 2, "released").score(ROW, 3)
    assert score(ROW, "flops", resolution=64, num_classes=3) == Flops(64, 3).score(ROW)
    assert score(ROW, "zico", batches=3, seed=1, **QUICK) == ZiCo(16, 10, 4, batches=3).score(ROW, 1)
    assert score(ROW, "naswot", seed=1, **QUICK) != score(ROW, "naswot", seed=2, **QUICK)


def test_an_option_that_a_proxy_does_not_have() -> None:
    with pytest.raises(UserError, match=r"zico has no option 'batchs'; did you mean 'batches'\?"):
        score(ROW, "zico", batchs=3)
    with pytest.raises(UserError, match="flops has no option 'images'"):
        score(ROW, "flops", images="somewhere")


def test_a_class_of_your_own() -> None:
    class Weights(NetworkProxy):
        """How many numbers were drawn."""

        name = "weights"

        def measure(self, network: nn.Module, draw: object) -> float:
            return float(sum(parameter.numel() for parameter in network.parameters()))

    assert score(ROW, Weights, num_classes=5, **QUICK).value == score(ROW, Weights, num_classes=6, **QUICK).value - 25
    with pytest.raises(UserError, match="variant=released: weights has no such variant"):
        score(ROW, Weights, variant="released")


def test_a_device_that_is_not_there() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(UserError, match="PyTorch finds no CUDA GPU here; use device=cpu"):
        score(ROW, "naswot", device="cuda", **QUICK)
