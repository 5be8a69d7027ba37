"""FLOPs and parameters as scores."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from golden import GoldenArchitecture, architectures, own_and_shared
from zen_lightning.arch import Architecture, BaseArchitecture, CellArchitecture, parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network
from zen_lightning.proxy import CannotScoreError, Proxy, Score
from zen_lightning.proxy.counts import Flops, Params

GOLDEN = own_and_shared(architectures)
CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
BLOCKS = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)"

each_count = pytest.mark.parametrize("count", [Flops, Params])


@pytest.mark.parametrize("golden", GOLDEN)
def test_paper_is_the_exact_count(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    assert Flops(golden.resolution, golden.num_classes).score(arch) == Score(golden.macs, 0.0)
    assert Params(golden.resolution, golden.num_classes).score(arch) == Score(golden.params, 0.0)


@pytest.mark.parametrize("golden", GOLDEN)
def test_released_is_the_count_of_the_original(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    flops = Flops(golden.resolution, golden.num_classes, variant="released")
    params = Params(golden.resolution, golden.num_classes, variant="released")
    assert flops.score(arch) == Score(golden.original_flops, 0.0)
    assert params.score(arch) == Score(golden.original_params, 0.0)


def test_cells_have_exact_counts_alone() -> None:
    cell = CellArchitecture.parse(CELL)
    assert Flops(32, 10).score(cell).value == 153_272_960
    assert Params(32, 10).score(cell).value == 1_073_466


@each_count
@pytest.mark.parametrize("network", [CellArchitecture.parse(CELL), nn.Conv2d(3, 8, 3)], ids=["cell", "module"])
def test_the_original_counts_super_blocks_alone(count: type[Proxy], network: BaseArchitecture | nn.Module) -> None:
    kind = type(network).__name__
    with pytest.raises(CannotScoreError, match=f"counts rows of super-blocks, not a {kind}: use variant=paper"):
        count(variant="released").score(network)


@each_count
@pytest.mark.parametrize("text", [CELL, BLOCKS], ids=["cell", "super-blocks"])
def test_a_module_is_counted_as_its_architecture_is(count: type[Proxy], text: str) -> None:
    arch = parse_architecture(text)
    proxy = count(33, 7)
    assert proxy.score(build_network(arch, num_classes=7)) == proxy.score(arch)


@each_count
def test_a_module_keeps_its_own_classes_and_stays_as_it_is(count: type[Proxy]) -> None:
    module = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)
    )
    before = torch.get_rng_state()
    expected = 216 * 64 + 40 if count is Flops else 216 + 8 + 16 + 45
    assert count(8, 10).score(module).value == expected
    assert module.training
    assert module[1].num_batches_tracked == 0
    assert torch.equal(torch.get_rng_state(), before)


def test_a_module_that_does_not_run_has_no_flops() -> None:
    broken = nn.Sequential(nn.Conv2d(4, 8, 3), nn.Conv2d(4, 8, 3))
    with pytest.raises(CannotScoreError, match=r"it does not run on images of 1x4x32x32 on cpu: .*channels"):
        Flops(32).score(broken)
    assert Params(32).score(nn.Conv2d(4, 8, 3)).value == 4 * 8 * 9 + 8


@each_count
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resolution": 0}, "resolution=0: expected 1 or more"),
        ({"num_classes": -1}, "num_classes=-1: expected 1 or more"),
        ({"variant": "relased"}, r"variant=relased: (flops|params) has no such variant; did you mean 'released'\?"),
    ],
)
def test_bad_arguments(count: type[Proxy], arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        count(**arguments)


TORCH_FREE = """
import sys
from zen_lightning.arch import parse_architecture
from zen_lightning.proxy.counts import Flops, Params
from zen_lightning.proxy.random_score import RandomScore
arch = parse_architecture({text!r})
for proxy in (Flops(), Params(), RandomScore()):
    proxy.score(arch)
print(*sys.modules)
"""


@pytest.mark.parametrize("text", [CELL, BLOCKS], ids=["cell", "super-blocks"])
def test_the_score_of_an_architecture_needs_no_torch(text: str) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", TORCH_FREE.format(text=text)]
    loaded = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.split()
    assert "zen_lightning.proxy.counts" in loaded
    assert "torch" not in loaded
    assert "numpy" not in loaded
