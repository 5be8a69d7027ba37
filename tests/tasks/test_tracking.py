"""``logger=`` on the command line: what trackers have of a search, of a training, and of the two together."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from omegaconf import DictConfig

from command_line import HydraConfigFor, Zen, choices, composed
from tracking.wandb_files import OfflineRun, read_offline_run
from training_commands import train
from zen_lightning.tasks.tracking import describe, read_trackers, tracked, tracking
from zen_lightning.tracking.tensorboard_tracker import TensorBoardTracker
from zen_lightning.tracking.wandb_tracker import WandbTracker
from zen_lightning.training.pruning import Pruned

SEARCH = (
    "budget=params1M",
    "search.iterations=600",
    "search.population_size=40",
    "search.finalists=2",
    "search.rerank.repeats=1",
)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the keys and settings of the person who runs the tests."""
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "none"))
    for variable in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT"):
        monkeypatch.delenv(variable, raising=False)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _streamed(run: OfflineRun, name: str) -> list[tuple[int, float]]:
    return [(row["search/iteration"], row[f"search/{name}"]) for row in run.history if f"search/{name}" in row]


def test_a_search_and_the_training_of_what_it_found(zen: Zen, tmp_path: Path) -> None:
    found, trained = tmp_path / "search", tmp_path / "train"
    ended = zen(*SEARCH, "logger=[wandb,csv]", f"output_dir={found}")
    assert (ended.code, ended.err) == (0, "")
    assert sum("W&B" in line for line in ended.out.splitlines()) == 1
    search = read_offline_run(found)
    (begun,) = search.runs
    result, history = json.loads((found / "result.json").read_text()), _rows(found / "history.csv")
    assert (begun.job_type, begun.project, begun.run_group) == ("search", "zen-lightning", "")
    assert begun.display_name.startswith("budget=params1M,search.iterations=600,search.population_size=40")
    assert (search.config["budget"]["params"], search.config["search"]["population_size"]) == ("1M", 40)
    assert (search.config["versions"], search.config["git_commit"]) == (result["versions"], result["git_commit"])
    for name, value in (
        ("best", lambda row: float(row["best"])),
        ("mean", lambda row: float(row["mean"])),
        ("acceptance", lambda row: int(row["accepted"]) / int(row["iteration"])),
    ):
        assert _streamed(search, name) == [(int(row["iteration"]), value(row)) for row in history]
    columns, rows = search.tables["finalists"]
    assert [columns, *([str(value or "") for value in row] for row in rows)] == _raw(found / "finalists.csv")
    assert len(search.tables["population"][1]) == len(_rows(found / "population.csv"))
    files = search.files[begun.run_id]
    assert files["best_structure.txt"].decode().strip() == result["structure"]
    for name in ("search.png", "cloud.png", "finalists.csv", "result.json"):
        assert files[name] == (found / name).read_bytes()
    assert (search.summary["score"], search.summary["params"]) == (result["score"], result["params"])

    command = [argument for argument in train(trained) if not argument.startswith("arch=")]
    ended = zen(*command, f"arch={found}", "logger=wandb")
    assert ended.code == 0, ended.err
    training = read_offline_run(trained)
    (begun,) = training.runs
    epochs = _rows(trained / "history.csv")
    assert begun.job_type == "train"
    assert training.config["source_runs"]["arch"] == {"folder": str(found), "wandb": search.runs[0].run_id}
    assert training.used == {search.runs[0].run_id: files}
    seen = [(row["trainer/global_step"], row["epoch_train_loss"]) for row in training.history if "epoch_train_loss" in row]
    assert seen == [(int(row["step"]), float(row["train_loss"])) for row in epochs]
    for name in ("images_per_second", "data_wait", "peak_memory_mb"):
        told = [row[f"epoch_{name}"] for row in training.history if f"epoch_{name}" in row]
        assert told == [float(row[name]) for row in epochs]
    top1 = [row["val_top1"] for row in training.history if "val_top1" in row]
    assert top1 == [float(row["val_top1"]) for row in epochs]
    assert training.summary["val_top1"] == json.loads((trained / "result.json").read_text())["val_top1"]
    assert "training.png" in training.files[begun.run_id]

    ended = zen(f"resume={trained}")
    assert ended.code == 0, ended.err
    again = read_offline_run(trained)
    assert [one.run_id for one in again.runs] == [begun.run_id] * 2
    assert again.used == training.used


