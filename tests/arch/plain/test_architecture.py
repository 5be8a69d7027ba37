"""Architectures of primitive blocks: layers, activation memory, what refuses them."""

import pytest

from zen_lightning import score, search_space, zen_score
from zen_lightning.arch import Architecture
from zen_lightning.arch.conv_counts import conv_counts
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.search.exact.chain import NoTablesError, chain_of

STEM = "ConvKX(3,8,3,1)BN(8)RELU(8)"
BRANCHED = f"{STEM}MultiSumBlock(ConvKX(8,8,1,1);ConvKX(8,8,3,1)BN(8))"


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        (STEM, 1),
        (f"{STEM}ResBlockProj(ConvKX(8,16,3,2)BN(16)RELU(16)ConvKX(16,16,3,1))SE(16)MaxPool(16,3,2)", 3),
        (f"{BRANCHED}SuperResK1K3K1(8,16,2,8,3)", 6),
        (f"{STEM}AdaptiveAvgPool(8,1)Linear(8,16)RELU(16)Linear(16,10)", 2),
        (f"{STEM}SuperResKXKX(8,16,3,1,1.0,4)", 5),
    ],
)
def test_layers_are_convolutions_and_hidden_linear_layers(text: str, layers: int) -> None:
    arch = Architecture.parse(text)
    assert arch.num_layers == layers
    assert sum(row.layers for row in arch.summary(16, 10)) <= layers


@pytest.mark.parametrize(
    ("text", "peak"),
    [
        # The image and the stem's output.
        (STEM, 11 * 64),
        # Batch norm, relu and swish are in place: no more than the image and one map.
        (f"{STEM}Swish(8)", 11 * 64),
        # What arrives, and the outputs of both branches, before they are added.
        (BRANCHED, 24 * 64),
        # Side by side: what arrives is gone when the joined map is made of both.
        (f"{STEM}MultiCatBlock(ConvKX(8,8,1,1);ConvKX(8,8,3,1)BN(8))", 32 * 64),
        # A branch that is in place needs a copy, as the other one reads what arrives.
        (f"{STEM}MultiSumBlock(RELU(8);Swish(8))", 16 * 64),
        # The shortcut keeps what arrives alive.
        (f"{STEM}ResBlock(ConvKX(8,8,3,1)Swish(8)ConvKX(8,8,3,1))", 24 * 64),
    ],
)
def test_activation_memory(text: str, peak: int) -> None:
    assert Architecture.parse(text).peak_activations(8, 1) == peak


def test_convolutions_and_activations_count_the_projection() -> None:
    text = f"{STEM}ResBlock(ConvKX(8,16,3,2)Swish(16)ConvKX(16,16,3,1))"
    assert conv_counts(Architecture.parse(text), 8)[:2] == (4, 8 * 64 + 3 * 16 * 16)


def test_every_closed_form_refuses_by_name_what_is_no_row_of_convolutions() -> None:
    arch = Architecture.parse(BRANCHED)
    with pytest.raises(UserError, match=r"not for MultiSumBlock\(.*ask for estimator='monte_carlo'"):
        zen_score(arch, resolution=32)
    for proxy in ("entropy", "deepmad", "zen_calibrated"):
        with pytest.raises(
            CannotScoreError, match=r"rows of convolution, batch norm and relu; this network has MultiSumBlock\("
        ):
            score(arch, proxy, resolution=32)
    with pytest.raises(CannotScoreError, match="the original's count"):
        score(arch, "params", variant="released")
    assert score(arch, "zen", resolution=32, batch_size=4, repeats=1).value == pytest.approx(
        score(arch, "zen_monte_carlo", resolution=32, batch_size=4, repeats=1).value
    )


def test_grouped_convolutions_have_a_closed_form_near_monte_carlo() -> None:
    row = "".join(f"ConvKXG{g}(64,64,3,1)BN(64)RELU(64)ConvKX(64,64,1,1)BN(64)RELU(64)" for g in (2, 4, 8, 16, 32))
    arch = Architecture.parse(f"ConvKX(3,64,3,1)BN(64)RELU(64){row}")
    drawn = zen_score(arch, resolution=32, estimator="monte_carlo", repeats=8, batch_size=16)
    assert zen_score(arch, resolution=32) == pytest.approx(drawn, rel=0.01)


@pytest.mark.parametrize("space", ["resnet", "mobilenet", "mbconv"])
@pytest.mark.parametrize("text", [BRANCHED, STEM, "SuperConvK3BNRELU(3,8,1,1)SuperResKXKX(8,16,3,1,1.0,4)"])
def test_no_search_changes_them(space: str, text: str) -> None:
    known = search_space(space)
    with pytest.raises(UserError, match="a search does not change primitive blocks such as"):
        known.parse(text)
    if space != "mbconv":
        with pytest.raises(UserError, match="a search does not change primitive blocks such as"):
            known.choices(Architecture.parse(text), len(Architecture.parse(text).blocks) - 1)
        with pytest.raises(NoTablesError, match="the exact optimiser knows no tables of"):
            chain_of(known, Architecture.parse(text), 10, 32)


def test_parts_that_do_not_fit_at_a_resolution_are_named() -> None:
    arch = Architecture.parse(f"{STEM}ResBlock(ConvKX(8,8,2,1))")
    with pytest.raises(UserError, match="make 7 x 7, and its shortcut 8 x 8: they cannot be added"):
        arch.flops(8)
    arch = Architecture.parse(f"{STEM}MultiCatBlock(MaxPool(8,2,2);MaxPool(8,3,2))")
    assert arch.flops(8) > 0
    with pytest.raises(UserError, match="make 4 x 4, 5 x 5: they do not fit together"):
        arch.flops(9)
    assert arch.num_params(10) == 27 * 8 + 16 + 170
