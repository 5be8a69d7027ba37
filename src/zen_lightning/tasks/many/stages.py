"""The stages of a pipeline: read from its configuration, and handed out as jobs."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig

from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError, as_yaml, shortened
from zen_lightning.launch.job import LOG, Job
from zen_lightning.launch.job_record import Ended, State, forget_done
from zen_lightning.launch.plan import command_arguments
from zen_lightning.runs.command_line import command_line, override_path, resuming
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.overrides import Override, last_value, without
from zen_lightning.runs.stages_file import portable, read_stages_asked, write_stages_asked
from zen_lightning.system.numbers import short_time
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.debugging import debugged_keys
from zen_lightning.tasks.passing import read_by, task_named

_NOT_PASSED = ("experiment", "task", "stages", "output_dir", "resume", "launcher")
_MACHINE = ("trainer", "workers", "device", "logger", "launcher")
"""Keys that say where a stage runs, not what comes of it."""

_NAME = re.compile(r"[^\s./\\,@\]][^\s/\\,\]]*")
"""The name of a stage: one part of a path, below the pipeline's folder, that a reference can end with."""

_REFERENCE = re.compile(r"(?<=[=\[,])(\s*)@([^\s,\]/]+)(/[^\s,\]]*)?")
"""A stage before, or a file of it, as a value or in a list of values."""


class Stage(NamedTuple):
    """A command.

    Attributes:
        name: the name of the stage and of its folder.
        overrides: the overrides of the command, without the folder it writes to.
        needs: the names of the stages whose folders its overrides name: it begins when they are done.
        kept: what the command line says and the stage does not read.
    """

    name: str
    overrides: list[str]
    needs: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


def read_stages(config: DictConfig, folder: Path, overrides: list[str], folders: Sequence[Path] = ()) -> list[Stage]:
    """Return the stages of a configuration.

    Args:
        config: the composed configuration.
        folder: the folder of the whole run.
        overrides: the overrides of the command line, passed on to the stages. What ``debug=`` sets overrides what a stage says.
        folders: the configuration folders that are searched besides the shipped one.

    Raises:
        UserError: a stage without a name, with one twice or with one that is no name of a folder, or a reference to none
            before it.
    """
    wanted = plain(config.stages) or []
    stages: list[Stage] = []
    debugged = debugged_keys(overrides, folders)
    for entry in wanted if isinstance(wanted, list) else [wanted]:
        is_stage = isinstance(entry, dict) and set(entry) == {"name", "overrides"} and isinstance(entry["overrides"], list)
        if not is_stage or any(stage.name == entry["name"] for stage in stages):
            expected = f"a list of different names, each with a list of overrides; got {shortened(as_yaml(entry))}"
            raise UserError("stages", key="stages", expected=expected)
        if not isinstance(entry["name"], str) or not _NAME.fullmatch(entry["name"]):
            expected = "the name of a folder below that of the pipeline, without /, .. and spaces"
            raise UserError("the name of a stage", key="stages", value=entry["name"], expected=expected)
        known = {stage.name: folder / stage.name for stage in stages}
        said = [str(override) for override in entry["overrides"]]
        placed = [_placed(override, known) for override in said if Override.parse(override).key not in debugged]
        needs = frozenset[str]().union(*(names for _, names in placed))
        passed = passed_to(task_named(last_value(said, "task") or "search", folders), overrides)
        own = [*(text for text, _ in placed), *passed]
        stages.append(Stage(entry["name"], own, needs, frozenset(overrides) - frozenset(passed)))
    if not stages:
        remedy = "choose an experiment, such as experiment=quickstart"
        raise UserError("task=pipeline has no stages", key="stages", remedy=remedy)
    return stages


def passed_to(task: type[Task[Any]], overrides: Sequence[str]) -> list[str]:
    """Return what the command line of a pipeline says to a stage that runs ``task``."""
    return read_by(task, without(overrides, *_NOT_PASSED))


def is_machine(override: str) -> bool:
    """Whether an override says where a command runs, and not what comes of it."""
    return Override.parse(override).root in _MACHINE


