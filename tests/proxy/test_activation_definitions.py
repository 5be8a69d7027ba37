"""The proxies that read relus, each worked out a second time in plain loops; and which relus they see."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from drawn import drawn, relu_inputs
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.linear_regions import LinearRegions
from zen_lightning.proxy.naswot import NasWot
from zen_lightning.proxy.swap import Swap
from zen_lightning.space import search_space

ROW = Architecture.parse("SuperConvK3BNRELU(3,4,1,1)SuperResK3K3(4,6,2,4,1)SuperConvK1BNRELU(6,8,1,1)")
CUT = search_space("nas_bench_201").parse("|nor_conv_1x1~0|+|nor_conv_1x1~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|")
SETTINGS = (8, 5, 6)

Reader = type[NasWot] | type[Swap] | type[LinearRegions]
each_network = pytest.mark.parametrize("architecture", [ROW, CUT], ids=["row", "cut-cell"])
each_reader = pytest.mark.parametrize("reader", [NasWot, Swap, LinearRegions])


def patterns(network: nn.Module, images: Tensor) -> list[tuple[bool, ...]]:
    """Return which relus each image switches on."""
    return [tuple(row) for row in (torch.cat(relu_inputs(network, images), dim=1) > 0).tolist()]


@each_network
@pytest.mark.parametrize("variant", ["paper", "released"])
def test_naswot_counts_agreements_of_pairs(architecture: BaseArchitecture, variant: str) -> None:
    proxy = NasWot(*SETTINGS, variant=variant)
    network, draw = drawn(proxy, architecture, seed=3)
    on = patterns(network, draw.batch()[0])
    agreements = [[sum(a == b for a, b in zip(one, two, strict=True)) for two in on] for one in on]
    assert proxy.score(architecture, seed=3).value == pytest.approx(_log_determinant(agreements), rel=1e-9)


def _log_determinant(matrix: list[list[int]]) -> float:
    """Return ln |det| by Gaussian elimination."""
    rows = [[float(value) for value in row] for row in matrix]
    total = 0.0
    while rows:
        pivot = max(rows, key=lambda row: abs(row[0]))
        rows.remove(pivot)
        total += math.log(abs(pivot[0]))
        rows = [[a - row[0] / pivot[0] * b for a, b in zip(row[1:], pivot[1:], strict=True)] for row in rows]
    return total


@each_network
def test_swap_counts_different_columns(architecture: BaseArchitecture) -> None:
    proxy = Swap(8, 5, 13)
    network, draw = drawn(proxy, architecture, seed=3)
    columns = set(zip(*patterns(network, draw.batch()[0]), strict=True))
    assert 100 < len(columns) < 2**13
    assert proxy.score(architecture, seed=3).value == len(columns)


def test_swap_is_bounded_by_the_batch() -> None:
    assert Swap(8, 5, 1).score(ROW).value == 2
    assert Swap(8, 5, 3).score(ROW).value == 8
    assert Swap(8, 5, 62).score(ROW).value > 2**8
    with pytest.raises(UserError, match="batch_size=63: swap takes at most 62 images"):
        Swap(batch_size=63)


def test_swap_regularised() -> None:
    plain = Swap(*SETTINGS).score(ROW, seed=3).value
    params = sum(parameter.numel() for parameter in drawn(Swap(*SETTINGS), ROW)[0].parameters())
    mu, sigma = 0.5, 0.1
    expected = plain * math.exp(-((params / 1e6 - mu) ** 2) / sigma)
    assert Swap(*SETTINGS, mu=mu, sigma=sigma).score(ROW, seed=3).value == pytest.approx(expected)
    assert Swap(*SETTINGS, mu=params / 1e6, sigma=sigma).score(ROW, seed=3).value == plain
    for wrong in ({"mu": 1.0}, {"sigma": 1.0}, {"mu": 1.0, "sigma": 0.0}):
        with pytest.raises(UserError, match="expected both for the regularised swap, sigma above 0"):
            Swap(**wrong)


@each_network
def test_linear_regions_counts_switches_along_the_line(architecture: BaseArchitecture) -> None:
    proxy = LinearRegions(*SETTINGS)
    network, draw = drawn(proxy, architecture, seed=3)
    start, stop = draw.batch(2)[0]
    points = torch.stack([start * (1 - step / 5) + stop * (step / 5) for step in range(6)])
    on = patterns(network, points)
    switches = sum(a != b for one, two in pairwise(on) for a, b in zip(one, two, strict=True))
    assert switches > 10
    # A neuron on the border may fall to either side of it.
    assert proxy.score(architecture, seed=3).value == pytest.approx(1 + switches, abs=2)


def test_linear_regions_of_one_relu() -> None:
    """Through one neuron the line crosses one border, or none."""
    module = nn.Sequential(nn.Conv2d(3, 1, 8), nn.Flatten(), nn.ReLU())
    found = {LinearRegions(8, 1, 9).score(module, seed).value for seed in range(12)}
    assert found == {1.0, 2.0}


class Chain(nn.Module):
    """Convolutions and batch norms with a relu of some kind after each."""

    def __init__(self, relu: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Sequential(nn.Conv2d(width, 6, 3, padding=1), nn.BatchNorm2d(6)) for width in (3, 6, 6))
        self.relu = relu
        self.linear = nn.Linear(6, 5)

    def forward(self, images: Tensor) -> Tensor:
        x_bchw = images
        for layer in self.layers:
            x_bchw = self.relu(layer(x_bchw))
        out: Tensor = self.linear(x_bchw.mean((2, 3)))
        return out


@each_reader
@pytest.mark.parametrize(
    "relu",
    [
        nn.ReLU(inplace=True),
        functional.relu,
        torch.relu,
        Tensor.relu,
        Tensor.relu_,
        lambda x: functional.relu(x, inplace=True),
        lambda x: functional.relu(input=x),
    ],
    ids=["in-place-module", "functional", "torch", "method", "in-place-method", "in-place-function", "keyword"],
)
def test_every_spelling_of_relu_is_seen(reader: Reader, relu: Callable[[Tensor], Tensor]) -> None:
    expected = reader(*SETTINGS).score(Chain(nn.ReLU()), seed=3)
    assert reader(*SETTINGS).score(Chain(relu), seed=3) == expected


@each_reader
@pytest.mark.parametrize(
    "relu",
    [nn.ReLU6(), nn.ReLU6(inplace=True), functional.relu6, lambda x: functional.hardtanh(x, 0.0, 6.0), nn.Hardtanh(0, 6)],
    ids=["module", "in-place", "functional", "clamp", "clamp-module"],
)
def test_relu6_is_a_relu(reader: Reader, relu: Callable[[Tensor], Tensor]) -> None:
    expected = reader(*SETTINGS).score(Chain(functional.relu6), seed=3)
    assert reader(*SETTINGS).score(Chain(relu), seed=3) == expected
    assert reader(*SETTINGS).score(Chain(lambda x: x.relu().clamp(max=6)), seed=3) == expected


@each_reader
@pytest.mark.parametrize("other", [torch.sigmoid, functional.silu, functional.hardtanh, nn.GELU()])
def test_a_network_without_relus_has_no_score(reader: Reader, other: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(CannotScoreError, match=f"{reader.name} reads relus, and this network has none"):
        reader(*SETTINGS).score(Chain(other))


@each_reader
def test_a_relu_of_nothing_but_nan_is_no_pattern(reader: Reader) -> None:
    with pytest.raises(CannotScoreError, match=f"{reader.name}: the network diverges, its values are not finite"):
        reader(*SETTINGS).score(Chain(lambda x: torch.relu((x * 1e30 * 1e30) * 0)))


@each_reader
def test_relus_outside_a_score_are_not_watched(reader: Reader) -> None:
    proxy = reader(*SETTINGS)
    expected = proxy.score(ROW, seed=3)
    torch.relu(torch.full((3,), math.nan))
    with pytest.raises(CannotScoreError):
        proxy.score(Chain(torch.sigmoid))
    torch.relu(torch.full((3,), math.nan))
    assert proxy.score(ROW, seed=3) == expected


def test_naswot_of_images_that_are_switched_alike() -> None:
    """One relu for three images: two of them are alike."""
    module = nn.Sequential(nn.Conv2d(3, 1, 8), nn.Flatten(), nn.ReLU())
    with pytest.raises(CannotScoreError, match="two images of the batch give identical ReLU patterns"):
        NasWot(8, 1, 3).score(module)


def test_linear_regions_needs_a_line() -> None:
    with pytest.raises(CannotScoreError, match="batch_size=1: linear_regions compares points of a line; expected 2 or more"):
        LinearRegions(8, 5, 1).score(ROW)
