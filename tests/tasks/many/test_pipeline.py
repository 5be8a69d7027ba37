"""``task=pipeline``: commands that build on each other."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from command_line import Zen, composed
from zen_lightning.config import conf_dir
from zen_lightning.errors import UserError
from zen_lightning.launch.job_record import Ended, State, read_record
from zen_lightning.runs.finding import find_runs
from zen_lightning.system.json_files import read_json
from zen_lightning.tasks.many.stages import StageJobs, read_stages

STORIES = sorted(path.stem for path in (conf_dir() / "experiment").glob("*.yaml") if "stages:" in path.read_text())


def _told_apart(name: str) -> Any:
    """Return a story; those that differ from another in the name of their budget or proxy alone are long."""
    seldom = name not in ("quickstart", "zen_cifar_params1M", "naswot_cifar_params1M", "zen_imagenet_latency05ms")
    return pytest.param(name, marks=pytest.mark.long if seldom else ())


@pytest.mark.parametrize("name", map(_told_apart, STORIES))
def test_every_stage_of_every_experiment_composes(name: str) -> None:
    stages = read_stages(composed(f"experiment={name}"), Path("/run"), [f"experiment={name}", "seed=3", "trainer=ddp"])
    assert stages[0].name == "search"
    for stage in stages:
        config = composed(*stage.overrides)
        trains = config.task.name in ("train", "distill", "evaluate")
        assert (config.seed, config.trainer.strategy) == (3, "ddp" if trains else "auto")
        if config.task.name != "search":
            assert config.arch.startswith("/run/")


def test_there_is_an_experiment_for_each_script_of_the_original() -> None:
    assert len(STORIES) == 8 + 9 + 2 + 1  # Two more sizes of the CIFAR networks, and the quickstart.


QUICK = (
    "stages=[{name:first,overrides:['task=search','search=zen','search.iterations=300','search.finalists=0']},"
    "{name:second,overrides:['task=analyze','arch=@first']}]"
)


def test_stages_run_once(zen: Zen, tmp_path: Path) -> None:
    command = ["task=pipeline", QUICK, f"output_dir={tmp_path}"]
    ended = zen(*command)
    assert ended.code == 0, ended.err
    assert f"stage 2 of 2, second: python run.py task=analyze arch={tmp_path}/first" in ended.out
    first, second = (json.loads((tmp_path / name / "result.json").read_text()) for name in ("first", "second"))
    assert first["structure"] == second["structure"]
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["stages"]["second"]["structure"] == first["structure"]
    assert read_record(tmp_path / "second")["state"] == "done"
    (tmp_path / "second" / "result.json").unlink()
    ended = zen(*command, "launcher=joblib", "workers=2")
    assert ended.code == 0, ended.err
    assert "stage 2 of 2, second: done in " in ended.out
    assert "first: its result is there" in ended.out
    assert "second: python run.py" in ended.out
    assert (tmp_path / "second" / "result.json").exists()
    ended = zen(*command, "seed=5")
    assert (ended.code, f"{tmp_path / 'first'} holds the stage as another command asked for it" in ended.err) == (2, True)


@pytest.mark.parametrize("name", ["moved", "my runs"])
def test_a_pipeline_goes_on_where_it_was_moved_to(zen: Zen, tmp_path: Path, name: str) -> None:
    began, moved = tmp_path / "began", tmp_path / name
    assert zen("task=pipeline", QUICK, f"output_dir={began}").code == 0
    asked = read_json(began / "stages.json", "").content
    assert "arch=@/first" in asked["second"]
    assert str(tmp_path) not in str(asked)
    (began / "second" / "result.json").unlink()
    (began / "result.json").unlink()
    shutil.copytree(began, moved)  # As far as the copy is concerned, the same as if the other were gone.
    ended = zen("task=pipeline", QUICK, f"output_dir={moved}")
    assert ended.code == 0, ended.err
    assert "first: its result is there" in ended.out
    assert (moved / "second" / "result.json").exists()
    assert not (began / "second" / "result.json").exists()
    assert [run.arch for run in find_runs([moved]).runs if run.stage == "second"] == [f"{moved}/first"]
    assert 'href="first/report.html"' in (moved / "report.html").read_text()


def test_a_pipeline_is_continued_by_its_folder_alone(zen: Zen, tmp_path: Path) -> None:
    began, moved = tmp_path / "began", tmp_path / "moved"
    assert zen("task=pipeline", QUICK, f"output_dir={began}").code == 0
    (began / "second" / "result.json").unlink()
    (began / "result.json").unlink()
    began.rename(moved)
    ended = zen(f"resume={moved}")
    assert ended.code == 0, ended.err
    assert "first: its result is there" in ended.out
    assert (moved / "second" / "result.json").exists()
    assert (moved / "result.json").exists()
    assert not began.exists()


def test_a_stage_begins_when_those_that_it_names_are_done(tmp_path: Path) -> None:
    config = composed("task=pipeline")
    named = {"a": ["seed=1"], "b": ["arch=@a"], "c": ["arch=other"], "d": ["+from=[@b, @c/best_structure.txt]", "workers=2"]}
    config.stages = [{"name": name, "overrides": overrides} for name, overrides in named.items()]
    stages = read_stages(config, tmp_path, ["launcher.jobs=2", "launcher=joblib", "device=cpu"])
    assert [sorted(stage.needs) for stage in stages] == [[], ["a"], [], ["b", "c"]]
    assert stages[3].overrides == [f"+from=[{tmp_path}/b, {tmp_path}/c/best_structure.txt]", "workers=2", "device=cpu"]
    jobs = StageJobs(stages, tmp_path, logged=True)
    one, three = jobs.next(), jobs.next()
    assert one is not None
    assert three is not None
    assert (one.name, three.name, jobs.next()) == ("stage 1 of 4, a", "stage 3 of 4, c", None)
    _leave_result(one.folder)
    jobs.end(one, Ended(State.DONE))
    two = jobs.next()
    assert two is not None
    assert (two.name, two.overrides, jobs.next()) == ("stage 2 of 4, b", (f"arch={tmp_path}/a",), None)
    jobs.end(three, Ended(State.FAILED, error="no", code=3))
    _leave_result(two.folder)
    jobs.end(two, Ended(State.DONE))
    assert (jobs.next(), jobs.failed) == (None, Ended(State.FAILED, error="no", code=3))
    again = StageJobs(stages, tmp_path, logged=True)
    three = again.next()
    assert three is not None
    assert (three.name, again.next()) == ("stage 3 of 4, c", None)


def _leave_result(folder: str) -> None:
    Path(folder).mkdir()
    (Path(folder) / "result.json").write_text("{}")


def test_a_stage_that_fails_ends_the_rest(zen: Zen, tmp_path: Path) -> None:
    stages = "stages=[{name:one,overrides:['task=analyze','arch=nowhere.txt']},{name:two,overrides:['task=zoo']}]"
    ended = zen("task=pipeline", stages, f"output_dir={tmp_path}")
    assert ended.code == 2
    assert f"stage 1 of 2, one, ended with code 2; continue with resume={tmp_path}" in ended.err
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([], "has no stages"),
        ([{"name": "a"}], "expected a list of different names"),
        ([{"name": "a", "overrides": []}, {"name": "a", "overrides": []}], "expected a list of different names"),
        ([{"name": "a", "overrides": ["arch=@b"]}], "arch=@b names no stage before it"),
        ([{"name": "../a", "overrides": []}], r"name of a stage.*without /, \.\. and spaces"),
        ([{"name": "..", "overrides": []}], "name of a folder below"),
        ([{"name": "a/b", "overrides": []}], "name of a folder below"),
        ([{"name": "/a", "overrides": []}], "name of a folder below"),
        ([{"name": 1, "overrides": []}], "name of a folder below"),
        ([{"name": "a", "overrides": "seed=1"}], "each with a list of overrides"),
        (3, "expected a list of different names"),
    ],
)
def test_stages_that_cannot_be_read(stages: object, message: str) -> None:
    config = composed("task=pipeline")
    config.stages = stages
    with pytest.raises(UserError, match=message):
        read_stages(config, Path("/run"), [])


def test_not_in_a_sweep_of_hydras_own_launcher(zen: Zen, tmp_path: Path) -> None:
    hydras_own = ("hydra/launcher=basic", "hydra/sweeper=basic")
    ended = zen("-m", *hydras_own, "experiment=quickstart", "seed=1,2", f"output_dir={tmp_path}")
    assert (ended.code, "cannot be a job of Hydra's own launcher" in ended.err) == (2, True)
