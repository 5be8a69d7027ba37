"""``task=correlate`` from the command line to the files."""

import csv
import json
import re
import sys
from itertools import islice
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.correlate.banded_kendall import banded_kendall
from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.rank_correlation import rank_correlation
from zen_lightning.space import search_space

CELLS = list(islice(search_space("nas_bench_201").members(), 3000, 15000, 1500))
QUICK = ("task=correlate", "proxies=[params,flops]", "bootstrap=50")

OWN = """
from zen_lightning.proxy import CannotScoreError, Proxy, Score


class Picky(Proxy):
    name = "picky"

    def __init__(self, resolution: int, sign: float = 1.0) -> None:
        self.factor = sign * resolution

    def score(self, architecture, seed=0):
        if "avg_pool" in str(architecture).split("+")[0]:
            raise CannotScoreError("no pooling at the start")
        return Score(self.factor * architecture.num_params(10))
"""


@pytest.fixture
def known(tmp_path: Path) -> Path:
    path = tmp_path / "known.csv"
    rows = [f"{cell},{50 + index},{cell.num_params(10)}" for index, cell in enumerate(CELLS)]
    path.write_text("\n".join(["architecture,top1,twin", *rows]) + "\n")
    return path


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of configuration with a proxy of the user's own."""
    (tmp_path / "picky_proxy.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "conf" / "proxy").mkdir(parents=True)
    (tmp_path / "conf" / "proxy" / "picky.yaml").write_text("_target_: picky_proxy.Picky\nresolution: ${resolution}\n")
    return tmp_path / "conf"


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def result_of(folder: Path) -> dict[str, dict[str, object]]:
    return {row["proxy"]: row for row in json.loads((folder / "result.json").read_text())["proxies"]}


def test_leaves_every_file_and_they_agree(zen: Zen, known: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = zen(*QUICK, f"accuracies={known}", "accuracy=top1", "seed=3", f"output_dir={out}")
    assert ended.code == 0, ended.err
    truth = rank_correlation([float(cell.num_params(10)) for cell in CELLS], [50.0 + i for i in range(8)], 50, seed=3)
    assert truth.kendall is not None
    found = result_of(out)["params"]
    assert (found["n"], found["could_not_score"], found["reasons"]) == (8, 0, {})
    assert (found["kendall"], found["kendall_low"], found["kendall_high"]) == pytest.approx(truth.kendall)
    result = json.loads((out / "result.json").read_text())
    assert (result["networks"], result["accuracy"], result["seed"], result["num_classes"]) == (8, "top1", 3, 10)
    assert result["proxies"][0]["settings"]["num_classes"] == 10
    rows = table(out / "correlations.csv")
    assert float(rows[0]["kendall"]) == found["kendall"]
    scores = table(out / "scores.csv")
    assert [(row["architecture"], float(row["params"])) for row in scores] == [
        (str(cell), float(cell.num_params(10))) for cell in CELLS
    ]
    assert [float(row["top1"]) for row in scores] == [50.0 + i for i in range(8)]
    shown = f"{truth.kendall}"
    assert f"| params | 8 | {shown} |" in (out / "correlations.md").read_text()
    assert "8 networks of known.csv, seed 3, 32 px, 10 classes, 95% intervals of 50" in (out / "correlations.md").read_text()
    assert shown in ended.out
    for name in ("correlations.png", "scatter/params.png", "scatter/flops.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")


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


def test_a_perfect_proxy_comes_first_and_a_constant_one_has_no_correlation(
    zen: Zen,
    known: Path,
    own: Path,
    tmp_path: Path,
) -> None:
    proxies = "proxies=[{name: picky, sign: 0.0},{name: picky, sign: -1.0},params]"
    out = tmp_path / "out"
    ended = zen(f"--config-dir={own}", "task=correlate", f"accuracies={known}", "accuracy=twin", proxies, f"output_dir={out}")
    assert ended.code == 0, ended.err
    results = result_of(out)
    assert list(results) == ["params", "picky sign=-1.0", "picky sign=0.0"]
    assert results["params"]["kendall"] == pytest.approx(1)
    assert results["picky sign=-1.0"]["kendall"] == pytest.approx(-1)
    assert (results["picky sign=0.0"]["kendall"], results["picky sign=0.0"]["spearman_low"]) == (None, None)
    pooled = sum("avg_pool" in str(cell).split("+")[0] for cell in CELLS)
    assert 0 < pooled < 5
    assert results["picky sign=0.0"]["reasons"] == {"no pooling at the start": pooled}
    assert (results["picky sign=0.0"]["n"], results["params"]["n"]) == (8 - pooled, 8)
    assert f"picky sign=0.0 could not score {pooled}: {pooled} x no pooling at the start" in ended.out
    assert "n/a" in ended.out
    assert "nan" not in (out / "correlations.csv").read_text().lower() + (out / "result.json").read_text().lower()


def test_resume_scores_only_what_is_missing(zen: Zen, known: Path, own: Path, tmp_path: Path) -> None:
    out, place = tmp_path / "out", f"--config-dir={own}"
    assert zen(place, *QUICK, f"accuracies={known}", "accuracy=top1", "sample=4", f"output_dir={out}").code == 0
    before = (out / "scores.jsonl").read_bytes()
    again = zen(place, *QUICK, f"accuracies={known}", "accuracy=top1", f"output_dir={out}")
    assert again.code == 2
    assert f"already holds scores: continue with resume={out}" in again.err
    ended = zen(place, f"resume={out}", "proxies=[params,picky]", "sample=6")
    assert ended.code == 0, ended.err
    after = (out / "scores.jsonl").read_bytes()
    assert after.startswith(before)
    lines = [json.loads(line) for line in after[len(before) :].splitlines()]
    assert [line["proxy"] for line in lines if "settings" in line] == ["picky"]
    asked = [line["proxy"] for line in lines if "architecture" in line]
    assert (asked.count("params"), asked.count("picky")) == (2, 6)
    assert result_of(out)["params"]["n"] == 6
    zen(*QUICK, f"accuracies={known}", "accuracy=top1", "sample=6", f"output_dir={tmp_path / 'whole'}")
    assert result_of(out)["params"]["kendall"] == result_of(tmp_path / "whole")["params"]["kendall"]
    for change, message in (("num_classes=100", "params.num_classes was 10, now 100"), ("seed=9", "seed was 0, now 9")):
        refused = zen(place, f"resume={out}", change)
        assert refused.code == 2
        assert message in refused.err


def test_ctrl_c_says_how_to_continue_and_a_relative_table_is_found_again(
    zen: Zen,
    known: Path,
    own: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, module = tmp_path / "out", tmp_path / "picky_proxy.py"
    module.write_text(
        OWN.replace(
            "return Score", "if str(architecture).startswith('|nor_conv_3x3'): raise KeyboardInterrupt\n        return Score"
        )
    )
    sys.modules.pop("picky_proxy", None)
    monkeypatch.chdir(tmp_path)
    command = (f"--config-dir={own}", "task=correlate", "accuracy=top1", "proxies=[params,picky]")
    ended = zen(*command, "accuracies=known.csv", f"output_dir={out}")
    assert ended.code == 130, ended.err
    assert "nothing is lost: continue with resume=out" in ended.err
    kept = (out / "scores.jsonl").read_bytes()
    assert kept.count(b"value") > 2
    assert not (out / "result.json").exists()
    module.write_text(OWN + "\n")
    sys.modules.pop("picky_proxy", None)
    monkeypatch.chdir("/")
    ended = zen(f"resume={out}", "--config-dir", str(own))
    assert ended.code == 0, ended.err
    assert (out / "scores.jsonl").read_bytes().startswith(kept)
    assert zen(*command, f"accuracies={known}", f"output_dir={tmp_path / 'whole'}").code == 0
    assert (out / "scores.csv").read_bytes() == (tmp_path / "whole" / "scores.csv").read_bytes()
    sys.modules.pop("picky_proxy", None)


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


def test_without_the_extras_it_still_answers(
    zen: Zen,
    known: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("rich", "matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("rich", "rich.box", "rich.table", "rich.progress", "matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    ended = zen(*QUICK, f"accuracies={known}", "accuracy=top1", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "pip install 'zen-lightning[report]'" in ended.out
    assert "Spearman" in ended.out
    assert (tmp_path / "out" / "correlations.csv").is_file()


def test_studies_are_laid_side_by_side(zen: Zen, known: Path, tmp_path: Path) -> None:
    for column in ("top1", "twin"):
        assert zen(*QUICK, f"accuracies={known}", f"accuracy={column}", f"output_dir={tmp_path / 'runs' / column}").code == 0
    ended = zen("task=aggregate", f"sweep={tmp_path / 'runs'}", f"output_dir={tmp_path / 'all'}")
    assert ended.code == 0, ended.err
    rows = table(tmp_path / "all" / "correlations.csv")
    assert {(row["proxy"], row["dataset"]) for row in rows} == {
        (proxy, f"known: {column}") for proxy in ("params", "flops") for column in ("top1", "twin")
    }
    assert "| proxy | known: top1 | known: twin |" in (tmp_path / "all" / "correlations.md").read_text()
    assert (tmp_path / "all" / "correlations.png").read_bytes().startswith(b"\x89PNG")


def test_networks_of_torchvision_by_name(zen: Zen, tmp_path: Path) -> None:
    names = ("squeezenet1_0", "squeezenet1_1", "mobilenet_v3_small", "mnasnet0_5")
    known = tmp_path / "named.csv"
    known.write_text("\n".join(["architecture,top1", *(f"torchvision:{name},{60 + i}" for i, name in enumerate(names))]) + "\n")
    out = tmp_path / "out"
    within = "within=[{params: 50%, layers: 100}]"
    ended = zen(
        "task=correlate", f"accuracies={known}", "resolution=64", "proxies=[params,synflow,zen]", within, f"output_dir={out}"
    )
    assert ended.code == 0, ended.err
    rows = table(out / "scores.csv")
    assert [row["architecture"] for row in rows] == [f"torchvision:{name}" for name in names]
    assert float(rows[0]["params"]) == 1_248_424  # As published, with its 1,000 classes.
    assert all(row["synflow"] for row in rows)
    found = result_of(out)
    assert (found["zen"]["n"], found["zen"]["could_not_score"]) == (0, 4)
    assert "zen could not score 4: 2 x the closed form scores rows of super-blocks, not a SqueezeNet" in ended.out
    assert (out / "scatter" / "synflow.png").exists()
    lines = (out / "scores.jsonl").read_text().splitlines()
    again = zen(f"resume={out}")
    assert again.code == 0, again.err
    assert (out / "scores.jsonl").read_text().splitlines() == lines


def test_studies_side_by_side_have_a_report_too(zen: Zen, known: Path, tmp_path: Path) -> None:
    for column in ("top1", "twin"):
        assert zen(*QUICK, f"accuracies={known}", f"accuracy={column}", f"output_dir={tmp_path / 'runs' / column}").code == 0
    out = tmp_path / "all"
    ended = zen("task=aggregate", f"sweep=[{tmp_path / 'runs'}]", f"output_dir={out}")
    assert ended.code == 0, ended.err
    assert "known: twin" in (out / "correlations.md").read_text()
    assert (out / "correlations.png").exists()
    assert (out / "report.html").exists(), ended.out


def test_a_band_without_pairs_is_said(zen: Zen, known: Path, tmp_path: Path) -> None:
    ended = zen(*QUICK, f"accuracies={known}", "accuracy=twin", "within={top1: 0.5}", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "no two networks lie within top1 ±0.5: widen it; a number is a difference, write 10% for a share" in ended.out