def _raw(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_a_search_that_is_continued_goes_on_with_its_run(zen: Zen, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    quick = ("budget=params1M", "search.population_size=40", "search.finalists=0")
    assert zen(*quick, "search.iterations=90", f"output_dir={whole}").code == 0
    assert zen(*quick, "search.iterations=50", f"output_dir={parts}").code == 0
    for iterations in (70, 90):  # The first part was not tracked: what it has done is told later.
        ended = zen(f"resume={parts}", f"search.iterations={iterations}", "logger=[wandb,tensorboard]")
        assert (ended.code, ended.err) == (0, "")
    run = read_offline_run(parts)
    assert len({one.run_id for one in run.runs}) == 1
    rows = _rows(whole / "history.csv")
    assert _streamed(run, "best") == [(int(row["iteration"]), float(row["best"])) for row in rows]


def test_every_task_is_tracked(zen: Zen, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ended = zen(
        "task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", "logger=wandb", "logger.wandb.group=mine", f"output_dir={folder}"
    )
    assert (ended.code, ended.err) == (0, "")
    run, result = read_offline_run(folder), json.loads((folder / "result.json").read_text())
    assert (run.runs[0].job_type, run.runs[0].run_group, run.summary["params"]) == ("analyze", "mine", result["params"])
    assert set(run.files[run.runs[0].run_id]) == {"layers.csv", "network.svg", "report.html", "result.json"}


def test_jobs_of_a_sweep_are_a_group(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = []
    monkeypatch.setattr(TensorBoardTracker, "begin", lambda self, run: groups.append((run.group, run.name)) or "")
    monkeypatch.setattr(TensorBoardTracker, "summary", lambda self, figures: None)
    monkeypatch.setattr(TensorBoardTracker, "files", lambda self, paths: None)
    command = [
        "task=analyze",
        "arch=SuperConvK3BNRELU(3,8,1,1)",
        "logger=tensorboard",
    ]
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "sweep.json").write_text("{}")
    for seed in (1, 2):
        assert zen(*command, f"seed={seed}", f"output_dir={tmp_path / 'my' / str(seed)}").code == 0
    assert groups == [("my", f"arch='SuperConvK3BNRELU(3,8,1,1)',seed={seed}") for seed in (1, 2)]


@pytest.mark.parametrize(
    ("marks", "run", "group"),
    [
        (["runs/sweep.json", "runs/0/stages.json"], "runs/0/search", "runs"),
        (["runs/sweep.json", "runs/0/journal/study.log"], "runs/0/trial-000", "runs"),
        (["runs/stages.json"], "runs/search", "runs"),
        (["runs/journal/study.log"], "runs", "runs"),
        (["runs/journal/study.log"], "runs/trial-000", "runs"),
        (["runs/journal/study.log", "runs/trial-000/stages.json"], "runs/trial-000/search", "runs"),
        (["runs/journal/restart-00.jsonl"], "runs", None),
    ],
)
def test_groups(tmp_path: Path, marks: list[str], run: str, group: str | None) -> None:
    (tmp_path / run).mkdir(parents=True)
    for mark in marks:
        (tmp_path / mark).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / mark).write_text("{}")
    with HydraConfigFor("task=zoo") as config:
        assert describe(config, tmp_path / run).group == group


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        (Pruned(), ["best.yaml", "finished"]),
        (SystemExit(75), ["stopped"]),
        (KeyboardInterrupt(), ["stopped"]),
        (ValueError(), ["failed"]),
    ],
)
def test_how_a_run_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, told: list[str]) -> None:
    calls: list[str] = []
    monkeypatch.setattr(TensorBoardTracker, "begin", lambda self, run: "")
    monkeypatch.setattr(TensorBoardTracker, "summary", lambda self, figures: None)
    monkeypatch.setattr(TensorBoardTracker, "files", lambda self, paths: calls.extend(path.name for path in paths))
    monkeypatch.setattr(TensorBoardTracker, "finish", lambda self, status: calls.append(str(status)))
    (tmp_path / "best.yaml").write_text("")

    def run(config: DictConfig) -> None:
        with tracked(config, tmp_path):
            tracking().begin()
            raise stop

    with HydraConfigFor("logger=tensorboard") as config, pytest.raises(type(stop)):
        run(config)
    assert calls == told