class StageJobs:
    """Hands out stages as jobs, each when those that it needs are done. After one that fails, none begins.

    Args:
        stages: the stages, in their order.
        folder: the folder of the pipeline; a stage whose result is there is not run again.
        logged: whether what stages print goes to files of theirs.
        options: the options of Hydra, for each of them.

    Attributes:
        folder: as above.
        failed: how the first stage ended that is not done; None where there is none.

    Raises:
        UserError: the folder holds the stages of another command.
    """

    def __init__(self, stages: Sequence[Stage], folder: Path, logged: bool, options: Sequence[str] = ()) -> None:
        self.failed: Ended | None = None
        self._stages = stages
        self.folder = folder
        self._logged = logged
        self._options = options
        self._waiting = list(range(len(stages)))
        self._running: set[int] = set()
        self._done: set[str] = set()
        self._asked = read_stages_asked(folder)
        for stage in stages:
            # Earlier releases passed everything on, also what a stage does not read.
            before = [override for override in self._asked.get(stage.name, stage.overrides) if override not in stage.kept]
            changed = {tuple(portable(_asked(overrides), folder)) for overrides in (before, stage.overrides)}
            if len(changed) > 1:
                differing = ", ".join(sorted(set.symmetric_difference(*map(set, changed))))
                what = f"{folder / stage.name} holds the stage as another command asked for it ({differing})"
                raise UserError(what, key="output_dir", remedy="choose another output_dir")

    def next(self) -> Job | None:
        """Return the next stage that can begin; None where there is none, or none before another has ended."""
        for number in [] if self.failed else list(self._waiting):
            stage = self._stages[number]
            if not stage.needs <= self._done:
                continue
            self._waiting.remove(number)
            if stage.name not in self._asked or not self._result(stage).exists():
                self._running.add(number)
                return self._job(number, stage)
            print(f"{self._title(number)}: its result is there", flush=True)
            self._done.add(stage.name)
        return None

    def end(self, job: Job, ended: Ended) -> None:
        """Note how a stage ended, and say so where it failed."""
        stage = self._stages[job.number]
        self._running.discard(job.number)
        if ended.state == State.DONE and self._result(stage).exists():
            self._done.add(stage.name)
            if self._logged:
                print(f"{job.name}: done in {short_time(ended.seconds)}", flush=True)
            return
        if ended.state == State.DONE:
            ended = Ended(State.FAILED, error=f"it left no {RESULT}", code=2)
        self.failed = self.failed or ended
        why = f" ({ended.error}; see {Path(job.folder) / LOG})" if self._logged else ""
        others = ", ".join(map(self._title, sorted(self._running)))
        waits = f"; waiting for {others}" if others else ""
        again = resuming(self.folder)
        print(f"{job.name}, ended with code {ended.code}{why}; continue with {again}{waits}", file=sys.stderr)

    def _job(self, number: int, stage: Stage) -> Job:
        asked = _asked(stage.overrides)
        self._asked[stage.name] = list(asked)
        write_stages_asked(self.folder, self._asked)
        place = self.folder / stage.name
        forget_done(place)
        arguments = command_arguments(stage.overrides, place, self._options)
        print(f"\n{self._title(number)}: {command_line(arguments)}", flush=True)
        return Job(number, asked, arguments, str(place), os.getcwd(), self._title(number))

    def _title(self, number: int) -> str:
        return f"stage {number + 1} of {len(self._stages)}, {self._stages[number].name}"

    def _result(self, stage: Stage) -> Path:
        return self.folder / stage.name / RESULT


def _asked(overrides: Sequence[str]) -> tuple[str, ...]:
    return tuple(without(overrides, *_MACHINE))


def _placed(override: str, known: Mapping[str, Path]) -> tuple[str, set[str]]:
    """Return an override with the folders of the stages that it names, and the names of these."""
    found = _REFERENCE.findall(override)
    unknown = [name for _, name, _ in found if name not in known]
    if unknown:
        raise UserError(f"stages: {override} names no stage before it", key="stages")
    placed = _REFERENCE.sub(lambda match: match[1] + override_path(f"{known[match[2]]}{match[3] or ''}"), override)
    return placed, {name for _, name, _ in found}
