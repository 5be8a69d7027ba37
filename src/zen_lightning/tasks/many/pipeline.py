"""``task=pipeline``: several commands in a row, such as a search and the trainings of what it finds."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError
from zen_lightning.launch.command import config_folders, run_command
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_line import command_line, override_path
from zen_lightning.runs.names import STAGES
from zen_lightning.runs.overrides import last_value
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_json
from zen_lightning.system.numbers import score_text, short_count, short_time
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.debugging import debugged_keys
from zen_lightning.tasks.passing import read_by, task_named

_NOT_PASSED = ("experiment", "task", "stages", "output_dir", "resume")
_MACHINE = ("trainer", "workers", "device", "logger")
"""Keys that say where a stage runs, not what comes of it."""


class Stage(NamedTuple):
    """A command.

    Attributes:
        name: of the stage and of its folder.
        overrides: of the command, without the folder it writes to.
    """

    name: str
    overrides: list[str]


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Run the stages of the configuration, each as a command of its own, and show what came of them.

    A stage whose result is there is skipped; one that was stopped goes on. What else the command line says goes to every stage.

    Returns:
        0.

    Raises:
        UserError: the stages cannot be read, or the folder holds those of another command.
        SystemExit: a stage failed, with its code.
    """
    if command.sweep is not None:
        raise UserError("an experiment of several stages does not go with -m: start it once for each setting, with output_dir=")
    stages = read_stages(config, folder, list(command.overrides), command.folders)
    began = time.monotonic()
    done = _recorded(folder)
    for number, stage in enumerate(stages, start=1):
        asked = [override for override in stage.overrides if not is_machine(override)]
        if stage.name in done and done[stage.name] != asked:
            changed = sorted(set(done[stage.name]) ^ set(asked))
            raise UserError(
                f"{folder / stage.name} holds the stage as another command asked for it ({', '.join(changed)}): choose another "
                "output_dir"
            )
        if stage.name in done and (folder / stage.name / "result.json").exists():
            print(f"stage {number} of {len(stages)}, {stage.name}: its result is there", flush=True)
            continue
        done[stage.name] = asked
        write_json(folder / STAGES, done)
        _run_stage(stage, folder, f"stage {number} of {len(stages)}")
    results = {stage.name: json.loads((folder / stage.name / "result.json").read_text()) for stage in stages}
    result = {
        "task": "pipeline",
        "stages": {name: {"folder": name, **_gist(found)} for name, found in results.items()},
        "seconds": round(time.monotonic() - began, 3),
        "seed": config.seed,
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)
    _show(results, folder)
    return 0.0


def read_stages(config: DictConfig, folder: Path, overrides: list[str], folders: Sequence[Path] = ()) -> list[Stage]:
    """Return the stages of a configuration.

    Args:
        config: the composed configuration.
        folder: of the whole run.
        overrides: of the command line; they go to every stage, but for those that name this run. What ``debug=`` sets goes
            before what a stage says.

        folders: of configuration, beside the shipped one.

    Raises:
        UserError: a stage without a name or with one twice, or a reference to none before it.
    """
    passed = [override for override in overrides if override.lstrip("+").partition("=")[0] not in _NOT_PASSED]
    wanted = OmegaConf.to_container(config.stages, resolve=True) if OmegaConf.is_config(config.stages) else config.stages
    stages: list[Stage] = []
    debugged = debugged_keys(passed)
    for entry in wanted or []:
        if not isinstance(entry, dict) or set(entry) != {"name", "overrides"} or any(s.name == entry["name"] for s in stages):
            raise UserError(f"stages: expected a list of different names, each with overrides; got {entry!s}")
        known = {f"@{stage.name}": str(folder / stage.name) for stage in stages}
        own = [_placed(str(o), known) for o in entry["overrides"] if str(o).lstrip("+").partition("=")[0] not in debugged]
        task = task_named(last_value(own, "task") or "search", folders)
        stages.append(Stage(entry["name"], [*own, *read_by(task, passed)]))
    if not stages:
        raise UserError("task=pipeline has no stages: choose an experiment, such as experiment=quickstart")
    return stages


