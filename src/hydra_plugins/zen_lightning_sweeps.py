"""What Hydra calls for a sweep, ``-m``: the grid of jobs, and their launcher. Hydra finds plugins in this package alone.

Hydra imports it for every command, so that what runs jobs is imported for a sweep alone.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

if TYPE_CHECKING:
    from zen_lightning.launch.sweep_record import SweepRecord

_SOME_NOT_DONE = 1


class JobFailedError(RuntimeError):
    """A job of a sweep is not done; the message is its reason."""


class SweepLauncher(Launcher):
    """Runs the jobs of a sweep where ``launcher=`` says, each a command of its own in a folder of its own.

    A job that is not done does not stop others: its :class:`hydra.core.utils.JobReturn` raises where its value is asked for.

    Attributes:
        record: of the sweep so far.
    """

    record: "SweepRecord"

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Make what runs the jobs.

        Raises:
            UserError: the launcher is not configured as it can be.
            MissingExtraError: what it needs is not installed.
        """
        from zen_lightning.launch.backend import make_backend
        from zen_lightning.launch.sweep_record import SweepRecord

        self.config = config
        self.hydra_context = hydra_context
        self._backend = make_backend(config)
        command = [argument for argument in sys.argv[1:] if not argument.startswith("hydra.sweep.dir=")]
        self.record = SweepRecord(Path(config.hydra.sweep.dir).absolute(), command)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run jobs.

        Args:
            job_overrides: of each.
            initial_job_idx: number of the first.
        """
        from zen_lightning.launch.job_record import State
        from zen_lightning.launch.plan import plan_jobs
        from zen_lightning.launch.sweep import run_jobs

        setup_globals()
        loader = self.hydra_context.config_loader
        jobs = plan_jobs(self.config, loader, job_overrides, initial_job_idx, self.record.folder, self.record.directory)
        returns = []
        for job, ended in zip(jobs, run_jobs(jobs, self._backend, self.record), strict=True):
            done = ended.state == State.DONE
            returned = JobReturn(overrides=job.overrides, working_dir=job.folder, task_name=self.config.hydra.job.name)
            returned.status = JobStatus.COMPLETED if done else JobStatus.FAILED
            returned.return_value = ended.objective if done else JobFailedError(f"job {job.number}: {ended.error}")
            returns.append(returned)
        return returns


class GridSweeper(BasicSweeper):
    """Every combination of the values given, as Hydra's own sweeper; every configuration is composed before a job starts."""

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Compose the configuration of each job; what is wrong with one is said with its own values.

        Args:
            batch: the overrides of each job.

        Raises:
            UserError: a job cannot be composed.
        """
        from zen_lightning.launch.plan import composed_job

        assert self.config is not None
        assert self.hydra_context is not None
        for overrides in batch:
            composed_job(self.config, self.hydra_context.config_loader, overrides)

    def sweep(self, arguments: list[str]) -> Any:
        """Run the jobs, and show how that went.

        Args:
            arguments: the overrides of the command line.

        Raises:
            SystemExit: a job is not done.
        """
        from zen_lightning.launch.sweep import explaining_full_disk, show_summary

        assert self.config is not None
        assert self.launcher is not None
        assert self.hydra_context is not None
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        overrides = parser.parse_overrides([*self._parse_config(), *arguments])
        batches = self.split_arguments(overrides, self.max_batch_size)
        for batch in batches:
            self.validate_batch_is_legal(batch)
        folder = Path(self.config.hydra.sweep.dir)
        with explaining_full_disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            OmegaConf.save(self.config, folder / "multirun.yaml")
        returns: list[Sequence[JobReturn]] = []
        for batch in batches:
            returns.append(self.launcher.launch(batch, initial_job_idx=sum(map(len, returns))))
        if isinstance(self.launcher, SweepLauncher) and not show_summary(self.launcher.record):
            raise SystemExit(_SOME_NOT_DONE)
        return returns
