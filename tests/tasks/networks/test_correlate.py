"""``task=correlate`` from the command line to the files."""

import json
import sys
from pathlib import Path

import pytest

from command_line import Zen
from known_cells import CELLS, QUICK, result_of, table
from zen_lightning.correlate.rank_correlation import rank_correlation


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
