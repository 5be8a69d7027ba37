"""Folders that the last release left (``tests/data/old_runs``) resume, report and aggregate."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from command_line import Zen
from fake_device import FakeMeasurer
from zen_lightning.latency.profile import read_profile
from zen_lightning.latency.profile_journal import ProfileJournal

OLD = Path(__file__).parents[1] / "data" / "old_runs"
FINISHED = ("search", "front", "correlate", "train", "evaluate", "latency", "profile", "tune", "pipeline")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def result_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "result.json").read_text()))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_search_that_was_killed_goes_on(zen: Zen, old: Path) -> None:
    ended = zen(f"resume={old / 'search' / 'unfinished'}", "search.iterations=30")
    assert ended.code == 0, ended.err
    history = rows(old / "search" / "unfinished" / "history.csv")
    assert (len(history), history[-1]["iteration"]) == (3, "30")
    assert result_of(old / "search" / "unfinished")["iterations"] == 30


@pytest.mark.parametrize(("kind", "task"), [("search", "search"), ("front", "pareto")])
def test_a_finished_search_is_continued_as_if_it_had_never_ended(
    zen: Zen,
    old: Path,
    tmp_path: Path,
    kind: str,
    task: str,
) -> None:
    more, small = "search.iterations=400", ("budget=params1M", "search.population_size=16", "search.finalists=0")
    ended = zen(f"resume={old / kind / 'finished'}", more)
    assert ended.code == 0, ended.err
    assert zen(f"task={task}", *small, more, f"output_dir={tmp_path / 'fresh'}").code == 0
    histories = [rows(folder / "history.csv") for folder in (old / kind / "finished", tmp_path / "fresh")]
    assert histories[0] == histories[1]
    assert histories[0][-1]["iteration"] == "400"


def test_a_study_of_proxies_keeps_its_scores(zen: Zen, old: Path) -> None:
    folder, known = old / "correlate" / "unfinished", old / "correlate" / "known.csv"
    before = (folder / "scores.jsonl").read_bytes()
    ended = zen(f"resume={folder}", f"accuracies={known}")
    assert ended.code == 0, ended.err
    after = (folder / "scores.jsonl").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == 1 + 2 + 2 * 8
    assert [found["n"] for found in result_of(folder)["proxies"]] == [8, 8]
    whole = old / "correlate" / "finished" / "scores.jsonl"
    ended = zen(f"resume={whole.parent}", f"accuracies={known}")
    assert ended.code == 0, ended.err
    assert whole.read_bytes() == (OLD / "correlate" / "finished" / "scores.jsonl").read_bytes()


def test_a_training_that_was_killed_goes_on(zen: Zen, old: Path) -> None:
    folder = old / "train" / "interrupted"
    first = rows(folder / "history.csv")[0]
    ended = zen(f"resume={folder}")
    assert ended.code == 0, ended.err
    # What later versions measure besides is empty for the epochs of before.
    again = rows(folder / "history.csv")[0]
    assert again == dict.fromkeys(again, "") | first
    assert result_of(folder)["epochs"] == len(rows(folder / "history.csv")) == 5


def test_weights_are_as_good_as_they_were(zen: Zen, old: Path, tmp_path: Path) -> None:
    ended = zen(
        "task=evaluate",
        f"arch={old / 'train' / 'finished'}",
        "dataset=digits",
        "trainer=cpu",
        f"output_dir={tmp_path / 'again'}",
    )
    assert ended.code == 0, ended.err
    assert result_of(tmp_path / "again")["val_top1"] == pytest.approx(result_of(old / "evaluate" / "finished")["val_top1"])


def test_a_profile_is_read_and_its_journal_continued(old: Path) -> None:
    profile = read_profile(old / "profile" / "finished" / "profiles" / "mine.json")
    assert profile.held_out.networks == 8
    path = old / "profile" / "unfinished" / "profiles" / ".mine.json.part"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    with ProfileJournal(path, lines[0]["identity"]) as journal:
        assert len(journal) == len(lines) - 1 == 40
        assert journal.spent == lines[-1]["spent"]
        for line in lines[1:]:
            assert list(journal.timing(line["key"])) == line["timing"]
        journal.add("one more", FakeMeasurer()._timing(0.1))
    with ProfileJournal(path, lines[0]["identity"]) as journal:
        assert len(journal) == 41


@pytest.mark.slow
def test_a_study_of_settings_goes_on(zen: Zen, old: Path) -> None:
    pytest.importorskip("optuna")
    ended = zen(f"resume={old / 'tune' / 'unfinished'}")
    assert ended.code == 0, ended.err
    assert "trial 0, of" not in ended.out
    again, whole = (rows(old / "tune" / name / "trials.csv") for name in ("unfinished", "finished"))
    keys = ("trial", "state", "search.population_size", "score")
    assert [[row[key] for key in keys] for row in again] == [[row[key] for key in keys] for row in whole]


@pytest.mark.slow
def test_a_pipeline_goes_on_with_its_second_stage(zen: Zen, old: Path) -> None:
    folder = old / "pipeline" / "unfinished"
    overrides = [line.removeprefix("- ") for line in (folder / ".hydra" / "overrides.yaml").read_text().splitlines()]
    asked = [override.strip('"') for override in overrides if not override.startswith("output_dir=")]
    ended = zen(*asked, f"output_dir={folder}")
    assert ended.code == 0, ended.err
    assert "search: its result is there" in ended.out
    stages = result_of(folder)["stages"]
    assert list(stages) == ["search", "train", "evaluate"]
    assert stages["search"]["structure"] == stages["evaluate"]["structure"]


def test_a_finished_sweep_has_nothing_left_to_do(zen: Zen, old: Path) -> None:
    before = {path: path.read_bytes() for path in (old / "sweep").rglob("result.json")}
    ended = zen(f"resume={old / 'sweep' / 'finished'}")
    assert ended.code == 0, ended.err
    assert len(before) == 4
    assert {path: path.read_bytes() for path in (old / "sweep").rglob("result.json")} == before


@pytest.mark.parametrize("kind", FINISHED)
def test_every_kind_of_run_has_its_report(zen: Zen, old: Path, tmp_path: Path, kind: str) -> None:
    folder = old / kind / "finished"
    assert not list(folder.glob("*.html"))
    ended = zen("task=report", f"run={folder}", f"output_dir={tmp_path / 'report'}")
    assert ended.code == 0, ended.err
    page = (folder / "report.html").read_text()
    assert "0.1.0" in page
    assert page.rstrip().endswith("</html>")


def test_they_are_aggregated(zen: Zen, old: Path, tmp_path: Path) -> None:
    ended = zen("task=aggregate", f"sweep={old}", f"output_dir={tmp_path / 'sum'}")
    assert ended.code == 0, ended.err
    states = {row["folder"]: row["state"].partition(";")[0] for row in rows(tmp_path / "sum" / "runs.csv")}
    for kind in ("search", "front", "correlate", "train", "evaluate", "latency", "profile"):
        assert any(folder.endswith(f"{kind}/finished") and state == "finished" for folder, state in states.items()), states
    ended = zen("task=aggregate", f"sweep={old / 'sweep'}", "by=search", f"output_dir={tmp_path / 'by'}")
    assert ended.code == 0, ended.err
    found = {row["search"]: row for row in rows(tmp_path / "by" / "table.csv")}
    scores = [result_of(path.parent)["score"] for path in sorted((old / "sweep").rglob("result.json"))[:2]]
    assert found["zen"]["runs"] == found["params"]["runs"] == "2"
    assert float(found["zen"]["score_mean"]) == pytest.approx(sum(scores) / 2)
