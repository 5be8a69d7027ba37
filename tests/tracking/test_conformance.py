"""Every tracker of the project keeps to what every tracker does. A new one is a line in ``TRACKERS``."""

import json
from pathlib import Path

import pytest

from tracking.wandb_files import read_offline_run
from zen_lightning.testing.trackers import TRACKER, Kept, TrackerCase
from zen_lightning.tracking.mlflow_tracker import MlflowTracker
from zen_lightning.tracking.tensorboard_tracker import TensorBoardTracker
from zen_lightning.tracking.wandb_tracker import WandbTracker


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


TRACKERS = [
    TrackerCase("wandb", WandbTracker, read_wandb),
    TrackerCase("tensorboard", TensorBoardTracker, read_tensorboard),
    TrackerCase("mlflow", MlflowTracker, read_mlflow),
]


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


@pytest.mark.parametrize("check", TRACKER.checks)
@pytest.mark.parametrize("known", TRACKERS, ids=lambda known: known.name)
def test_it_keeps_to_what_every_tracker_does(
    known: TrackerCase, check: str, alone: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shown: list[tuple[str, str]] = []

    def read(folder: Path) -> Kept:
        shown.append(capfd.readouterr())  # What reading says is not the tracker's.
        kept = known.read(folder)
        assert (kept.source == f"{known.name}-0000") == (known.name != "tensorboard")  # Which has no ids.
        return kept

    TRACKER.checks[check](known._replace(read=read))
    if not shown:
        assert capfd.readouterr() == ("", "")
    for out, err in shown:
        assert (len(out.splitlines()), err) == (2, "")
    assert list(alone.iterdir()) == []
