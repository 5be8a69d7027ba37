"""Tables of accuracies, good and bad."""

import gzip
import sys
from itertools import islice
from pathlib import Path

import pytest

from zen_lightning.correlate.accuracies import Accuracies, read_accuracies
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.space import search_space

CELLS = [str(cell) for cell in islice(search_space("nas_bench_201").members(), 12)]
BLOCKS = "SuperConvK3BNRELU(3,8,1,1)"


def table(folder: Path, *lines: str, name: str = "known.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def cells(folder: Path, count: int = 12) -> Accuracies:
    return read_accuracies(table(folder, "architecture,top1", *(f"{cell},{i}.5" for i, cell in enumerate(CELLS[:count]))))


def test_both_languages_and_both_files_are_read(tmp_path: Path) -> None:
    path = table(
        tmp_path, "name,architecture,cifar10,cifar100", f'a," {BLOCKS}",90.5,71', f"b,{CELLS[0]},80,72", f"c,{CELLS[1]},81,"
    )
    found = read_accuracies(path, "cifar10")
    assert [str(architecture) for architecture in found.architectures] == [BLOCKS, *CELLS[:2]]
    assert (found.values, found.column) == ([90.5, 80.0, 81.0], "cifar10")
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    again = read_accuracies(packed, "cifar10")
    assert (again.architectures, again.values) == (found.architectures, found.values)
    assert again.sha256 != found.sha256


def test_networks_of_torchvision_and_timm_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ("torchvision:resnet18,70", f"{CELLS[0]},80", '" torchvision:resnet34 ",73')
    found = read_accuracies(table(tmp_path, "architecture,top1", *rows))
    assert [str(one) for one in found.architectures] == ["torchvision:resnet18", CELLS[0], "torchvision:resnet34"]
    with pytest.raises(UserError, match=r"row 5: torchvision has no classifier 'resnet19'; did you mean 'resnet1"):
        read_accuracies(table(tmp_path, "architecture,top1", *rows, "torchvision:resnet19,75"))
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"timm:regnetx_002 needs .* pip install 'zen-lightning\[timm\]'"):
        read_accuracies(table(tmp_path, "architecture,top1", *rows, "timm:regnetx_002,68"))


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    rows = [f'"{cell}"; {i}'.replace(";", ",") for i, cell in enumerate(CELLS[:3])]
    path.write_bytes(("\ufeffarchitecture,top1\r\n" + "\r\n".join(rows) + "\r\n\r\n,\r\n").encode())
    assert read_accuracies(path).values == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_of_spreadsheets_are_read(tmp_path: Path, separator: str) -> None:
    cells_of = [f"{cell}{separator}{i}" for i, cell in enumerate(CELLS[:3])]
    assert read_accuracies(table(tmp_path, f"architecture{separator}top1", *cells_of)).values == [0.0, 1.0, 2.0]


def test_the_only_column_of_numbers_is_the_default(tmp_path: Path) -> None:
    rows = [f"{cell},net{i},{i}" for i, cell in enumerate(CELLS[:3])]
    assert read_accuracies(table(tmp_path, "architecture,name,top1", *rows)).column == "top1"
    with pytest.raises(UserError, match=r"several columns of numbers: choose one by column=: a, b"):
        read_accuracies(table(tmp_path, "architecture,a,b", *(f"{cell},1,2" for cell in CELLS[:3])))
    with pytest.raises(UserError, match="no column of numbers but only architecture, name"):
        read_accuracies(table(tmp_path, "architecture,name", *(f"{cell},x" for cell in CELLS[:3])))


GOOD = tuple(f"{cell},{i}" for i, cell in enumerate(CELLS[:3]))


