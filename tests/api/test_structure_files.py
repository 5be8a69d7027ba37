"""Files of structures as people keep them; the inputs are those of public reports."""

from pathlib import Path

import pytest

from zen_lightning.api.sources import read_architecture
from zen_lightning.arch import ArchitectureError, parse_architecture
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


OTHERWISE = {
    "non-breaking spaces": TEXT.replace(",", ",\u00a0"),
    "zero-width spaces": "\u200b".join(LINES),
    "soft hyphens": TEXT.replace("BN", "BN\u00ad"),
    "a direction mark": f"\u200e{TEXT}",
    "line separators": "\u2028".join(LINES),
    "full-width signs": TEXT.replace("(", "\uff08").replace(")", "\uff09").replace(",", "\uff0c"),
    "guillemets": f"\u00ab{TEXT}\u00bb",
    "German quotes": f"\u201e{TEXT}\u201c",
    "accents for quotes": f"\u00b4{TEXT}\u00b4",
    "a code block": f"```text\n{TEXT}\n```\n",
    "a code block of tildes": f"~~~\n{TEXT}\n~~~",
    "a quotation": "\n".join(f"> {line}" for line in LINES),
    "a list": "\n".join(f"- {line}" for line in LINES),
    "a numbered list": "\n".join(f"{number}. {line}" for number, line in enumerate(LINES, 1)),
    "commas": ", ".join(LINES),
    "semicolons": ";\n".join(LINES),
    "arrows": " -> ".join(LINES),
    "typographic arrows": " \u2192 ".join(LINES),
    "bars": " | ".join(LINES),
    "hyphens": " - ".join(LINES),
    "carets of cmd.exe": " ^\n".join(LINES),
    "written line ends": "\\n".join(LINES),
    "a hyphenated name": TEXT.replace("SuperResK3K3", "SuperRes-\nK3K3"),
    "a sum of texts": " + \n".join(f"'{line}'" for line in LINES),
    "texts in brackets": "net = (\n" + "\n".join(f'    "{line}"' for line in LINES) + "\n)",
    "an assignment": f"plainnet_struct = '{TEXT}'",
    "a variable of a shell": f"export ARCH='{TEXT}'",
    "YAML": f"arch: {TEXT}\n",
    "a block of YAML": "arch: >-\n  " + "\n  ".join(LINES),
    "JSON": f'{{"score": null, "structure": "{TEXT}"}}',
    "a list of one": f"['{TEXT}']",
    "a list of blocks": "[\n" + ",\n".join(f'  "{line}"' for line in LINES) + "\n]",
    "bytes of Python": repr(TEXT.encode()),
    "a heading": f"My best network:\n{TEXT}",
    "a full stop": f"{TEXT}.",
    "entities of HTML": TEXT.replace("(", "&#40;").replace(",", ",&nbsp;"),
    "tags of HTML": f"<pre>{'<br>'.join(LINES)}</pre>",
    "colours of a terminal": f"\x1b[32m{TEXT}\x1b[0m",
    "a prompt": f">>> {TEXT!r}",
    "a comment of C": f"/* (3,8) */ {TEXT}",
    "a comment of TeX": f"% best\n{TEXT}",
    "small letters": TEXT.lower(),
    "capital letters": TEXT.upper(),
    "a trailing comma in brackets": TEXT.replace("1,1)", "1,1,)"),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_surrounds_a_structure_means_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(OTHERWISE[name], encoding="utf-8", newline="")
    assert str(read_architecture(str(path))) == TEXT
    assert str(read_architecture(OTHERWISE[name])) == TEXT


def test_an_editor_of_western_europe(tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_bytes(f"# K\u00fcnstler\r\n\u201c{TEXT}\u201d\r\n".encode("cp1252"))
    assert str(read_architecture(str(path))) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "MultiSumBlock(ConvKX(3,8,3,1)BN(8);ConvKX(3,8,1,1)BN(8))RELU(8)",
        "ResBlock(3,1,ConvKX(3,3,3,1)BN(3))RELU(3)",
        "Sequential(ConvKX(stem|3,8,3,1)BN(8))",
        "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|",
    ],
)
def test_signs_that_mean_something_stay(text: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(f"{text}\n")
    assert str(read_architecture(str(path))) == str(read_architecture(text)) == str(parse_architecture(text))


def test_no_block_is_dropped(tmp_path: Path) -> None:
    repeated = "SuperResK3K3(8,8,1,8,1)"
    path = tmp_path / "net.txt"
    for sign in (";", "--", "-", ">", "$", "*"):
        path.write_text(f"{LINES[0]}\n{sign}{repeated}\n{sign} {repeated}\n")
        assert str(read_architecture(str(path))) == LINES[0] + repeated * 2, sign
    path.write_text(f"{LINES[0]}\n2x {repeated}\n")
    with pytest.raises(ArchitectureError):
        read_architecture(str(path))


def test_a_table_is_no_structure(tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    path.write_text(f'structure,score\n"{TEXT}",95.7\n"{TEXT},",94.7\nworse(1),1\n')
    with pytest.raises(
        UserError, match=r"population.csv is a table: expected one structure; copy the structure of one row, or"
    ):
        read_architecture(str(path))


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


@pytest.mark.parametrize("text", ["<br>SuperConvK3BNRELU" * 9_000, f"<td>{TEXT}</td><td>{LINES[0]}{LINES[2]}</td>"])
def test_a_page_is_named_as_one(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(text)
    with pytest.raises(UserError, match=rf"report\.html is a page: expected one structure; name the folder .* {tmp_path},"):
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
        (f"({STEM},)", "ConvKXBNRELU(3,16,3,2)"),
        (STEM, "ConvKXBNRELU(3,16,3,2)"),
        (f"structure_info = [{STEM}]", "ConvKXBNRELU(3,16,3,2)"),
        (f"```python\n[{STEM}]\n```", "ConvKXBNRELU(3,16,3,2)"),
        (f"[{STEM}]".replace("'", "\u2019"), "ConvKXBNRELU(3,16,3,2)"),
        (f"[{STEM}]".replace("'", '"').replace("16", "16.0"), "ConvKXBNRELU(3,16,3,2)"),
        (f"[{STEM}]".replace("16", "'16'"), "ConvKXBNRELU(3,16,3,2)"),
        (f"[{STEM}, # the stem\n]", "ConvKXBNRELU(3,16,3,2)"),
        (
            f"[{STEM}, {{'class': 'SuperResIDWEXKX', 'in': 16, 'out': 24, 's': 2, 'k': 5, 'L': 3, 'btn': 32, 'e': 6}}]",
            "ConvKXBNRELU(3,16,3,2)SuperResIDWE6K5(16,24,2,32,3)",
        ),
    ],
)
def test_lists_of_tinynas_that_are_certain(content: str, structure: str, tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(content, encoding="utf-8")
    assert str(read_architecture(str(path))) == structure
    assert str(read_architecture(content)) == structure


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
