"""What ``task=correlate`` is asked: equal cost, effects that are taken out, and what is refused."""

import json
import re
from itertools import islice
from pathlib import Path

import pytest

from command_line import Zen
from known_cells import CELLS, QUICK, table
from zen_lightning.correlate.banded_kendall import banded_kendall
from zen_lightning.correlate.bands import Band
from zen_lightning.space import search_space


def test_equal_cost_and_regret_in_every_file(zen: Zen, known: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    within, budgets = "within=[{flops: 50%},{twin: 20%, layers: 3}]", "budgets={flops: [1G]}"
    ended = zen(*QUICK, f"accuracies={known}", "accuracy=top1", within, budgets, "best=2", f"output_dir={out}")
    assert ended.code == 0, ended.err
    values, flops = [float(cell.num_params(10)) for cell in CELLS], [float(cell.flops(32, 10)) for cell in CELLS]
    truth = banded_kendall(values, [50.0 + i for i in range(8)], Band.of({"flops": "50%"}), [flops], 50)
    row = {row["proxy"]: row for row in table(out / "correlations.csv")}["params"]
    assert truth.kendall is not None
    assert float(row["kendall_within_flops_50"]) == truth.kendall.value
    assert int(row["kendall_within_flops_50_pairs"]) == truth.pairs
    assert "kendall_within_twin_20_layers_3" in row
    text = (out / "correlations.md").read_text()
    assert "| proxy | flops 50% | twin 20%, layers ±3 | partial |" in text
    assert "Kendall's tau of networks of equal cost" in ended.out
    result = json.loads((out / "result.json").read_text())
    assert result["within"] == ["flops 50%", "twin 20%, layers ±3"]
    assert (out / "regret.csv").exists() == bool(result["regrets"])
    assert "at equal cost: flops 50%" in (out / "report.html").read_text()


def test_the_regret_lists_what_the_best_by_score_reach(zen: Zen, tmp_path: Path) -> None:
    cells = list(islice(search_space("nas_bench_201").members(), 3000, 15000, 300))
    known = tmp_path / "many.csv"
    known.write_text("\n".join(["architecture,top1", *(f"{cell},{cell.num_params(10) / 1e4}" for cell in cells)]) + "\n")
    ended = zen(*QUICK, f"accuracies={known}", "best=2", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    rows = [row for row in table(tmp_path / "out" / "regret.csv") if row["proxy"] == "params"]
    assert rows
    assert {row["share_of_possible_gain"] for row in rows} - {""} == {"1.0"}  # Empty where all networks are alike.
    assert all(row["reached"] == row["possible"] for row in rows)
    assert "best 2 there are" in ended.out


def test_the_effect_of_a_column_is_taken_out(zen: Zen, known: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = zen(*QUICK, f"accuracies={known}", "accuracy=twin", "given=[params,layers]", f"output_dir={out}")
    assert ended.code == 0, ended.err
    rows = table(out / "scores.csv")
    left = [float(row["twin less params, layers"]) for row in rows]
    assert max(left) - min(left) < 1e-3  # The column is the parameters themselves.


def test_a_band_without_pairs_is_said(zen: Zen, known: Path, tmp_path: Path) -> None:
    ended = zen(*QUICK, f"accuracies={known}", "accuracy=twin", "within={top1: 0.5}", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "no two networks lie within top1 ±0.5: widen it; a number is a difference, write 10% for a share" in ended.out


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("within={flop: 10%}", "within: there is no 'flop'"),
        ("within={flops: ten}", "within.flops=ten: expected a share such as 10%"),
        ("within=flops", "within=flops: expected costs such as {flops: 10%}"),
        ("budgets={flops: [0]}", "budgets.flops=0: expected a positive count"),
        ("budgets={flop: [1G]}", "budgets: there is no 'flop'"),
        ("budgets=3", "budgets=3: expected a cost and its bounds"),
        ("best=0", "best=0: expected 1 or more"),
        ("given=[sea]", "given: there is no 'sea'"),
    ],
)
def test_what_is_asked_wrongly_is_said_before_anything_is_scored(
    zen: Zen,
    known: Path,
    tmp_path: Path,
    key: str,
    said: str,
) -> None:
    for task in ((), ("task=validate",)):
        ended = zen(*QUICK, f"accuracies={known}", "accuracy=top1", key, f"output_dir={tmp_path / 'out'}", *task)
        assert ended.code != 0
        # Validation puts the value and what was expected on lines of their own.
        assert (said.rpartition(": ")[2] if task else said) in ended.err + ended.out
        assert not (tmp_path / "out" / "scores.jsonl").exists()


BAD = [
    (["accuracies=null"], r"task=correlate needs accuracies="),
    (["accuracies=no.csv"], r"accuracies=.*no.csv: there is no such file"),
    ([], r"several columns of numbers: choose one by accuracy=: top1, twin"),
    (["accuracy=top1", "bootstrap=-1"], r"bootstrap=-1: expected"),
    (["accuracy=top1", "workers=0"], r"workers=0: expected"),
    (["accuracy=top1", "proxies=[param]"], r"there is no proxy 'param'; did you mean 'params'\? The proxies are: .*flops, "),
    (["accuracy=top1", "proxies=[params,params]"], r"proxies= has params twice"),
    (["accuracy=top1", "proxies=[]"], r"proxies=\[\]: expected a list such as"),
    (["accuracy=top1", "proxies=[{batch_size: 3}]"], r"proxies=.*: expected a list such as"),
    (
        ["accuracy=top1", "proxies=params,flops"],
        r"proxies=params,flops is several values: write a list as proxies='\[params,flops\]'",
    ),
    (
        ["accuracy=top1", "proxies=[{name: flops, resolutoin: 3}]"],
        r"unknown key proxies.flops.resolutoin; did you mean 'resolution'",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) or "no column" for arguments, _ in BAD])
def test_bad_input_is_one_clear_message(
    zen: Zen,
    known: Path,
    tmp_path: Path,
    arguments: list[str],
    message: str,
) -> None:
    ended = zen("task=correlate", f"accuracies={known}", f"output_dir={tmp_path / 'out'}", *arguments)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert re.search(message, ended.err)
    assert not (tmp_path / "out" / "scores.jsonl").exists()
