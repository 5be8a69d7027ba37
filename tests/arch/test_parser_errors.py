"""Structure strings that cannot be read: where, what was expected, and a caret under it."""

import pickle

import pytest

from zen_lightning.arch import Architecture, ArchitectureError
from zen_lightning.arch.parser import MAX_ARGUMENT, MAX_BLOCKS, MAX_CHARACTERS, MAX_LAYERS
from zen_lightning.errors import UserError

STEM = "SuperConvK3BNRELU(3,24,2,1)"
RES = "SuperResK3K3(24,32,1,16,1)"

BAD = [
    ("", 0, "text is empty", "a super-block such as"),
    (" \t\n", 0, "text is empty", "a super-block such as"),
    ("SuperConvK3BNRELU", 17, "the end", "'(' after SuperConvK3BNRELU"),
    ("SuperConvK3BNRELU(", 18, "the end is not a number", "in_channels of SuperConvK3BNRELU(in_channels, out_channels"),
    ("SuperConvK3BNRELU(3,24,2,1", 26, "the end", "')' after the 4 arguments"),
    ("SuperConvK3BNRELU(3,24,2)", 24, "')'", "',' before sub_layers"),
    ("SuperConvK3BNRELU(3,24,2,1,5)", 26, "','", "')' after the 4 arguments"),
    ("SuperConvK3BNRELU()", 18, "')' is not a number", "in_channels of"),
    ("SuperConvK3BNRELU(3,,2,1)", 20, "',' is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(3,0,2,1)", 20, "0 is out of range", f"from 1 to {MAX_ARGUMENT}"),
    ("SuperConvK3BNRELU(3,-24,2,1)", 20, "'-24' is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(3,2.5,2,1)", 20, "'2.5' is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(3,1e3,2,1)", 20, "'1e3' is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(3, 24,2,1)", 20, "' 24' is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(3,٢٤,2,1)", 20, "is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(3,²,2,1)", 20, "is not a number", "out_channels of"),
    ("SuperConvK3BNRELU(a|b|3,24,2,1)", 20, "'b|3' is not a number", "in_channels of"),
    ("SuperConvK3BNRELU((3,24,2,1))", 18, "'(' is not a number", "in_channels of"),
    ("SuperConvK4BNRELU(3,24,2,1)", 0, "unknown super-block 'SuperConvK4BNRELU'", "did you mean 'SuperConvK"),
    (f"{STEM}superResK3K3(24,32,1,16,1)", 27, "unknown super-block 'superResK3K3'", "did you mean 'SuperResK3K3'?"),
    (f"{STEM}SuperResIDWE5K7(24,48,2,48,1)", 27, "unknown super-block 'SuperResIDWE5K7'", "did you mean 'SuperResIDWE"),
    (f"{STEM}Zzz(24,48,2,48,1)", 27, "unknown super-block 'Zzz'", "SuperConvK{1,3,5,7}BNRELU, SuperResIDWE{1,2,4,6}K{3,5,7}, "),
    (f"{STEM} {RES}", 27, "white space where a super-block starts", "the name of a super-block"),
    (f"{STEM}\n{RES}", 27, "white space where a super-block starts", "the name of a super-block"),
    (f"{STEM},{RES}", 27, "',' where a super-block starts", "the name of a super-block"),
    (f"{STEM})", 27, "')' where a super-block starts", "the name of a super-block"),
    (f"{STEM}\0", 27, "'\\x00' where a super-block starts", "the name of a super-block"),
    ("123", 0, "'1' where a super-block starts", "the name of a super-block"),
    (f"{STEM}SuperResK3K3 (24,32,1,16,1)", 39, "' '", "'(' after SuperResK3K3"),
    (
        f"{STEM}SuperResK3K3(32,32,1,16,1)",
        27,
        "takes 32 channels, but SuperConvK3BNRELU(3,24,2,1) gives 24",
        "in_channels = 24",
    ),
    ("SuperConvK3BNRELU(4,24,2,1)", 0, "takes 4 channels, but the image has 3", "in_channels = 3"),
    (f"  {STEM}SuperResK3K3(24,32,1,16)", 52, "')'", "',' before sub_layers"),
]