@pytest.mark.parametrize(
    ("lines", "column", "message"),
    [
        ((), None, r"known.csv is empty: expected 3"),
        (("architecture,top1",), None, r"has a header and no rows"),
        (("architecture,top1", *GOOD[:2]), None, r"has 2 architectures: expected 3 or more"),
        (("Architecture,top1", *GOOD), None, r"no column 'architecture'; did you mean 'Architecture'\? .*: Architecture, top1"),
        (("architecture,cifar10", *GOOD), "cifar01", r"no column 'cifar01'; did you mean 'cifar10'\?"),
        (("architecture,top1", *GOOD, f"{CELLS[4]},nan"), None, r"row 5: top1 is 'nan': expected a number"),
        (("architecture,top1", *GOOD, "", f"{CELLS[4]},inf"), None, r"row 6: top1 is 'inf'"),
        (("architecture,top1", *GOOD, f"{CELLS[4]},good"), None, r"row 5: top1 is 'good'"),
        (("architecture,top1", *GOOD, CELLS[4]), None, r"row 5: top1 is nothing"),
        (
            ("architecture,top1", GOOD[0], "|nor_conv_3x4~0|,3", *GOOD),
            None,
            r"row 3: 'nor_conv_3x4' is no .*\n  \|nor.*\n   \^",
        ),
        (("architecture,top1", GOOD[0], f"{BLOCKS},3"), None, r"row 3: 5 cells under 2 columns: put .* in double quotes"),
        (
            ("architecture,top1", *GOOD, f"{CELLS[1]},1.5"),
            None,
            r"row 5: .* has top1 1.5 here and 1.0 in row 3: keep one",
        ),
    ],
)
def test_bad_tables_name_the_row(tmp_path: Path, lines: tuple[str, ...], column: str | None, message: str) -> None:
    path = tmp_path / "known.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(UserError, match=message) as caught:
        read_accuracies(path, column)
    assert str(path) in str(caught.value)


def test_files_that_hold_no_table(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "short.gz").write_bytes(gzip.compress(b"architecture,top1\n" * 100)[:20])
    for name, message in (("none", "there is no such file"), ("binary", "is not a text file"), ("short.gz", "is damaged")):
        with pytest.raises(UserError, match=message):
            read_accuracies(tmp_path / name)


def test_the_same_said_twice_is_said_once(tmp_path: Path) -> None:
    assert len(read_accuracies(table(tmp_path, "architecture,top1", *GOOD, *GOOD)).values) == 3


def test_samples_are_seeded_and_nested(tmp_path: Path) -> None:
    known = cells(tmp_path)
    small, large = known.sample(4, seed=1), known.sample(9, seed=1)
    assert large.architectures[:4] == small.architectures
    assert len(set(large.architectures)) == 9
    assert small.architectures != known.sample(4, seed=2).architectures
    assert known.sample(None, seed=1) == known
    truth = dict(zip(known.architectures, known.values, strict=True))
    assert [truth[architecture] for architecture in large.architectures] == large.values
    for count in (2, 13):
        with pytest.raises(UserError, match=f"^count={count}: expected 3 or more, and at most the 12 architectures of"):
            known.sample(count, seed=1)


def test_samples_are_uniform(tmp_path: Path) -> None:
    known = cells(tmp_path)
    drawn = [architecture for seed in range(600) for architecture in known.sample(3, seed).architectures]
    counts = [drawn.count(architecture) for architecture in known.architectures]
    assert min(counts) > 150 - 5 * 12
    assert max(counts) < 150 + 5 * 12


def test_a_quote_left_open_names_its_row(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text(f'architecture,cifar10\n"{CELLS[0]}",90\n"{CELLS[0]},91\n"{CELLS[0]}",92\n')
    with pytest.raises(UserError, match="row 3: "):
        read_accuracies(path)


def test_a_damaged_gzip_body_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "damaged.csv.gz"
    content = bytearray(gzip.compress(b"architecture,cifar10\n" + bytes(range(256)) * 40))
    content[20:60] = b"\xff" * 40
    path.write_bytes(bytes(content))
    with pytest.raises(UserError, match="is damaged, or cut short"):
        read_accuracies(path)


def test_what_gzip_blows_up_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "known.csv.gz"
    path.write_bytes(gzip.compress(b"architecture,top1\n" + b"0" * 3_000_000))
    monkeypatch.setattr("zen_lightning.correlate.accuracies._LARGEST", 2**20)
    with pytest.raises(UserError, match=r"known\.csv\.gz holds more than 1 MiB once it is unpacked"):
        read_accuracies(path)


def test_a_table_that_would_take_all_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "known.csv"
    path.write_text("architecture,top1\n" + "1,1\n" * 5000)
    monkeypatch.setattr("zen_lightning.correlate.accuracies._MOST_CELLS", 1000)
    with pytest.raises(
        UserError, match=r"known\.csv has more than 1,000 cells.*keep the column 'architecture' and those of accuracies"
    ):
        read_accuracies(path)
    monkeypatch.setattr("zen_lightning.correlate.accuracies._MOST_ROWS", 100)
    with pytest.raises(UserError, match=r"known\.csv has more than 100 rows: .*keep fewer"):
        read_accuracies(path)
    with path.open("ab") as file:
        file.truncate(20 * 10**9)  # A hole, which takes no room.
    with pytest.raises(UserError, match=r"known\.csv is larger than 64 MiB.*keep the column"):
        read_accuracies(path)