@pytest.mark.parametrize("where", ["begin", "metrics", "files"])
def test_what_fails_is_left_behind(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    for method in ("metrics", "table", "files", "summary"):
        monkeypatch.setattr(TensorBoardTracker, method, _full if method == where else lambda *_, **__: None)
    if where == "begin":
        monkeypatch.setattr(TensorBoardTracker, "begin", _full)
    folder = tmp_path / "run"
    quick = ("budget=params1M", "search.iterations=200", "search.finalists=0")
    ended = zen(*quick, "logger=tensorboard", f"output_dir={folder}")
    assert ended.code == 0
    assert ended.err.count("\n") == 1
    assert (
        "logger=tensorboard has failed: the disk is full; the run goes on without it, and its files are complete" in ended.err
    )
    for name in ("best_structure.txt", "result.json", "history.csv", "population.csv", "finalists.csv", "search.png"):
        assert (folder / name).stat().st_size > 0


def test_a_search_on_a_full_disk_goes_on_once_there_is_room(
    zen: Zen,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = ("budget=params1M", "search.iterations=200", "search.finalists=0", "logger=wandb", f"output_dir={tmp_path}")
    with monkeypatch.context() as full:
        full.setattr("zen_lightning.api.search_files.write_csv", _full)
        ended = zen(*quick)
    assert ended.code == 2
    assert ended.err.endswith(f"in {tmp_path} is kept: make room, then continue with resume={tmp_path}\n")
    assert read_offline_run(tmp_path).codes == [1]
    ended = zen(f"resume={tmp_path}")
    assert (ended.code, ended.err) == (0, "")
    run = read_offline_run(tmp_path)
    assert (len({one.run_id for one in run.runs}), run.codes) == (1, [1, 0])
    assert _streamed(run, "best") == [(int(row["iteration"]), float(row["best"])) for row in _rows(tmp_path / "history.csv")]


def _full(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_without_network_the_run_is_offline(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {
        "WANDB_MODE": "online",
        "WANDB_API_KEY": "0" * 40,
        "WANDB_BASE_URL": "http://127.0.0.1:9",
        "WANDB_INIT_TIMEOUT": "1",
    }.items():
        monkeypatch.setenv(variable, value)
    folder = tmp_path / "run"
    ended = zen("task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", "logger=wandb", f"output_dir={folder}")
    assert ended.code == 0
    assert ended.err.startswith("logger=wandb: the server cannot be used (")
    assert ended.err.endswith("): the run is logged offline\n")
    assert ended.err.count("\n") == 1
    assert read_offline_run(folder).summary["layers"] == 1


def test_an_online_run_without_a_key_asks_nobody(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setattr(sys, "stdin", None)
    ended = zen("task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", "logger=wandb", f"output_dir={tmp_path / 'run'}")
    assert (ended.code, ended.err) == (0, "")
    assert read_offline_run(tmp_path / "run").codes == [0]


def test_a_refused_command_leaves_no_run(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", "arch=nowhere.txt", "logger=[wandb,tensorboard]", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 2
    assert not list((tmp_path / "run").glob("w*")) + list((tmp_path / "run").glob("tensorboard"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["logger=wandbb"], "logger=wandbb: there is no such logger; did you mean 'wandb'? Choose one of: csv, mlflow, none"),
        (["logger=[wandb,paper]"], "logger=paper: there is no such logger"),
        (["logger=wandb,csv"], "write a list as logger='[wandb,csv]'"),
        (["logger=wandb", "logger.wandb.projekt=a"], "unknown key logger.wandb.projekt; did you mean 'project'?"),
        (["logger=wandb", "+logger.wandb.tag=a"], "unknown key logger.wandb.tag; did you mean 'tags'?"),
        (["+logger.name=paper"], "logger.name=paper: expected the name of a logger and its keys"),
        (
            ["+logger.own._target_=zen_lightning.search.trace.Cloud"],
            "logger.own._target_=zen_lightning.search.trace.Cloud: Cloud is not a Tracker",
        ),
    ],
)
def test_loggers_that_cannot_be_used(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = zen("task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", *arguments, f"output_dir={tmp_path / 'run'}")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert message in ended.err


@pytest.mark.parametrize("name", ["tensorboard", "mlflow"])
def test_a_package_that_is_missing(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    from zen_lightning.tracking import tracker

    monkeypatch.setattr(tracker, "find_spec", lambda package: None)
    ended = zen("task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", f"logger={name}", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 2
    assert f"logger={name} needs the package '{name}': pip install 'zen-lightning[{name}]'" in ended.err


def test_nothing_is_imported_that_is_not_named() -> None:
    code = "import sys, zen_lightning.cli.main; print({'wandb', 'mlflow', 'tensorboard', 'torch', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_wandb_is_told_its_own_keys() -> None:
    with pytest.raises(TypeError):
        WandbTracker(projekt="a")  # type: ignore[call-arg]


@pytest.mark.parametrize("name", choices("logger"))
def test_loggers(name: str) -> None:
    trackers = read_trackers(composed(f"logger={name}"))
    assert list(trackers) == ([] if name in ("csv", "none") else [name])


def test_several_loggers() -> None:
    assert list(read_trackers(composed("logger=[wandb,csv,tensorboard]"))) == ["wandb", "tensorboard"]
    assert composed("logger=[wandb,csv]", "logger.wandb.group=mine").logger.wandb.group == "mine"
