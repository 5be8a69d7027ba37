"""What a tuning and an aggregate show of their runs."""

from pathlib import Path
from typing import Any

from zen_lightning.report.html.report import build_report
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
    assert page.count('class="chart"') == 4  # The trials, what matters most, and both settings.
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
    assert 'class="chart"' not in build_report(RunFolder(tmp_path / "empty", "aggregate", result), AggregateRuns.sections)
