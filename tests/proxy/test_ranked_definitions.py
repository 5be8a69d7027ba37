"""az_nas and te_nas: their parts worked out a second time, their combination by hand."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from drawn import drawn, in_double
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.nets import StagedNetwork
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.az_nas import AzNas, _entropy, _gain
from zen_lightning.proxy.base import ascending_ranks
from zen_lightning.proxy.linear_regions import LinearRegions
from zen_lightning.proxy.ntk import NtkConditionNumber
from zen_lightning.proxy.te_nas import TeNas
from zen_lightning.space import search_space

ROW = Architecture.parse("SuperConvK3BNRELU(3,4,1,1)SuperResK3K3(4,6,2,4,1)SuperResK3K3(6,6,1,4,2)SuperConvK1BNRELU(6,8,1,1)")
CUT = search_space("nas_bench_201").parse("|nor_conv_1x1~0|+|nor_conv_1x1~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|")
SETTINGS = (8, 5, 6)


@pytest.mark.parametrize("architecture", [ROW, CUT], ids=["row", "cut-cell"])
def test_the_four_parts_of_az_nas(architecture: BaseArchitecture) -> None:
    proxy = in_double(AzNas(*SETTINGS))
    network, draw = drawn(proxy, architecture, seed=3)
    assert isinstance(network, StagedNetwork)
    images, _ = draw.batch()
    features = network.block_features(images)
    entropies = [entropy_by_svd(feature.detach()) for feature in features]
    increases = [later - earlier for earlier, later in pairwise(entropies)]
    gains = []
    for index, unit in enumerate(list(network.units())[1:]):
        signs = draw.signs(features[index + 1])
        _, pulled = torch.autograd.functional.vjp(unit, features[index].detach(), signs)
        gains.append(gain_by_positions(signs, pulled))
    expected = (sum(entropies), min(increases), sum(gains) / len(gains), architecture.flops(8, 5))
    assert proxy.score(architecture, seed=3).parts == pytest.approx(expected, rel=1e-5)


def entropy_by_svd(map_bchw: Tensor) -> float:
    """Return the entropy of the variances along the principal directions."""
    rows = map_bchw.permute(0, 2, 3, 1).flatten(0, 2)
    variances = torch.linalg.svdvals(rows - rows.mean(0)).square()
    shares = (variances / variances.sum()).tolist()
    return -sum(share * math.log(share) for share in shares if share > 1e-30)


def gain_by_positions(signs: Tensor, pulled: Tensor) -> float:
    """Return 2 - s - 1/s, the Jacobian being the mean over positions of the outer products."""
    ratio = pulled.shape[-1] // signs.shape[-1]
    batch, channels, height, width = signs.shape
    jacobian = torch.zeros(pulled.shape[1] * ratio**2, channels, dtype=signs.dtype)
    for image in range(batch):
        for y in range(height):
            for x in range(width):
                seen = pulled[image, :, y * ratio : (y + 1) * ratio, x * ratio : (x + 1) * ratio].flatten()
                jacobian += torch.outer(seen, signs[image, :, y, x]) / (batch * height * width)
    norm = torch.linalg.svdvals(jacobian)[0].item()
    return 2 - norm - 1 / norm


@pytest.mark.parametrize("norm", [0.25, 1.0, 3.0])
def test_the_gain_of_a_linear_block_whose_jacobian_is_known(norm: float) -> None:
    """A 1 x 1 convolution: its Jacobian between channels is its weight. Signs with orthogonal rows read it exactly."""
    weight = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, -1.0], [0.0, 0.5, 0.5], [0.0, 0.0, 0.0]]) * norm / 2
    hadamard = torch.tensor([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    signs = hadamard.view(4, 4, 1, 1).repeat(2, 1, 2, 2)
    block = nn.Conv2d(3, 4, 1, bias=False)
    block.weight = nn.Parameter(weight.view(4, 3, 1, 1))
    _, pulled = torch.autograd.functional.vjp(block, torch.randn(8, 3, 2, 2), signs)
    assert _gain(signs, pulled) == pytest.approx(2 - norm - 1 / norm, abs=1e-4)
    assert _gain(signs, pulled) <= 1e-5


def test_the_gain_of_a_strided_block_sees_all_positions_before_it() -> None:
    """Patches of 2 x 2 become one position: the Jacobian is the whole kernel."""
    kernel = torch.randn(4, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    hadamard = torch.tensor([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    signs = hadamard.view(4, 4, 1, 1).repeat(1, 1, 3, 3)
    pulled = nn.functional.conv_transpose2d(signs, kernel, stride=2)
    norm = torch.linalg.matrix_norm(kernel.flatten(1), ord=2).item()
    assert _gain(signs, pulled) == pytest.approx(2 - norm - 1 / norm, abs=1e-4)
    odd = nn.functional.pad(pulled, (0, 1, 0, 1))
    assert _gain(signs, odd) == pytest.approx(2 - norm - 1 / norm, abs=1e-4)


def test_a_block_that_hands_on_its_input_counts_as_one_that_hands_on_nothing() -> None:
    signs = drawn(AzNas(*SETTINGS), ROW)[1].signs(torch.zeros(4, 4, 2, 2))
    assert _gain(signs, signs.clone()) == pytest.approx(_gain(signs, torch.zeros(4, 4, 2, 2))) == pytest.approx(2 - 1e6)
    shortcut, conv, cut = (
        search_space("nas_bench_201").parse(f"|none~0|+|none~0|none~1|+|{operation}~0|none~1|none~2|")
        for operation in ("skip_connect", "nor_conv_3x3", "none")
    )
    trainability = [AzNas(*SETTINGS).score(cell).parts[2] for cell in (shortcut, conv, cut)]
    assert trainability[0] < -1e5
    assert trainability[2] < -1e5
    assert -100 < trainability[1] < 0


def test_the_entropy_of_known_covariances() -> None:
    generator = torch.Generator().manual_seed(0)
    independent = torch.randn(64, 4, 8, 8, generator=generator, dtype=torch.float64)
    assert _entropy(independent) == pytest.approx(math.log(4), abs=0.01)
    assert _entropy(independent[:, :1].repeat(1, 4, 1, 1)) == pytest.approx(0, abs=1e-9)
    assert _entropy(independent + 100) == pytest.approx(_entropy(independent), abs=1e-6)
    assert _entropy(torch.ones(4, 3, 2, 2)) == 0
    scaled = independent * torch.tensor([1.0, 1, 1, 0]).view(1, 4, 1, 1)
    assert _entropy(scaled) == pytest.approx(math.log(3), abs=0.01)


def test_signs_are_fair_coins() -> None:
    _, draw = drawn(AzNas(*SETTINGS), ROW)
    signs = draw.signs(torch.zeros(100, 100))
    assert set(signs.flatten().tolist()) == {-1.0, 1.0}
    assert abs(signs.mean().item()) < 0.05
    assert not torch.equal(signs, draw.signs(signs))


def test_az_nas_looks_at_the_network_with_its_shortcuts() -> None:
    shortcut, _ = drawn(AzNas(*SETTINGS), ROW)
    plain, _ = drawn(NtkConditionNumber(*SETTINGS), ROW)
    assert isinstance(shortcut, StagedNetwork)
    assert isinstance(plain, StagedNetwork)
    assert len(list(shortcut.units())) < len(list(plain.units()))


def test_az_nas_needs_blocks() -> None:
    with pytest.raises(CannotScoreError, match="az_nas compares blocks, and this network has only one"):
        AzNas(*SETTINGS).score(Architecture.parse("SuperConvK3BNRELU(3,4,1,1)"))
    with pytest.raises(CannotScoreError, match="found 0 in a Sequential"):
        AzNas(*SETTINGS).score(nn.Sequential(nn.Conv2d(3, 4, 3)))


def test_az_nas_of_a_block_that_diverges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zen_lightning.nets.modules.ConvUnit.forward", lambda self, x: self.conv(x) * 1e30 * 1e30)
    with pytest.raises(CannotScoreError, match="az_nas: the network diverges"):
        AzNas(*SETTINGS).score(ROW)


def test_az_nas_combined_by_hand() -> None:
    """Ranks of three networks: 1 3 2, 2 1 3, 1.5 1.5 3, 1 2 3."""
    parts = [(0.1, 5.0, -2.0, 10.0), (0.9, 4.0, -2.0, 20.0), (0.5, 6.0, -1.0, 30.0)]
    expected = [
        math.log(1 / 3) + math.log(2 / 3) + math.log(1.5 / 3) + math.log(1 / 3),
        math.log(3 / 3) + math.log(1 / 3) + math.log(1.5 / 3) + math.log(2 / 3),
        math.log(2 / 3) + math.log(3 / 3) + math.log(3 / 3) + math.log(3 / 3),
    ]
    assert AzNas().combine(parts) == pytest.approx(expected)
    assert AzNas().combine(parts[:1]) == [0.0]


def test_te_nas_combined_by_hand() -> None:
    """The higher minus the condition number the better, and the more regions."""
    parts = [(-50.0, 300.0), (-20.0, 100.0), (-1000.0, 200.0), (-20.0, 50.0)]
    ranks = [(2, 4), (3.5, 2), (1, 3), (3.5, 1)]
    assert TeNas().combine(parts) == pytest.approx([(one + two) / 4 for one, two in ranks])
    assert TeNas(variant="released").combine([part[:1] for part in parts]) == [-50.0, -20.0, -1000.0, -20.0]


def test_the_parts_of_te_nas_are_the_scores_of_both() -> None:
    settings = (8, 5, 4, 2)
    score = TeNas(*settings).score(ROW, seed=3)
    assert score.parts == (NtkConditionNumber(*settings).score(ROW, 3).value, LinearRegions(*settings).score(ROW, 3).value)
    released = TeNas(*settings, variant="released").score(ROW, seed=3)
    ntk = NtkConditionNumber(*settings, variant="released").score(ROW, 3)
    assert (released.value, released.standard_error, released.parts) == (ntk.value, ntk.standard_error, (ntk.value,))


def test_parts_are_means_over_the_repeats() -> None:
    one, two = (AzNas(8, 5, 6, repeats).score(ROW, seed=3).parts for repeats in (1, 2))
    assert one[3] == two[3]
    assert all(first != mean for first, mean in zip(one[:3], two[:3], strict=True))


def test_ranks() -> None:
    assert ascending_ranks([]) == []
    assert ascending_ranks([3.0]) == [1.0]
    assert ascending_ranks([2.0, 2.0, 2.0]) == [2.0, 2.0, 2.0]
    assert ascending_ranks([3.0, -1.0, 3.0, 0.0, 3.0]) == [4.0, 1.0, 4.0, 2.0, 4.0]
