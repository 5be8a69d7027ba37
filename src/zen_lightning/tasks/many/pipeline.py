"""``task=pipeline``: commands that build on each other, such as a search and the trainings of what it finds."""

import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.budget import COUNTED, FlopsLimit, ParamsLimit
from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError
from zen_lightning.launch.backend import Backend, make_backend
from zen_lightning.launch.plan import config_options
from zen_lightning.report.costs import cost_cells
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.overrides import last_value
from zen_lightning.runs.result import read_result
from zen_lightning.system.numbers import score_text, short_time
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import Stages
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.many.stages import Stage, StageJobs, read_stages
from zen_lightning.tasks.passing import task_named


def run_stages(jobs: StageJobs, backend: Backend) -> None:
    """Run those stages whose results are not there; errors as for :meth:`Pipeline.run`."""
    try:
        with closing(backend.run(jobs.next, print)) as running:
            for job, ended in running:
                jobs.end(job, ended)
    except KeyboardInterrupt:
        print(f"\nstopped: continue with {resuming(jobs.folder)}", file=sys.stderr)
        raise
    if jobs.failed is not None:
        raise SystemExit(jobs.failed.code or 1)


def _gist(result: dict[str, Any]) -> dict[str, Any]:
    costs = (kind.column for kind in COUNTED)
    keys = ("structure", "score", "val_top1", "val_top5", *costs, "resolution", "dataset", "epochs", "seconds")
    return {key: result[key] for key in keys if key in result}


def _show(results: dict[str, dict[str, Any]], folder: Path) -> None:
    table = Table("Results of the stages", ["stage", "px", "params", "FLOPs", "score", "top-1", "time"])
    for name, result in results.items():
        table.add(
            name,
            result.get("resolution", ""),
            *cost_cells(result, (ParamsLimit, FlopsLimit)),
            score_text(result["score"]) if result.get("score") is not None else "",
            f"{result['val_top1']:.2f}%" if result.get("val_top1") is not None else "",
            short_time(result["seconds"]) if "seconds" in result else "",
        )
    print()
    table.print()
    print(f"in {short_path(folder)}: {' '.join(results)} {RESULT}")


@dataclass
class PipelineKeys:
    """The keys of ``task=pipeline``."""

    stages: Stages | None = None


class Pipeline(Task[PipelineKeys]):
    """Runs commands that build on each other, each in a folder of its own."""

    name = "pipeline"
    Keys = PipelineKeys
    files = (RESULT,)
    sections = ("other_tasks.stages",)
    resumed_by_schedulers = True

    @classmethod
    def passes_on(cls, config: DictConfig, command: Command) -> list[type[Task[Any]]]:
        """Return the tasks of the stages."""
        stages = [entry for entry in config.stages or () if isinstance(entry, Mapping | DictConfig)]
        asked = [plain(entry.get("overrides")) for entry in stages]
        names = {last_value(map(str, one), "task") or "search" for one in asked if isinstance(one, list)}
        return [task_named(name, command.folders) for name in sorted(names)]

    def check(self, checks: Checks) -> None:
        """Note what its stages would refuse; what an earlier stage will find is taken for its start."""
        checks.ask("launcher", make_backend)
        said, folders = list(self.command.overrides), self.command.folders
        stages = checks.ask("stages", lambda config: read_stages(config, self.folder, said, folders))
        promised: dict[str, str] = {}
        for stage in stages or []:
            self._check_stage(checks, stage, promised)

    def run(self) -> float:
        """Run the stages of the configuration, each as a command of its own, and show their results.

        A stage begins when those whose folders it names are done; ``launcher=`` says where stages run, and how many at a time.
        One whose result is there is skipped; one that was stopped goes on.

        Returns:
            0.

        Raises:
            UserError: the stages cannot be read, or the folder holds those of another command.
            SystemExit: a stage failed, with its code.
        """
        if self.command.sweep is not None:
            raise UserError(
                "an experiment of several stages cannot be a job of Hydra's own launcher",
                remedy="leave hydra/launcher and hydra/sweeper out, or start it once for each setting, with output_dir=",
            )
        stages = read_stages(self.config, self.folder, list(self.command.overrides), self.command.folders)
        backend = make_backend(self.config)
        jobs = StageJobs(stages, self.folder, backend.logged, config_options(self.command.folders))
        write_record(self.folder, list(self.command.overrides))
        run_stages(jobs, backend)
        results = {stage.name: read_result(self.folder / stage.name, "output_dir") for stage in stages}
        self.leave(
            {
                "stages": {name: {"folder": name, **_gist(found)} for name, found in results.items()},
            }
        )
        _show(results, self.folder)
        return 0.0

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
