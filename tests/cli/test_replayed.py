"""Files of a folder that somebody else wrote: what ``resume=`` replays of them runs nothing of theirs."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.cli.arguments import prepare
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import quoted
from zen_lightning.runs.sweep_file import SWEEP

TOUCH = [
    "search=zen",
    "budget=params1M",
    "proxy._target_=os.system",
    "+proxy.command='touch PWNED'",
    "~proxy.resolution",
    "~proxy.bn_variance",
    "~proxy.gamma",
]
PROXY = "from pathlib import Path\nfrom zen_lightning.proxy.closed_form import ZenClosedForm\nPath('PWNED').touch()\n"
COUNT = """
from dataclasses import dataclass
from zen_lightning.tasks.base import Task

@dataclass
class CountKeys:
    table: object = None

class Count(Task[CountKeys]):
    name = "count"
    Keys = CountKeys

    def run(self) -> float:
        return 0.0
"""
HOSTILE = [
    "proxy._target_=os.system",
    "++proxy._target_=os.system",
    "proxy={_target_:os.system,command:'touch PWNED'}",
    "search.rerank={_target_:os.system}",
    "task._target_=evil.Task",
    "task.run=os.system",
    "budget.own={x:{_target_:evil.Limit,maximum:1}}",
    "proxies=[zen,{name:zen,_target_:evil.Proxy}]",
    "proxy._target_=${dataset.root}",
    "proxy._target_=zen_lightning.x,os.system",
    "+proxy.command='touch PWNED'",
    "~proxy.resolution",
    "hydra.sweeper._target_=os.system",
    "hydra.searchpath=[file:///evil]",
    "hydra/launcher=evil",
    "hydra.sweep.subdir=../../x",
    "+proxy@hydra.launcher=zen",
    "logger@hydra.callbacks=csv",
    "hydra.output_subdir=null",
    "--config-dir=/evil",
    "--config-path=/evil",
    "-cd=/evil",
    "--experimental-rerun=evil.pickle",
    "arch='${oc.env:HOME}'",
    "arch=${oc.env:HOME}",
    "arch=x(${oc.env:HOME}",
    r"dataset.root=$\{oc.env:HOME\}",
    "dataset.root=a/${oc.decode:${arch}}",
    "search={name:'${oc.env:HOME}'}",
    "experiment=../../evil",
    "proxy=/evil/proxy",
    "proxy=zen,../evil",
    "logger=[csv,../evil]",
    "task=../evil",
    "local=../evil",
    "of_a_search_path=../evil",
    "of_a_search_path=[a,/evil]",
    "tune.overrides=['local=../evil']",
    "tune.space={local:['../evil',b]}",
    "stages=[{name:one,overrides:['local=../evil']}]",
    "proxy@search.rerank=../evil",
    "launcher.parameters={slurm_setup:['touch PWNED']}",
    "trust=/",
    "resume=/evil",
    "stages=[{name:one,overrides:['proxy._target_=os.system']}]",
    "stages=[{name:one,overrides:['--config-dir=/evil']}]",
    "stages=[{name:one,overrides:['+proxy.command=x']}]",
    "stages=[{name:one,overrides:['hydra.searchpath=[x]']}]",
    r"stages=[{name:one,overrides:['arch=$\{oc.env:HOME\}']}]",
    "tune.overrides=['task._target_=evil.Task']",
    "tune.space={proxy._target_:[os.system,evil.Proxy]}",
    "tune.space.proxy._target_=[os.system,evil.Proxy]",
    "tune.space={proxy:[zen,'../evil']}",
    "tune.space={hydra:{searchpath:[a,b]}}",
    "logger.wandb.entity=evil",
    "logger.mlflow.tracking_uri='http://evil'",
    "logger={mlflow:{tracking_uri:'http://evil'}}",
    "logger.mlflow={tracking_uri:'file:///evil'}",
    "stages=[{name:one,overrides:['logger.wandb.entity=evil']}]",
    "tune.overrides=['logger.wandb.entity=evil']",
    "tune.space={logger.wandb.entity:[evil,worse]}",
    "tune.space={logger:{wandb:{entity:[evil,worse]}}}",
    "tune.space.imports=[evil,json]",
    "tune.space={imports:[evil,json]}",
    "tune={space:{imports:[evil,json]}}",
    "tune.overrides=${start}",
    "tune.space=${start}",
    "stages=${arch}",
    "stages=[{name:one,overrides:[${arch}]}]",
    "imports@x=evil",
    "imports.a=evil",
    "proxy._target_@x=os.system",
    "proxy._target_ =os.system",
    "HYDRA.launcher=x",
    "launcher={parameters:{slurm_setup:[theirs/evil.sh]}}",
    "stages=[{name:one,overrides:{launcher:{parameters:{slurm_setup:['touch PWNED']}}}}]",
    "stages=[{name:one,overrides:['launcher={parameters:{slurm_setup:[x]}}']}]",
    "tune.space={launcher:{parameters:{slurm_setup:[a,b]}}}",
    "tune.space.launcher.parameters.slurm_setup=[a,b]",
    "output=${column}",
    "teacher.model=${column}",
    "hydra.sweep.subdir=str(/x)",
    "hydra.sweep.subdir='a\n/../../x'",
    "hydra.sweep.subdir=~/x",
    "output=/evil/profile.json",
    "output='~/profile.json'",
    "output=../profile.json",
    "stages=[{name:one,overrides:['output=/evil/x.json']}]",
    "teacher.model='hf-hub:evil/model'",
]
HARMLESS = [
    "arch='SuperConvK3BNRELU(3,8,1,1)'",
    "proxy=naswot",
    "proxy._target_=zen_lightning.proxy.naswot.NasWot",
    "dataset.root='/my/images of it'",
    "weights=../weights.pth",
    "logger=[csv,tensorboard]",
    "proxies=[zen,{name:naswot,batch_size:32}]",
    "latency.batch_size=[1,8]",
    "logger.wandb.project=mine",
    "logger.wandb.entity=null",
    "logger.wandb.tags=[a,b]",
    "output=profiles/mine.json",
    "teacher.model=resnet50.a1_in1k",
    "recipe.lr=${recipe.decay}",
    "tune.space={recipe.lr:{low:0.01,high:0.5,log:true},proxy:[zen,naswot]}",
    "stages=[{name:one,overrides:['task=search',seed=1]},{name:two,overrides:['task=train','arch=@one']}]",
    "stages=[{name:one,overrides:['task=analyze','arch=../../data/net.txt']}]",
    "stages=[{name:one,overrides:['task=analyze','arch=/data/net.txt',output=one.json]}]",
    "tune.overrides=['dataset.root=/data/images']",
    "tune.space={arch:[../a.txt,/data/b.txt]}",
    "column=/a/../b",
    "metrics=[/a,b/../c]",
    "of_a_task_of_ones_own={file:/data/x.csv}",
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a folder of somebody else in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").mkdir()
    return tmp_path


def record(*overrides: str, **more: object) -> Path:
    path = Path("theirs")
    (path / "command.json").write_text(json.dumps({"overrides": overrides, **more}))
    return path


@pytest.mark.parametrize("override", HOSTILE)
def test_a_record_chooses_no_code(here: Path, override: str) -> None:
    record("task=search", override)
    with pytest.raises(UserError, match=r"(?s)theirs/command\.json holds .*trust=theirs"):
        prepare(["resume=theirs"])
    (here / "theirs" / SWEEP).write_text(json.dumps({"command": ["-m", "seed=1,2", override], "jobs": []}))
    with pytest.raises(UserError, match=r"(?s)theirs/sweep\.json holds .*trust=theirs"):
        prepare(["resume=theirs"])


@pytest.mark.parametrize(
    "override", ["tricks=../../evil", "tune.space={tricks:[../../evil,b]}", "tune.overrides=['tricks=/evil']"]
)
def test_a_record_chooses_no_file_outside_for_a_group_of_ones_own(here: Path, override: str) -> None:
    (here / "mine" / "tricks").mkdir(parents=True)
    record("task=search", override)
    with pytest.raises(UserError, match=r"theirs/command\.json holds .*a YAML outside of the configuration"):
        prepare(["resume=theirs", "--config-dir=mine"])
    record("task=search", "tricks=good")
    assert prepare(["resume=theirs", "--config-dir=mine"])


@pytest.mark.parametrize("override", ["table=/data/x.csv", "table=[a/../b,/c]"])
def test_a_task_of_ones_own_goes_on_with_paths_as_its_values(
    here: Path, monkeypatch: pytest.MonkeyPatch, override: str
) -> None:
    monkeypatch.syspath_prepend(here)
    (here / "my_counting_tasks.py").write_text(COUNT)
    (here / "mine" / "task").mkdir(parents=True)
    (here / "mine" / "task" / "broken.yaml").write_text("{")
    (here / "mine" / "task" / "count.yaml").write_text(
        "# @package _global_\ntask: {name: count, _target_: my_counting_tasks.Count}\ntable: x.csv\n"
    )
    record("task=count", override)
    assert override in prepare(["resume=theirs", "--config-dir=mine"])
    (here / "mine" / "table").mkdir()
    with pytest.raises(UserError, match="a YAML outside of the configuration"):
        prepare(["resume=theirs", "--config-dir=mine"])


@pytest.mark.parametrize("override", HARMLESS)
def test_data_is_replayed(here: Path, override: str) -> None:
    (here / "theirs" / SWEEP).write_text(json.dumps({"command": ["-m", "seed=1,2", override], "jobs": []}))
    assert override in prepare(["resume=theirs"])


def test_a_record_replaces_no_file_but_a_profile(here: Path) -> None:
    record("task=profile", "device=phone", "output=mine.json")
    assert "output=mine.json" in prepare(["resume=theirs"])
    (here / "mine.json").write_text('{"mine": 1}')
    with pytest.raises(UserError, match=r"mine\.json, which is there and is no latency profile, would be replaced"):
        prepare(["resume=theirs"])
    assert prepare(["resume=theirs", "output=mine.json"])
    (here / "mine.json").write_text('{\n"zen_lightning_latency_profile": 2}')
    assert prepare(["resume=theirs"])


def test_a_sweep_writes_no_file_where_only_its_record_says_it_runs(here: Path) -> None:
    (here / "own").mkdir()
    content = {"command": ["-m", "seed=1,2", "output=x.json"], "jobs": [], "directory": str(here / "own")}
    (here / "theirs" / SWEEP).write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"own/x\.json, outside of the working directory, would be written"):
        prepare(["resume=theirs"])
    (here / "theirs" / SWEEP).write_text(json.dumps(content | {"directory": str(here)}))
    assert prepare(["resume=theirs"])


def test_what_is_said_again_or_trusted_is_taken(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, added = "proxy._target_=mine.Proxy", "+proxy.depth=3"
    record("task=search", mine, added, "seed=4")
    for refused in ([], [mine], [added]):
        with pytest.raises(UserError, match="theirs"):
            prepare(["resume=theirs", *refused])
    again = prepare(["resume=theirs", mine, added])
    assert (again.count(mine), again.count(added), "seed=4" in again) == (1, 1, True)
    other = prepare(["resume=theirs", "proxy._target_=mine.Other", added])
    assert (mine in other, "proxy._target_=mine.Other" in other) == (False, True)
    capsys.readouterr()
    for folder in ("theirs", "."):
        trusted = prepare(["resume=theirs", f"trust={folder}"])
        assert {mine, added} <= set(trusted)
        assert not any(argument.startswith("trust=") for argument in trusted)
        assert "taken from command.json: proxy._target_=mine.Proxy (mine.Proxy would be" in capsys.readouterr().err
    (here / "mine").mkdir()
    with pytest.raises(UserError, match="theirs"):
        prepare(["resume=theirs", "trust=mine"])
    with pytest.raises(UserError, match="trust=nowhere: there is no such folder"):
        prepare(["resume=theirs", "trust=nowhere"])


def test_folders_of_configuration_of_a_sweep_are_named_again(here: Path) -> None:
    content = {"command": ["--config-dir", "conf", "-m", "seed=1,2"], "directory": str(here), "jobs": []}
    (here / "theirs" / SWEEP).write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"sweep\.json holds --config-dir .*conf: the YAML files"):
        prepare(["resume=theirs"])
    assert "--config-dir=conf" in prepare(["resume=theirs", "--config-dir=conf"])
    with pytest.raises(UserError, match="theirs"):
        prepare(["resume=theirs", "--config-dir=other"])


def test_nothing_is_touched_on_the_command_line(zen: Zen, here: Path) -> None:
    record(*TOUCH)
    for more in ([], ["task=validate"], ["trust=theirs"], ["trust=theirs", "task=validate"]):
        ended = zen("resume=theirs", *more)
        assert ended.code in (1, 2)
        assert ("os.system" in ended.err + ended.out, (here / "PWNED").exists()) == (True, False)
    assert zen(*TOUCH, "output_dir=mine").code == 2
    (here / "theirs" / SWEEP).write_text(json.dumps({"command": ["-m", *TOUCH, "seed=1,2"], "jobs": []}))
    assert zen("resume=theirs").code == 2
    assert zen("resume=theirs", "task=validate").code == 1
    assert not (here / "PWNED").exists()


def test_resume_auto_below_outputs_touches_nothing(zen: Zen, here: Path) -> None:
    place = here / "outputs" / "search" / "theirs"
    place.mkdir(parents=True)
    (place / "command.json").write_text(json.dumps({"overrides": TOUCH, "asked": ["seed=7"]}))
    for more in ([], ["task=validate"]):
        ended = zen("seed=7", "resume=auto", *more)
        assert ended.code in (1, 2)
        assert "command.json holds proxy._target_=os.system" in ended.err + ended.out
    assert not (here / "PWNED").exists()


def test_a_module_is_not_imported_for_a_record(zen: Zen, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(here)
    (here / "their_proxy.py").write_text(PROXY)
    record("search=zen", "budget=params1M", "proxy._target_=their_proxy.ZenClosedForm")
    for more in ([], ["task=validate"]):
        assert zen("resume=theirs", *more).code in (1, 2)
    assert not (here / "PWNED").exists()


def test_the_stages_of_somebody_else_touch_nothing(zen: Zen, here: Path) -> None:
    stage = here / "theirs" / "one"
    stage.mkdir()
    record("task=pipeline", "stages=[{name:one,overrides:[seed=7,search.iterations=5]}]")
    (stage.parent / "stages.json").write_text(json.dumps({"one": ["seed=7", "search.iterations=5"]}))
    (stage / "command.json").write_text(json.dumps({"overrides": TOUCH, "asked": ["search.iterations=5", "seed=7"]}))
    ended = zen("resume=theirs")
    assert ended.code == 2, ended.err
    assert not list(here.rglob("PWNED"))


def test_a_proxy_of_ones_own_goes_on_with_its_folder_of_configuration(
    zen: Zen, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(here)
    (here / "my_own_proxy.py").write_text(
        "from zen_lightning.proxy.closed_form import ZenClosedForm\nclass Mine(ZenClosedForm):\n    name = 'mine'\n"
    )
    (here / "conf" / "proxy").mkdir(parents=True)
    (here / "conf" / "proxy" / "mine.yaml").write_text("_target_: my_own_proxy.Mine\nresolution: ${resolution}\n")
    small = ("proxy=mine", "search.iterations=20", "search.population_size=4", "budget=params1M", "search=evolution")
    began = zen("--config-dir=conf", *small, "output_dir=run")
    assert began.code == 0, began.err
    os.remove(here / "run" / "result.json")
    again = zen("resume=run", "--config-dir=conf")
    assert again.code == 0, again.err
    assert "Choose one of" in zen("resume=run").err


@pytest.mark.parametrize(
    "name", ["a;touch PWNED", "a$(touch PWNED)", "a`touch PWNED`", "a'b;touch PWNED;'", "a\ntouch PWNED\n"]
)
def test_what_is_suggested_runs_nothing_of_a_folders_name(here: Path, name: str) -> None:
    """The words that a sentence says to type are pasted into a shell."""
    folder = here / name
    folder.mkdir()
    (folder / "command.json").write_text(json.dumps({"overrides": ["imports=evil"]}))
    with pytest.raises(UserError) as record:
        prepare([f"resume={quoted(str(folder))}"])
    (folder / "command.json").write_text(json.dumps({"overrides": ["task=search"]}))
    (folder / "journal").symlink_to("/")
    with pytest.raises(UserError) as link:
        prepare([f"resume={quoted(str(folder))}"])
    for error in (record, link):
        typed = str(error.value).rpartition("with ")[2]
        subprocess.run(["sh", "-c", f"printf '%s' {typed} > typed"], cwd=here, check=True)
        assert (here / "typed").read_text() == f"trust={folder}"
    assert not (here / "PWNED").exists()
