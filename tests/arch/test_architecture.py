"""An architecture as a value: text, equality, pickling, summary, split."""

import pickle

import pytest

from golden import GoldenArchitecture, architectures, own_and_shared
from zen_lightning.arch import Architecture

TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,2)SuperResIDWE2K3(16,24,2,16,1)SuperConvK1BNRELU(24,32,1,1)"


@pytest.mark.parametrize("golden", own_and_shared(architectures))
def test_text_comes_back(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    assert str(arch) == golden.structure
    assert Architecture.parse(str(arch)) == arch


def test_repr_evaluates_to_an_equal_architecture() -> None:
    arch = Architecture.parse(TEXT)
    assert eval(repr(arch)) == arch


def test_equality_and_hash_follow_the_text() -> None:
    arch, same = Architecture.parse(TEXT), Architecture.parse(f"  {TEXT}\n")
    other = Architecture.parse(TEXT.replace("(24,32,1,1)", "(24,40,1,1)"))
    assert arch == same
    assert hash(arch) == hash(same)
    assert arch != other
    assert len({arch, same, other}) == 2
    assert arch != TEXT


def test_pickling() -> None:
    arch = Architecture.parse(TEXT)
    copy = pickle.loads(pickle.dumps(arch))
    assert copy == arch
    assert str(copy) == TEXT
    assert copy.num_params(10) == arch.num_params(10)


def test_pickle_holds_no_more_than_the_structure() -> None:
    arch = Architecture.parse(TEXT)
    before = len(pickle.dumps(Architecture.parse(TEXT)))
    arch.flops(32)
    arch.num_params(use_se=True)
    assert len(pickle.dumps(arch)) == before


@pytest.mark.parametrize("use_se", [False, True])
@pytest.mark.parametrize("golden", architectures(), ids=lambda golden: golden.name)
def test_summary_adds_up_to_the_totals(golden: GoldenArchitecture, use_se: bool) -> None:
    arch = Architecture.parse(golden.structure)
    rows = arch.summary(golden.resolution, golden.num_classes, use_se)
    assert [row.block for row in rows] == [block.text for block in arch.blocks] + ["classifier"]
    assert sum(row.layers for row in rows) == golden.layers
    assert sum(row.params for row in rows) == (golden.params_se if use_se else golden.params)
    assert sum(row.flops for row in rows) == (golden.macs_se if use_se else golden.macs)


def test_summary_says_what_leaves_each_block() -> None:
    rows = Architecture.parse(TEXT).summary(33, num_classes=7)
    assert [row.resolution for row in rows] == [17, 17, 9, 9, 1]
    assert [row.channels for row in rows] == [8, 16, 24, 32, 7]
    assert [row.stage for row in rows] == [1, 1, 2, 2, 3]


def test_out_channels_are_those_of_the_last_block() -> None:
    assert Architecture.parse(TEXT).out_channels == 32


@pytest.mark.parametrize(("layers", "parts"), [(5, (5,)), (6, (3, 3)), (7, (3, 4)), (12, (3, 9))])
def test_split_happens_once(layers: int, parts: tuple[int, ...]) -> None:
    split = Architecture.parse(f"SuperResIDWE4K5(3,40,2,24,{layers})").split()
    first, *rest = [f"SuperResIDWE4K5(3,40,2,24,{parts[0]})"] + [f"SuperResIDWE4K5(40,40,1,24,{n})" for n in parts[1:]]
    assert [block.text for block in split.blocks] == [first, *rest]
    assert split.num_layers == layers


def test_split_leaves_long_rows_of_plain_convolutions() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,20)")
    assert arch.split() == arch


def test_splitting_adds_a_projection() -> None:
    arch = Architecture.parse("SuperResK3K3(3,16,1,8,6)")
    projection = 16 * 16 + 16 + 2 * 16
    assert arch.split().num_params(10) - arch.num_params(10) == projection
    assert arch.split().flops(8, 10) - arch.flops(8, 10) == 16 * 16 * 8 * 8