def _placed(override: str, known: dict[str, str]) -> str:
    key, equals, value = override.partition("=")
    if not value.startswith("@"):
        return override
    if value not in known:
        raise UserError(f"stages: {override} names no stage before it")
    return f"{key}{equals}{override_path(known[value])}"


def is_machine(override: str) -> bool:
    """Whether an override says where a command runs, and not what comes of it."""
    return override.lstrip("+").partition("=")[0].partition(".")[0] in _MACHINE


def _recorded(folder: Path) -> dict[str, list[str]]:
    path = folder / STAGES
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        raise UserError(f"{path} is damaged: choose another output_dir") from None


def _run_stage(stage: Stage, folder: Path, which: str) -> None:
    asked = [*config_folders(), *stage.overrides, f"output_dir={override_path(folder / stage.name)}", "resume=auto"]
    print(f"\n{which}, {stage.name}: {command_line(asked)}", flush=True)
    code = run_command(stage.overrides, folder / stage.name)
    if code != 0:
        print(
            f"{which}, {stage.name}, ended with code {code}; the same command goes on from there", file=sys.stderr, flush=True
        )
        raise SystemExit(code)
    if not (folder / stage.name / "result.json").exists():
        raise UserError(f"{folder / stage.name}: the stage left no result.json")


def _gist(result: dict[str, Any]) -> dict[str, Any]:
    keys = ("structure", "score", "val_top1", "val_top5", "params", "flops", "layers", "dataset", "epochs", "seconds")
    return {key: result[key] for key in keys if key in result}


def _show(results: dict[str, dict[str, Any]], folder: Path) -> None:
    table = Table("What came of it", ["stage", "params", "FLOPs", "score", "top-1", "time"])
    for name, result in results.items():
        table.add(
            name,
            short_count(result["params"]) if "params" in result else "",
            short_count(result["flops"]) if "flops" in result else "",
            score_text(result["score"]) if result.get("score") is not None else "",
            f"{result['val_top1']:.2f}%" if result.get("val_top1") is not None else "",
            short_time(result["seconds"]) if "seconds" in result else "",
        )
    print()
    table.print()
    print(f"in {folder}: {' '.join(results)} result.json")


@dataclass
class PipelineKeys:
    """The keys of ``task=pipeline``."""

    stages: Any = None


class Pipeline(Task[PipelineKeys]):
    """Runs several commands in a row, each in a folder of its own."""

    name = "pipeline"
    Keys = PipelineKeys
    files = ("result.json",)
    resumed_by_schedulers = True

    @classmethod
    def passes_on(cls, config: DictConfig, command: Command) -> list[type[Task[Any]]]:
        """Return the tasks of the stages."""
        stages = [entry for entry in config.stages or () if isinstance(entry, Mapping | DictConfig)]
        names = {last_value(map(str, entry.get("overrides") or ()), "task") or "search" for entry in stages}
        return [task_named(name, command.folders) for name in sorted(names)]

    def check(self, checks: Checks) -> None:
        """Note what its stages would refuse; what an earlier stage will find is taken for its start."""
        stages = checks.ask(
            "stages", lambda config: read_stages(config, self.folder, list(self.command.overrides), self.command.folders)
        )
        promised: dict[str, str] = {}
        for stage in stages or []:
            self._check_stage(checks, stage, promised)

    def run(self) -> float:
        """Run them; 0 is returned."""
        return run(self.config, self.folder, self.command)

    def _check_stage(self, checks: Checks, stage: Stage, promised: dict[str, str]) -> None:
        found = checks.problems.found
        before = len(found)
        place = self.folder / stage.name
        examined = checks.examine(stage.overrides, place, promised)
        found[before:] = [problem._replace(key=f"{stage.name}: {problem.key}") for problem in found[before:]]
        if examined is None:
            return
        checks.tell(f"stage {stage.name}", f"task={examined.config.task.name}")
        for heading, text in examined.summary:
            checks.tell(f"  {heading}", text)
        source = examined.config.get("arch")
        promised[str(place)] = promised.get(source.strip(), source) if isinstance(source, str) else str(examined.config.start)
