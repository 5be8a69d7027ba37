"""The one structure in a log, a table, a command or a page."""

import json
from pathlib import Path

import pytest

from zen_lightning.api.sources import read_architecture
from zen_lightning.api.structure_within import structures_within
from zen_lightning.errors import UserError

BLOCKS = ("SuperConvK3BNRELU(3,8,1,1)", "SuperResK3K3(8,16,2,8,1)", "SuperConvK1BNRELU(16,32,1,1)")
TEXT = "".join(BLOCKS)
LINES = "\n".join(BLOCKS)


@pytest.mark.parametrize(
    "content",
    [
        f"INFO 2021-11-03 12:00:01 best structure is {TEXT}\n",
        f"<?xml version='1.0'?>\n<architecture>{TEXT}</architecture>\n",
        f'id,acc,architecture\n0,93.1,"{TEXT}"\n',
        f"93.1\t{TEXT}\n",
        f"{TEXT},93.1\n",
        f"params 10k, flops 3M\n{TEXT}\n",
        f"{TEXT} (trained on CIFAR)\n",
        f"| net | structure |\n|---|---|\n| a | `{TEXT}` |\n",
        f"--plainnet_struct '{TEXT}' --num_classes 10\n",
        f"python train.py --arch \\\n  '{TEXT}'\n",
        f'[net]\narch = """\n{LINES}"""\n',
        "\n".join(f"{at}: {block}" for at, block in enumerate(BLOCKS)),
        "\n".join(f"[{at}] {block}" for at, block in enumerate(BLOCKS)),
        json.dumps({"config": {"arch": TEXT}, "accuracy": 93}),
        f"epoch 1 {TEXT}\nepoch 2 {TEXT}\n",
        f"{TEXT} res=224, avg 93.1\n",
        f"{TEXT} Super: yes\n",
        f"arch = '{TEXT}'\nprint(build(arch))\n",
    ],
)
def test_the_one_that_is_there(content: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)
    assert str(read_architecture(str(path))) == TEXT
    if "\n" not in content.strip() and not content.startswith("{"):
        assert str(read_architecture(content)) == TEXT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"epoch 1 {TEXT}\nepoch 2 {TEXT.replace('32', '64')}\n", "holds 2 structures: one file for each"),
        (f"# best: {TEXT}\n", "is empty"),
        (f"{BLOCKS[0]} x1\n{BLOCKS[1]} x1\n{BLOCKS[2]}\n", "unknown super-block 'x1SuperResK3K3'"),
        (f"log {BLOCKS[0]}Mystery(8,16,1){BLOCKS[2]}", "Mystery"),
        (f"log {TEXT.replace('(16,', '(24,')}", "logSuperConvK3BNRELU"),
        (f"Sequential(8, {TEXT})", "Sequential"),
    ],
)
def test_what_is_not_certain_is_refused(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_architecture(str(path))


def test_a_table_of_several(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text(f'architecture,accuracy\n"{TEXT}",93\n"{BLOCKS[0]}",40\n')
    with pytest.raises(
        UserError, match=r"all.csv is a table of 2 structures: expected one structure; copy the structure of one row"
    ):
        read_architecture(str(path))


@pytest.mark.parametrize("between", ["", "\n", ", ", " -> "])
@pytest.mark.parametrize("front", ["", "best: ", "INFO 12:00 the network is "])
def test_a_structure_that_is_cut_short_is_no_other_one(between: str, front: str, tmp_path: Path) -> None:
    text = between.join(BLOCKS)
    wholes = [between.join(BLOCKS[:count]) for count in range(1, len(BLOCKS) + 1)]
    path = tmp_path / "notes.txt"
    for cut in range(1, len(text) + 1):
        path.write_text(front + text[:cut])
        whole = text[:cut].rstrip(" ,->\n")
        for source in (str(path), front + text[:cut]):
            try:
                found = str(read_architecture(source))
            except UserError:
                assert not text[:cut].endswith(")"), source
            else:
                assert whole in wholes, source
                assert found == whole.replace(between, ""), source


@pytest.mark.parametrize("front", ["", "best: "])
@pytest.mark.parametrize(
    "more",
    [
        "SuperConv",
        "\nSuperConv",
        "\nSup (93%)",
        "\nSuperConvK1BNRELU\nepoch 2",
        "SuperConvK1BNRELU[32,64,1,1]",
        "SuperConvK1BNRELU{32,64,1,1}",
        "\nSuperConvK1BNRELU[32,64,1,1]",
        "MyBlock(cin=8)",
        "\nMyBlock(cin=8)",
        ", MyBlock[8]",
        "AvgPool2d()Linear",
        " x2",
        " x 2",
        "*2",
        " \u00d7 2",
        ") * 2",
        "93.1",
        "(64,64,1,1)",
    ],
)
def test_what_may_be_more_of_it_is_refused(front: str, more: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(front + TEXT + more)
    for source in (str(path), front + TEXT + more):
        with pytest.raises(UserError):
            read_architecture(source)


@pytest.mark.parametrize("front", ["2 x ", "best: 3*", "best: 2x(", "8,1,1)", "best: (3,8,1,1)", "best: SuperConvK3[3,8,1,1]"])
def test_what_may_be_more_of_it_in_front_is_refused(front: str) -> None:
    assert structures_within(front + "".join(BLOCKS[1:])) == []


def test_blocks_within_blocks_are_left_to_the_parser() -> None:
    assert structures_within("ResBlock(8,1,Conv(8,8,3,1))") == []
