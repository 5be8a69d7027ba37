"""Cell strings: what is read, and for what is not, where, what was expected, and a caret under it."""

import pickle
from random import Random

import pytest

from zen_lightning.arch import ArchitectureError, CellArchitecture
from zen_lightning.arch.cell_parser import CHOICES, EDGES, parse_operations
from zen_lightning.errors import UserError

TEXT = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|"
OPERATIONS = ("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "none")

BAD = [
    ("", 0, "text is empty", "a cell |op~0|+|op~0|op~1|+"),
    (" \t\n", 0, "text is empty", "a cell |op~0|+|op~0|op~1|+"),
    ("none~0|", 0, "'n'", "'|' at the start of node 1"),
    ("SuperConvK3BNRELU(3,8,1,1)", 0, "'S'", "'|' at the start of node 1"),
    ("  +|none~0|", 2, "'+'", "'|' at the start of node 1"),
    ("|", 1, "the end is no operation", "one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3"),
    ("||", 1, "'|' is no operation", "one of none"),
    ("|~0|", 1, "'~' is no operation", "one of none"),
    ("|none", 5, "the end", "'~0' after the operation from node 0 to node 1"),
    ("|none~", 5, "'~'", "'~0' after the operation from node 0 to node 1"),
    ("|none~1|", 5, "'~1'", "'~0' after the operation from node 0 to node 1"),
    ("|none~0", 7, "the end", "'|' after ~0"),
    ("|none~00|", 7, "'0'", "'|' after ~0"),
    ("|none ~0|", 5, "' ~'", "'~0' after the operation"),
    ("| none~0|", 1, "' ' is no operation", "one of none"),
    ("|none~0|", 8, "the end", "'+' before node 2"),
    ("|none~0||", 8, "'|'", "'+' before node 2"),
    ("|none~0|none~0|", 8, "'n'", "'+' before node 2"),
    ("|none~0| +|none~0|", 8, "' '", "'+' before node 2"),
    ("|none~0|+", 9, "the end", "'|' at the start of node 2"),
    ("|none~0|++", 9, "'+'", "'|' at the start of node 2"),
    ("|none~0|+|none~0|+", 17, "'+' is no operation", "one of none"),
    ("|none~0|+|none~1|", 14, "'~1'", "'~0' after the operation from node 0 to node 2"),
    ("|none~0|+|none~0|none~0|", 21, "'~0'", "'~1' after the operation from node 1 to node 2"),
    ("|none~0|+|none~0|none~1|", 24, "the end", "'+' before node 3"),
    ("|nor_conv_3x3~0|+|nor_conv_5x5~0|", 18, "'nor_conv_5x5' is no operation", "did you mean 'nor_conv_"),
    ("|None~0|", 1, "'None' is no operation", "did you mean 'none'?"),
    ("|skip_conect~0|", 1, "'skip_conect' is no operation", "did you mean 'skip_connect'?"),
    ("|max_pool_3x3~0|", 1, "'max_pool_3x3' is no operation", "did you mean 'avg_pool_3x3'?"),
    ("|zzz~0|", 1, "'zzz' is no operation", "avg_pool_3x3"),
    ("|nonë~0|", 1, "'non' is no operation", "did you mean 'none'?"),
    ("|none~٠|", 5, "'~٠'", "'~0' after"),
    ("|\0none~0|", 1, "'\\x00' is no operation", "one of none"),
    (f"{TEXT[:-1]}", len(TEXT) - 1, "the end", "'|' after ~2"),
    (f"{TEXT}+|none~0|none~1|none~2|none~3|", len(TEXT), "'+|none~0|n' after the last edge", "the end of the cell"),
    (f"{TEXT}|", len(TEXT), "'|' after the last edge", "the end of the cell"),
    (f"{TEXT} {TEXT}", len(TEXT), "' |nor_conv' after the last edge", "the end of the cell"),
    (f"\n {TEXT}x \n", len(TEXT) + 2, "'x' after the last edge", "the end of the cell"),
]


@pytest.mark.parametrize("text", [TEXT, f"  {TEXT}", f"{TEXT}\n", f"\t\n{TEXT} \r\n"])
def test_what_is_read(text: str) -> None:
    assert parse_operations(text) == OPERATIONS


def test_edges_are_named_by_source_and_target() -> None:
    assert EDGES == ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))


