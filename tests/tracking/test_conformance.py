"""Every tracker: what it is told is read back from its files. A new one is a line in ``TRACKERS``."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tracking.wandb_files import read_offline_run
from zen_lightning.tracking import Source, Status, TrackedRun, Tracker, Trackers
from zen_lightning.tracking.mlflow_tracker import MlflowTracker
from zen_lightning.tracking.run_ids import write_run_id
from zen_lightning.tracking.tensorboard_tracker import TensorBoardTracker
from zen_lightning.tracking.wandb_tracker import WandbTracker


@dataclass
class Kept:
    """What the files of a tracker hold, in one form for all."""

    facts: str = ""
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    table: list[list[str]] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    summary: dict[str, str] = field(default_factory=dict)
    source: str = ""
    ended: str = ""
    runs: int = 0


def read_wandb(folder: Path) -> Kept:
    run = read_offline_run(folder)
    first = run.runs[0]
    curves: dict[str, list[tuple[int, float]]] = {}
    for row in run.history:
        step = row.pop("search/iteration")
        for name, value in row.items():
            curves.setdefault(name, []).append((step, value))
    columns, rows = run.tables["finalists"]
    (artifact,) = run.files
    assert (artifact, run.kinds[artifact]) == (first.run_id, "search")
    return Kept(
        facts=json.dumps([run.config, first.display_name, first.run_group, first.job_type]),
        curves=curves,
        table=[columns, *([str(value) for value in row] for row in rows)],
        files=set(run.files[artifact]),
        summary={key: str(run.summary[key]) for key in ("score", "structure")},
        source=" ".join(run.used),
        ended={0: "finished", 1: "failed"}[run.codes[-1]],
        runs=len({one.run_id for one in run.runs}),
    )


def read_tensorboard(folder: Path) -> Kept:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "tensorboard"), size_guidance={"tensors": 0, "scalars": 0})
    events.Reload()

    def text(name: str) -> str:
        return str(events.Tensors(f"{name}/text_summary")[-1].tensor_proto.string_val[0].decode())

    head, _, *rows = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in text("finalists").splitlines())
    texts = {name.removesuffix("/text_summary") for name in events.Tags()["tensors"]}
    names = {name for name in [*events.Tags()["images"], *texts] if "." in name}
    return Kept(
        facts=text("run"),
        curves={name: [(event.step, event.value) for event in events.Scalars(name)] for name in events.Tags()["scalars"]},
        table=[[cell.strip() for cell in line] for line in (head, *rows)],
        files=names | {"result.json", "finalists.csv"},  # Which lie beside the events.
        summary={key: str(value) for key, value in json.loads(text("result")).items()},
        source=json.loads(text("run"))["source_runs"]["arch"],
        ended=text("status"),
        runs=1,
    )


def read_mlflow(folder: Path) -> Kept:
    from mlflow.tracking import MlflowClient

    client = MlflowClient((folder / "mlruns").as_uri())
    (experiment,) = [one for one in client.search_experiments() if one.name == "zen-lightning"]
    runs = client.search_runs([experiment.experiment_id])
    run = runs[0]
    table = json.loads(Path(client.download_artifacts(run.info.run_id, "tables/finalists.json")).read_text())
    curves = {
        name: [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, name)]
        for name in run.data.metrics
        if not name.startswith("result/")
    }
    return Kept(
        facts=json.dumps([run.data.params, run.info.run_name, run.data.tags]),
        curves=curves,
        table=[table["columns"], *([str(value) for value in row] for row in table["data"])],
        files={one.path for one in client.list_artifacts(run.info.run_id) if not one.is_dir} - {"config.json"},
        summary={"score": str(run.data.metrics["result/score"]), "structure": run.data.tags["result/structure"]},
        source=run.data.tags["source_run.arch"],
        ended=run.info.status.lower(),
        runs=len(runs),
    )


@dataclass
class Known:
    """A tracker of the project, and how its files are read."""

    name: str
    make: Callable[[], Tracker]
    read: Callable[[Path], Kept]


TRACKERS = [
    Known("wandb", WandbTracker, read_wandb),
    Known("tensorboard", TensorBoardTracker, read_tensorboard),
    Known("mlflow", MlflowTracker, read_mlflow),
]

ROWS = [["A(3,8)", 1.5], ["B(8,16)", 1.25]]
CONFIG: dict[str, Any] = {"seed": 17, "search": {"name": "zen"}, "versions": {"torch": "9.9"}, "git_commit": "abc1234"}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home without anybody's keys and settings, in which nothing may appear."""
    home = tmp_path / "home"
    home.mkdir()
    for variable in (
        "WANDB_API_KEY",
        "WANDB_MODE",
        "MLFLOW_TRACKING_URI",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return home


def _run(folder: Path, source: Path) -> TrackedRun:
    return TrackedRun(folder, "search", "seed=17,budget=params1M", "my_sweep", CONFIG, (Source("arch", source),))


def _leave_files(folder: Path) -> None:
    (folder / "best_structure.txt").write_text("A(3,8)\n")
    (folder / "result.json").write_text(
        json.dumps({"score": 1.5, "structure": "A(3,8)", "seen": [1, 2], "git_commit": "abc1234"})
    )
    Image.new("RGB", (6, 4), (200, 10, 10)).save(folder / "search.png")
    with (folder / "finalists.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["structure", "score"], *ROWS])
    (folder / "weights.safetensors").write_bytes(b"large")


@pytest.mark.parametrize("known", TRACKERS, ids=lambda known: known.name)
def test_what_is_told_is_read_back(known: Known, tmp_path: Path, alone: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder, source = tmp_path / "run", tmp_path / "source"
    for one in (folder, source):
        one.mkdir()
    _leave_files(source)
    write_run_id(source, known.name, "search-0000")
    curve = {10: 0.5, 20: 1.5, 30: 1.5}
    for command, steps in ((0, (10, 20)), (1, (20, 30))):  # The second goes on: it has step 20 taken down already.
        tracker = known.make()
        tracker.require()
        trackers = Trackers({known.name: tracker}, lambda: _run(folder, source))
        trackers.begin()
        assert tracker.continued == bool(command)
        for step in steps:
            values = {"search/best": curve[step], "search/mean": curve[step] / 2}
            trackers.metrics(values, step, "search/iteration", seen=20 * command)
        _leave_files(folder)
        trackers.results(folder)
        trackers.finish(Status.FINISHED if command else Status.FAILED)
    shown = capfd.readouterr()
    assert (len(shown.out.splitlines()), shown.err) == (2, "")
    kept = known.read(folder)
    for fact in ("17", "zen", "9.9", "abc1234", "seed=17,budget=params1M", "my_sweep"):
        assert fact in kept.facts
    assert kept.curves == {
        "search/best": list(curve.items()),
        "search/mean": [(step, value / 2) for step, value in curve.items()],
    }
    assert kept.table == [["structure", "score"], *([text, str(score)] for text, score in ROWS)]
    assert kept.files >= {"best_structure.txt", "search.png", "result.json", "finalists.csv"}
    assert "weights.safetensors" not in kept.files
    assert kept.summary == {"score": "1.5", "structure": "A(3,8)"}
    assert kept.source == ("search-0000" if known.name != "tensorboard" else str(source))
    assert (kept.ended, kept.runs) == ("finished", 1)
    assert list(alone.iterdir()) == []


@pytest.mark.parametrize("known", TRACKERS, ids=lambda known: known.name)
def test_ending_what_has_not_begun(known: Known) -> None:
    known.make().finish(Status.FAILED)
