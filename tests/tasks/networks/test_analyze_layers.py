"""The layers that ``task=analyze`` shows."""

import csv
from pathlib import Path

import pytest

from command_line import Zen

TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperConvK1BNRELU(32,64,1,1)"


def test_the_table_the_file_and_the_page(zen: Zen, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = zen("task=analyze", f"arch={TEXT}", "resolution=64", "num_classes=10", "layer_rows=3", f"output_dir={out}")
    assert ended.code == 0, ended.err
    with (out / "layers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weighted = [row for row in rows if int(row["flops"])]
    assert f"The first 3 of {len(weighted)} layers with weights" in ended.out
    for row in weighted[:3]:
        assert row["layer"] in ended.out
    assert weighted[3]["layer"] not in ended.out
    assert rows[0] == {
        "part": "0",
        "block": "SuperConvK3BNRELU(3,8,2,1)",
        "layer": "blocks.0.0.conv",
        "kind": "conv 3x3 /2",
        "in_shape": "3x64x64",
        "out_shape": "8x32x32",
        "params": "216",
        "flops": str(216 * 32 * 32),
        "activation_bytes": str(4 * 8 * 32 * 32),
        "receptive_field": "3",
        "jump": "2",
    }
    assert (rows[-1]["block"], rows[-1]["receptive_field"]) == ("classifier", "")
    page = (out / "report.html").read_text()
    assert f"The layers: {len(rows)}" in page
    assert page.count("<summary><code>") == 4
    for row in rows:
        assert row["layer"] in page


def test_no_rows(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", f"arch={TEXT}", "layer_rows=0", f"output_dir={tmp_path}")
    assert (ended.code, "with weights" in ended.out) == (0, False)
    assert (tmp_path / "layers.csv").is_file()


@pytest.mark.parametrize("more", [[], ["task=validate"]])
def test_fewer_than_none(zen: Zen, tmp_path: Path, more: list[str]) -> None:
    ended = zen("task=analyze", f"arch={TEXT}", "layer_rows=-1", f"output_dir={tmp_path}", *more)
    assert ended.code == (1 if more else 2)
    assert "layer_rows=-1" in ended.out + ended.err