@pytest.mark.parametrize(("text", "position", "problem", "expected"), BAD)
def test_the_error_names_position_and_expectation(text: str, position: int, problem: str, expected: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        Architecture.parse(text)
    error = caught.value
    assert error.position == position
    assert problem in error.problem
    assert expected in error.expected
    assert f"{error.problem} at position {position}: expected {error.expected}" in str(error)
    assert isinstance(error, UserError)


@pytest.mark.parametrize("text", [text for text, *_ in BAD])
def test_the_caret_is_under_the_place(text: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        Architecture.parse(text)
    error = caught.value
    shown, caret = error.pointer().splitlines()
    assert str(error).endswith(f"{shown}\n{caret}")
    assert set(caret) == {" ", "^"}
    rest = shown[len(caret) - 1 :]
    printable = "".join(c if c.isprintable() else "?" for c in text[error.position :])
    assert rest.removesuffix("...") == printable[: len(rest.removesuffix("..."))]
    assert bool(rest) == (error.position < len(text))


def test_the_caret_is_under_the_place_in_a_long_text() -> None:
    text = STEM + "SuperResK3K3(24,24,1,16,1)" * 20 + "SuperResK3K3(24,x,1,16,1)" + "SuperResK3K3(24,24,1,16,1)" * 20
    with pytest.raises(ArchitectureError) as caught:
        Architecture.parse(text)
    shown, caret = caught.value.pointer().splitlines()
    assert shown.startswith("  ...")
    assert shown.endswith("...")
    assert len(shown) < 140
    assert shown[len(caret) - 1] == "x"


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("x" * (MAX_CHARACTERS + 1), MAX_CHARACTERS, f"over the limit of {MAX_CHARACTERS}"),
        ("(" * 100_000 + ")" * 100_000, MAX_CHARACTERS, f"over the limit of {MAX_CHARACTERS}"),
        ("SuperConvK3BNRELU" + "(" * 30_000 + ")" * 30_000, 18, "'(' is not a number"),
        (
            STEM + "SuperConvK1BNRELU(24,24,1,1)" * MAX_BLOCKS,
            27 + 28 * (MAX_BLOCKS - 1),
            f"more than {MAX_BLOCKS} super-blocks",
        ),
        (f"SuperConvK1BNRELU(3,8,1,{MAX_LAYERS + 1})", 0, f"more than {MAX_LAYERS} layers"),
        (f"SuperConvK1BNRELU(3,8,1,{MAX_LAYERS})SuperConvK1BNRELU(8,8,1,1)", 29, f"more than {MAX_LAYERS} layers"),
        (f"SuperConvK3BNRELU(3,{MAX_ARGUMENT + 1},2,1)", 20, "1000001 is out of range"),
        (f"SuperConvK3BNRELU(3,{'9' * 50_000},2,1)", 20, "is out of range"),
        (f"SuperConvK3BNRELU(3,{'0' * 50_000},2,1)", 20, "is out of range"),
        (f"SuperConvK3BNRELU({'a' * 50_000},24,2,1)", 18, "is not a number"),
        ("S" * 60_000, 0, "unknown super-block"),
        ("\0" * 1_000, 0, "where a super-block starts"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_limits(text: str, position: int, problem: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        Architecture.parse(text)
    assert problem in str(caught.value)
    assert caught.value.position == position
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("text", ["", "SuperConvK3BNRELU(3,x,2,1)", f"{STEM}Nonsense(1)"])
def test_errors_can_be_pickled(text: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        Architecture.parse(text)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is ArchitectureError
    assert str(copy) == str(caught.value)
    assert (copy.position, copy.expected) == (caught.value.position, caught.value.expected)
