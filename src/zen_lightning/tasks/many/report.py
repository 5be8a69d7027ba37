"""``task=report``: the reports of runs, built again from their folders."""

from dataclasses import dataclass

from omegaconf import DictConfig

from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.named_path import expanded
from zen_lightning.system.permission import check_writable
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import Texts
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.many.run_report import write_report


def runs_of(config: DictConfig) -> list[RunFolder]:
    """Return the runs of ``run=``; errors as for :func:`run`."""
    wanted = plain(config.run, resolve=False)
    names = [str(name) for name in (wanted if isinstance(wanted, list) else [wanted]) if name is not None]
    if not names:
        raise UserError("task=report needs run=", key="run", remedy="the folder of a run, or a list of them")
    runs = [RunFolder.read(expanded(name)) for name in names]
    for run in runs:
        check_writable(run.path, "run")
    return runs


@dataclass
class ReportKeys:
    """The keys of ``task=report``."""

    run: Texts | None = None


class Report(Task[ReportKeys]):
    """Builds the reports of runs again."""

    name = "report"
    Keys = ReportKeys
    files = (RESULT,)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and the runs."""
        runs = checks.ask("run", runs_of)
        if runs:
            checks.tell("reports of", ", ".join(str(run.path) for run in runs))

    def run(self) -> None:
        """Write ``report.html`` of the runs of ``run=`` again, and a ``result.json`` that names them.

        Raises:
            UserError: ``run`` is missing, or names a folder without a finished run.
        """
        paths = [write_report(run.path, folders=self.command.folders) for run in runs_of(self.config)]
        for path in paths:
            print(f"report: {short_path(path)} ({path.stat().st_size / 1000:,.0f} kB)")
        self.leave({"reports": [str(path.absolute()) for path in paths]})
