"""Codes of the three benchmarks: read, written, counted as the published tables have it, and refused with the place."""

import pickle

import pytest

from zen_lightning.arch import (
    AccelArchitecture,
    Architecture,
    ArchitectureError,
    CodedArchitecture,
    MacroArchitecture,
    TransNasArchitecture,
    parse_architecture,
)
from zen_lightning.arch.published_counts import accel_nasbench_flops, transnas_flops

# Rows of the published tables: Accel-NASBench (params, printed FLOPs), NAS-Bench-Macro, TransNAS-Bench-101.
ACCEL = [
    ("e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0", 2_501_160, 415_361_072),
    ("e4k5l2s0-e6k3l3s0-e6k5l1s0-e6k5l1s0-e6k3l1s0-e4k3l1s0-e1k3l1s0", 2_085_320, 384_484_800),
    ("e1k3l1s0-e6k3l2s0-e1k5l1s1-e1k3l2s1-e4k3l3s0-e4k5l4s1-e6k3l3s1", 7_200_872, 388_503_888),
]
MACRO = [("00000001", 791_594, 14_115_328), ("00000002", 1_219_370, 20_910_592), ("00000010", 791_594, 14_115_328)]
TRANSNAS = [("1242", 11_218_783, 13_602_455_552), ("413331", 3_557_343, 1_450_030_080), ("44134", 15_859_551, 2_063_060_992)]

TEXTS = {
    AccelArchitecture: ACCEL[0][0],
    MacroArchitecture: "01201202",
    TransNasArchitecture: "1242",
}
LAST = "-e1k3l1s0" * 6

BAD = [
    (AccelArchitecture, "", 0, "the end for stage 1", "a stage such as e6k3l2s1"),
    (AccelArchitecture, "e6k3l2s1", 8, "the end", "'-' before stage 2 of 7"),
    (AccelArchitecture, "e6k3l2s1-x", 9, "'x' for stage 2", "a stage such as e6k3l2s1"),
    (AccelArchitecture, f"e7k3l2s1{LAST}", 1, "7 is no expansion of stage 1", "one of 1, 4, 6"),
    (AccelArchitecture, f"e6k4l2s1{LAST}", 3, "4 is no kernel", "one of 3, 5"),
    (AccelArchitecture, f"e6k3l0s1{LAST}", 5, "0 is no number of layers", "one of 1, 2, 3"),
    (AccelArchitecture, f"e6k3l02s1{LAST}", 5, "02 is no number of layers", "one of 1, 2, 3"),
    (AccelArchitecture, f"e6k3l2s2{LAST}", 7, "2 is no squeeze", "one of 0, 1"),
    (AccelArchitecture, f"e6k3l2s1{LAST}-e1k3l1s0", 62, "'-e1k3l1s0' after the last stage", "the end of the code"),
    (MacroArchitecture, "", 0, "0 digits", "8 digits, each one of 0, 1, 2"),
    (MacroArchitecture, "0120120", 7, "7 digits", "8 digits"),
    (MacroArchitecture, "012012012", 8, "9 characters", "8 digits"),
    (MacroArchitecture, " 01301202", 3, "'3' is no such digit", "8 digits, each one of 0, 1, 2"),
    (TransNasArchitecture, "124", 3, "3 digits", "4 to 6 digits, each one of 1, 2, 3, 4"),
    (TransNasArchitecture, "1204", 2, "'0' is no such digit", "4 to 6 digits"),
    (AccelArchitecture, f"e6k3l4s1{LAST}", 5, "4 is no number of layers of stage 1", "one of 1, 2, 3"),
    (TransNasArchitecture, " 1113", 1, "1113 is not in the space", "1 to 3 modules that double"),
    (TransNasArchitecture, "33333", 0, "33333 is not in the space", "1 to 4 that halve"),
    (TransNasArchitecture, "1111112", 6, "7 characters", "4 to 6 digits"),
]


@pytest.mark.parametrize(("code", "params", "flops"), ACCEL)
def test_accel_nasbench(code: str, params: int, flops: int) -> None:
    arch = AccelArchitecture.parse(code)
    assert arch.num_params() == params
    assert accel_nasbench_flops(arch) == flops
    assert arch.flops(224) < flops


@pytest.mark.parametrize(("code", "params", "flops"), MACRO)
def test_nas_bench_macro(code: str, params: int, flops: int) -> None:
    arch = MacroArchitecture.parse(code)
    assert (arch.num_params(10), arch.flops(32, 10)) == (params, flops)


@pytest.mark.parametrize(("code", "params", "flops"), TRANSNAS)
def test_transnas(code: str, params: int, flops: int) -> None:
    arch = TransNasArchitecture.parse(code)
    assert arch.num_params(63) == params
    assert transnas_flops(arch) == flops


@pytest.mark.parametrize("language", TEXTS)
def test_text(language: type[CodedArchitecture]) -> None:
    text = TEXTS[language]
    arch = language.parse(f" {text}\n")
    assert str(arch) == text
    assert arch == language.parse(text)
    assert parse_architecture(text) == arch
    assert pickle.loads(pickle.dumps(arch)) == arch
    assert eval(repr(arch), {language.__name__: language}) == arch
    assert arch.split() is arch


@pytest.mark.parametrize("language", TEXTS)
def test_the_structure_is_the_same_network_in_super_blocks(language: type[CodedArchitecture]) -> None:
    arch = language.parse(TEXTS[language])
    plain = arch.structure
    assert type(plain) is Architecture
    assert Architecture.parse(str(plain)) == plain
    assert (plain.num_params(10), plain.flops(64, 10)) == (arch.num_params(10), arch.flops(64, 10))
    assert plain != arch
    assert arch != plain


def test_separators_and_trailing_zeros() -> None:
    stages = ACCEL[0][0].split("-")
    assert AccelArchitecture.parse(" ".join(stages)) == AccelArchitecture.parse("_".join(stages))
    assert str(TransNasArchitecture.parse("124200")) == "1242"


def test_two_codes_of_one_network_stay_two() -> None:
    one, two = MacroArchitecture.parse("00000001"), MacroArchitecture.parse("00000010")
    assert one.blocks == two.blocks
    assert one != two
    assert len({one, two}) == 2


@pytest.mark.parametrize(("language", "text", "position", "problem", "expected"), BAD)
def test_errors(language: type[CodedArchitecture], text: str, position: int, problem: str, expected: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        language.parse(text)
    assert caught.value.position == position
    assert problem in caught.value.problem
    assert expected in caught.value.expected


def test_other_image_channels_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="images of 3 channels, not 1"):
        MacroArchitecture.parse("00000001", in_channels=1)
