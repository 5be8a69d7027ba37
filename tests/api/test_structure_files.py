"""Files of structures as people keep them; the inputs are those of public reports."""

from pathlib import Path

import pytest

from zen_lightning.api.sources import read_architecture
from zen_lightning.arch import ArchitectureError
from zen_lightning.errors import UserError

LINES = ("SuperConvK3BNRELU(3,8,1,1)", "SuperResK3K3(8,16,2,8,1)", "SuperConvK1BNRELU(16,32,1,1)")
TEXT = "".join(LINES)


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(LINES),
        "\r\n".join(LINES) + "\r\n",
        "\n\n".join(f"  {line}" for line in LINES),
        "# my network\n" + "  # the stem\n".join(LINES) + " // the end\n",
        " \\\n".join(LINES),
        f"'{TEXT}'",
        f'"{TEXT}";',
        f'"""{TEXT}"""',
        f"\u201c{TEXT}\u201d",
        "\n".join(f'"{line}"' for line in LINES),
        TEXT.replace(",", ", "),
        TEXT.replace("(", "( ").replace(")", " )"),
        f"\ufeff{TEXT}\n",
        f"{TEXT};\n",
        f"{TEXT},",
        ";\n".join(LINES[:1]) + "".join(LINES[1:]),
    ],
)
def test_one_structure_however_it_is_written(content: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(content, encoding="utf-8", newline="")
    assert str(read_architecture(str(path))) == TEXT


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_of_a_windows_editor(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    mark = b"" if encoding == "utf-16" else {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
    path.write_bytes(mark + "\r\n".join(LINES).encode(encoding))
    assert str(read_architecture(str(path))) == TEXT


@pytest.mark.parametrize("text", [TEXT.replace(",", ", "), f"'{TEXT}'", f"{TEXT};", f" {TEXT}\n"])
def test_a_text_given_directly(text: str) -> None:
    assert str(read_architecture(text)) == TEXT


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("e6k3l1s0 e4k5l2s0\ne6k3l3s0 e6k5l3s0 e6k5l2s0 e1k3l2s0 e1k3l2s0  # best\n", None),
        ("'00012212'\n", "00012212"),
        ("413331;\n", "413331"),
    ],
)
def test_codes_of_benchmarks(content: str, code: str | None, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(content)
    assert str(read_architecture(str(path))) == (code or "e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"# nothing\n \n", "is empty"),
        (f"{TEXT}\n{TEXT}\n{TEXT}\n".encode(), r"holds 3 structures, one on each line: one file for each"),
        (b"\xff\xd8\xff\xe0JFIF", "is not a text file"),
        (b"abc\0def", "is not a text file"),
        (b"x" * 2_000_000, "is too large for a structure"),
    ],
)
def test_what_holds_no_structure(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_architecture(str(path))


def test_never_the_first_block_alone(tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text("SuperConvK3BNRELU(3,8,1,1)\nSuperResK3K3(16,16,2,8,1)\n")
    with pytest.raises(ArchitectureError, match=r"takes 16 channels, but .* gives 8"):
        read_architecture(str(path))


STEM = "{'class': 'ConvKXBNRELU', 'in': 3, 'out': 16, 'k': 3, 's': 2}"


@pytest.mark.parametrize(
    ("content", "structure"),
    [
        (f"[{STEM}]", "ConvKXBNRELU(3,16,3,2)"),
        (
            f"[ {STEM},\n  {{'class': 'ConvKXBN', 'in': 16, 'out': 8, 'k': 1, 'g': 1, 'p': 0}}]",
            "ConvKXBNRELU(3,16,3,2)ConvKXBN(16,8,1,1)",
        ),
        (f"{{'best_structures': [[{STEM}]]}}", "ConvKXBNRELU(3,16,3,2)"),
        (
            f"[{STEM}, {{'class': 'SuperResIDWEXKX', 'in': 16, 'out': 24, 's': 2, 'k': 5, 'L': 3, 'btn': 32, 'e': 6}}]",
            "ConvKXBNRELU(3,16,3,2)SuperResIDWE6K5(16,24,2,32,3)",
        ),
    ],
)
def test_lists_of_tinynas_that_are_certain(content: str, structure: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(content)
    assert str(read_architecture(str(path))) == structure


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            f"[{STEM}, {{'class': 'SuperResK1KXK1', 'in': 16, 'out': 64, 'k': 3, 's': 2, 'L': 2, 'btn': 24}}]",
            "block 2 of a list of TinyNAS, SuperResK1KXK1, is not read: where it strides it averages its shortcut",
        ),
        (f"[{STEM}, {{'class': 'SuperResIDWEXKX', 'in': 16, 'out': 64}}]", "SuperResIDWEXKX, is not read: it is not certain"),
        (f"[{STEM}, {{'class': 'SuperQuantResK1DWK1'}}]", "SuperQuantResK1DWK1, is not read"),
        (f"[{STEM[:-1]}, 'nbitsA': [8]}}]", "has nbitsA, which blocks here have not"),
        (f"[{STEM[:-1]}, 'act': 'silu'}}]", "has act, which blocks here have not"),
        ("[{'class': 'ConvKXBN', 'in': 3, 'out': 8}]", "has no k: expected a whole number"),
        ("[{'in': 3}]", "is no dictionary with a class"),
        (f"[[{STEM}],[{STEM}]]", "holds 2 structures of TinyNAS: keep the one that is meant"),
        ("{'best_structures': []}", "holds no block"),
        ("{'a': 1}", "without a list of blocks"),
        ("[__import__('os').getcwd()]", "is no Python list of dictionaries"),
        ("[" * 5000, "is no Python list of dictionaries"),
    ],
)
def test_lists_of_tinynas_that_are_not(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_architecture(str(path))
