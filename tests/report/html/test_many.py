"""What a tuning and an aggregate show of their runs."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from zen_lightning.report.html.report import build_report
from zen_lightning.report.html.sweep import write_sweep_report
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.tasks.many.aggregate import AggregateRuns
from zen_lightning.tasks.many.tune import Tune

TRIALS = """trial,state,val_top1,lr,mixup
0,complete,50.0,0.1,0
1,pruned,20.0,0.2,0.2
2,failed,,0.3,0
3,complete,70.0,0.01,0
"""
TUNED: dict[str, Any] = {
    "metric": "val_top1",
    "direction": "maximize",
    "importance": {"lr": 0.9, "mixup": 0.1},
    "space": {"lr": {"low": 0.01, "high": 0.5, "log": True}, "mixup": ["0", "0.2"]},
    "trials": 4,
    "sampler": "tpe",
}


def test_a_tuning_shows_its_trials(tmp_path: Path) -> None:
    (tmp_path / "trials.csv").write_text(TRIALS)
    page = build_report(RunFolder(tmp_path, "tune", TUNED), Tune.sections)
    # The trials, from settings to value, what matters most, and both settings.
    assert page.count('class="chart"') == 5
    assert "Every trial, from its settings to its value" in page
    for cell in ("<td>0.01</td>", "<td>0.3</td>"):  # That of a trial that failed too.
        assert cell in page
    assert "data-sortable" in page
    for text in ("The best of 4 trials", "best: 70", "importance (PED-ANOVA)", "val_top1 by mixup", "<dt>sampler</dt>"):
        assert text in page


def test_a_tuning_without_a_complete_trial_shows_its_result(tmp_path: Path) -> None:
    page = build_report(RunFolder(tmp_path, "tune", TUNED), Tune.sections)
    assert 'class="chart"' not in page
    assert "<dt>sampler</dt>" in page


def test_an_aggregate_shows_its_groups(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("folder,lr,val_top1,params\na,1,2.0,5\nb,1,3.0,5\nc,2,4.0,5\nd,3,,\n")
    result = {"by": ["lr"], "metrics": ["val_top1", "params"], "runs": 3, "groups": [{}, {}]}
    page = build_report(RunFolder(tmp_path, "aggregate", result), AggregateRuns.sections)
    assert page.count('class="chart"') == 1  # All have the same parameters.
    assert "3 runs in 2 groups" in page
    assert "runs: 3" in page
    assert "val_top1, percent" in page
    assert "<td>2.50 ± 0.71</td>" in page
    assert 'class="chart"' not in build_report(RunFolder(tmp_path / "empty", "aggregate", result), AggregateRuns.sections)


def test_runs_are_linked_and_their_courses_drawn(tmp_path: Path) -> None:
    lines = ["folder,state,lr,val_top1"]
    for name, values in {"a": (1, 2), "b": (2, 4), "c": ()}.items():
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("")
        rows = [f"{epoch},{value}" for epoch, value in enumerate(values, start=1)]
        (folder / "history.csv").write_text("\n".join(["epoch,val_top1", *rows]) + "\n")
        lines.append(f"{folder},finished,{name},1.0")
    (tmp_path / "sum").mkdir()
    (tmp_path / "sum" / "runs.csv").write_text("\n".join(lines) + "\n")
    result = {"by": ["lr"], "metrics": ["val_top1"], "runs": 3, "groups": [{}]}
    page = build_report(RunFolder(tmp_path / "sum", "aggregate", result), AggregateRuns.sections)
    assert '<a href="../runs/a/report.html">a</a>' in page
    assert page.count("line series0") == page.count("line series1") == 1
    assert "line series2" not in page
    assert "lr=a" in page


@pytest.mark.parametrize("name", ["javascript:alert(1)", "50%", "lr=1#2", "a?b", "https:"])
def test_links_lead_to_the_file_whatever_its_folder_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "report.html").write_text("")
    job = {"job": 0, "overrides": ["seed=1"], "folder": name, "state": "done", "seconds": 2.0, "objective": None, "error": ""}
    page = write_sweep_report(tmp_path, [job], {0: "seed=1"}, 3.0).read_text()
    addresses = [urljoin("file:///runs/report.html", found) for found in re.findall('<a href="([^"#][^"]*)"', page)]
    assert [unquote(urlsplit(address).path) for address in addresses] == [f"/runs/{name}/report.html"]


def test_a_sweep_shows_its_jobs(tmp_path: Path) -> None:
    (tmp_path / "0-lr=1").mkdir()
    (tmp_path / "0-lr=1" / "result.json").write_text("{}")
    job = {
        "overrides": ["task=train", "lr=1"],
        "folder": "0-lr=1",
        "state": "done",
        "seconds": 2.0,
        "objective": 71.5,
        "error": "",
    }
    failed = {**job, "job": 1, "overrides": ["task=train", "lr=2"], "folder": "1-lr=2", "state": "failed", "objective": None}
    jobs = [{**job, "job": 0}, {**failed, "error": "it is <odd>"}]
    page = write_sweep_report(tmp_path, jobs, {0: "lr=1", 1: "lr=2"}, 3.0).read_text()
    assert '<a href="0-lr=1/result.json">0</a>' in page  # No report: the result.
    for text in (
        "2 jobs",
        "1 done",
        "71.500",
        "it is &lt;odd&gt;",
        "task=train<br>",
        "settings that vary",
        "lr=1,2<br>",
        "task=aggregate",
    ):
        assert text in page


@pytest.mark.parametrize("recorded", [False, True])
def test_searches_by_different_proxies_have_charts_of_their_own(recorded: bool, tmp_path: Path) -> None:
    jobs = []
    for number, proxy in enumerate(("zen", "flops", "zen", "flops")):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / "history.csv").write_text(f"iteration,best\n1,{number + 1}\n2,{number + 2}\n")
        if not recorded:
            (folder / "result.json").write_text(f'{{"task": "search", "proxy": "{proxy}"}}')
        scale = {"scale": f"by {proxy}" if recorded else None}
        jobs.append({"job": number, "overrides": [f"search={proxy}"], "folder": f"{number}", "state": "done", **scale})
    jobs = [{**job, "seconds": 1.0, "objective": 1.0, "error": ""} for job in jobs]
    page = write_sweep_report(tmp_path, jobs, {number: f"job {number}" for number in range(4)}, 3.0).read_text()
    assert page.count("best score by zen") >= 1
    assert page.count("best score by flops") >= 1
    assert page.count("2 runs") >= 2


def test_large_numbers_have_no_exponents(tmp_path: Path) -> None:
    rows = ("a,finished,1,152391234.5,0.123456789", "b,finished,2,16,1993680")
    (tmp_path / "runs.csv").write_text("\n".join(("folder,state,lr,flops,loss", *rows)) + "\n")
    result = {"by": ["lr"], "metrics": ["flops", "loss"], "runs": 2, "groups": [{}]}
    page = build_report(RunFolder(tmp_path, "aggregate", result), AggregateRuns.sections)
    for text in ("<td>152,391,234</td>", "<td>0.123457</td>", "<td>16</td>", "<td>1,993,680</td>"):
        assert text in page