@pytest.mark.parametrize("operation", CHOICES)
@pytest.mark.parametrize("index", range(6))
def test_each_operation_on_each_edge(operation: str, index: int) -> None:
    operations = list(OPERATIONS)
    operations[index] = operation
    words = iter(operations)
    text = "+".join("|" + "".join(f"{next(words)}~{source}|" for source in range(target)) for target in (1, 2, 3))
    assert parse_operations(text) == tuple(operations)


@pytest.mark.parametrize(("text", "position", "problem", "expected"), BAD)
def test_the_error_names_position_and_expectation(text: str, position: int, problem: str, expected: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        CellArchitecture.parse(text)
    error = caught.value
    assert error.position == position
    assert problem in error.problem
    assert expected in error.expected
    assert f"{error.problem} at position {position}: expected {error.expected}" in str(error)
    assert isinstance(error, UserError)


@pytest.mark.parametrize("text", [text for text, *_ in BAD])
def test_the_caret_is_under_the_place(text: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        CellArchitecture.parse(text)
    error = caught.value
    shown, caret = error.pointer().splitlines()
    assert set(caret) == {" ", "^"}
    rest = shown[len(caret) - 1 :].removesuffix("...")
    printable = "".join(c if c.isprintable() else "?" for c in text[error.position :])
    assert rest == printable[: len(rest)]
    assert bool(rest) == (error.position < len(text))


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "|" + "a" * 1_000_000, "|" * 1_000_000, "|none~0|+" * 100_000, TEXT * 10_000, " " * 1_000_000]
)
def test_the_error_of_a_long_text_is_short(text: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        CellArchitecture.parse(text)
    assert len(str(caught.value)) < 1_000


ALPHABET = "nor_conv1x3skipavgpoel~0123|+ \t\n\0()-é٣²\ufeff\ud800"
SNIPPETS = ["none", "skip_connect", "nor_conv_3x3~0", "~1|", "|+|", "+", "||", TEXT, "|none~0|"]


def damage(text: str, rng: Random) -> str:
    for _ in range(rng.randint(1, 3)):
        start = rng.randrange(len(text) + 1)
        stop = min(len(text), start + rng.choice((0, 1, 1, 2, 12)))
        new = rng.choice(("", rng.choice(ALPHABET), rng.choice(SNIPPETS), text[start:stop] * 2))
        text = text[:start] + new + text[stop:]
    return text


@pytest.mark.parametrize("seed", range(4))
def test_every_outcome_of_damage_is_a_cell_or_its_error(seed: int) -> None:
    rng = Random(seed)
    read: list[tuple[str, CellArchitecture]] = []
    refused: list[tuple[str, ArchitectureError]] = []
    for _ in range(1_500):
        text = str(CellArchitecture(tuple(rng.choice(CHOICES) for _ in EDGES)))
        # Half of the damage swaps operations, or most of it would be refused at once.
        for _ in range(rng.randint(0, 2)):
            text = text.replace(rng.choice(CHOICES), rng.choice((*CHOICES, "nor_conv_7x7")))
        if rng.random() < 0.5:
            text = damage(text, rng)
        try:
            read.append((text, CellArchitecture.parse(text)))
        except ArchitectureError as error:
            refused.append((text, error))
    assert len(read) > 300
    assert len(refused) > 500
    for text, cell in read:
        assert str(cell) == text.strip()
    for text, error in refused:
        assert 0 <= error.position <= len(text)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
