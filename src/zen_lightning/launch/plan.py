"""Commands for jobs: what a sweep, a tuning or a pipeline starts, each in a folder of its own."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from hydra.core.config_loader import ConfigLoader
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from zen_lightning.config.explain import explain_configuration, odd_configuration
from zen_lightning.errors import UserError
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_names import job_names
from zen_lightning.runs.command_line import override_path
from zen_lightning.runs.overrides import apart
from zen_lightning.runs.sweep_file import read_sweep

_OF_THE_SWEEP = ("launcher", "output_dir", "resume")
_COMMAND_LINE = "command-line"
"""Hydra's name for the source of configuration that ``--config-dir`` adds."""

_HYDRA_OF_THE_SWEEP = ("hydra.sweep", "hydra.sweeper", "hydra.launcher", "hydra/launcher", "hydra/sweeper", "hydra.mode")


def command_arguments(overrides: Sequence[str], folder: Path | str, options: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments of a command that writes to a folder, and continues what it left there before.

    Args:
        overrides: the overrides of the command, without the folder.
        folder: the folder of its run.
        options: the options of Hydra, such as :func:`config_options`.
    """
    return (*options, *overrides, f"output_dir={override_path(folder)}", "resume=auto")


def config_options(folders: Iterable[Path | str]) -> list[str]:
    """Return the options that name configuration folders besides the shipped one."""
    return [f"--config-dir={folder}" for folder in folders]


def plan_jobs(
    config: DictConfig,
    loader: ConfigLoader,
    job_overrides: Sequence[Sequence[str]],
    first: int,
    folder: Path,
    directory: str | None = None,
) -> list[Job]:
    """Return the jobs, after composing the configuration of each.

    Args:
        config: the configuration of the sweep.
        loader: the loader that composes.
        job_overrides: the overrides of each job.
        first: number of the first job.
        folder: the folder of the sweep, an absolute path.
        directory: the directory to run the jobs in; by default the working directory.

    Raises:
        UserError: two jobs have the same folder, or one has a folder outside of that of the sweep.
    """
    options = _options(config)
    jobs: dict[str, Job] = {}
    begun = _begun(folder)
    before = HydraConfig.instance().cfg
    planned = [[override for override in given if not _is_of(override, _OF_THE_SWEEP)] for given in job_overrides]
    try:
        for number, (overrides, name) in enumerate(zip(planned, job_names(planned), strict=True), start=first):
            subdir = _subdir(config, loader, overrides, number, name)
            place = str(folder / begun.get((number, *overrides), subdir))
            if not Path(os.path.normpath(place)).is_relative_to(os.path.normpath(folder)):
                what = f"job {number} would write to {place}, outside of the folder of its sweep"
                raise UserError(what, key="hydra.sweep.subdir", remedy="name a folder below it")
            if place in jobs:
                what = f"jobs {jobs[place].number} and {number} would both write to {place}"
                raise UserError(what, key="hydra.sweep.subdir", remedy="put ${hydra.job.num} into hydra.sweep.subdir")
            arguments = command_arguments(overrides, place, options)
            jobs[place] = Job(number, tuple(overrides), arguments, place, directory or os.getcwd())
    finally:
        HydraConfig.instance().cfg = before
    return list(jobs.values())


def composed_job(config: DictConfig, loader: ConfigLoader, overrides: Sequence[str]) -> DictConfig:
    """Return the configuration of a job.

    Args:
        config: the configuration of the sweep.
        loader: Hydra's.
        overrides: of the job.

    Raises:
        UserError: it cannot be composed; the error is about the values of this job.
    """
    try:
        return loader.load_sweep_config(config, list(overrides))
    except UserError:
        raise
    except Exception as error:  # Some keys below a value or null fail an assertion of OmegaConf.
        folders = [Path(folder) for folder in _config_folders(config)]
        raise explain_configuration(error, overrides, folders) or odd_configuration(error, overrides, folders) from error


def varying(jobs: Sequence[Job]) -> dict[int, str]:
    """Return what sets each job of a sweep apart: its overrides that not all of them have; all of a single job."""
    own = apart([job.overrides for job in jobs])
    return {job.number: " ".join(overrides) for job, overrides in zip(jobs, own, strict=True)}


def _begun(folder: Path) -> dict[tuple[int | str, ...], str]:
    """Return the folders that a sweep has given its jobs before: up to 0.1.0 they had other names."""
    before = read_sweep(folder)
    return {(job["job"], *job["overrides"]): str(job["folder"]) for job in before["jobs"]} if before else {}


def _subdir(config: DictConfig, loader: ConfigLoader, overrides: list[str], number: int, name: str) -> str:
    composed = composed_job(config, loader, overrides)
    with open_dict(composed):
        composed.hydra.job.id = number
        composed.hydra.job.num = number
        if not any(_is_of(override, ("hydra.job.name",)) for override in _said(config)):
            composed.hydra.job.name = name
    HydraConfig.instance().set_config(composed)
    return str(composed.hydra.sweep.subdir)


def _options(config: DictConfig) -> list[str]:
    """Return what the command line said to Hydra itself, and holds for every job."""
    said = [override for override in _said(config) if not _is_of(override, _HYDRA_OF_THE_SWEEP)]
    return [*config_options(_config_folders(config)), *said]


def _config_folders(config: DictConfig) -> list[str]:
    return [source.path for source in config.hydra.runtime.config_sources if source.provider == _COMMAND_LINE]


def _said(config: DictConfig) -> list[str]:
    overrides = OmegaConf.to_container(config.hydra.overrides.hydra, resolve=False)
    assert isinstance(overrides, list)
    return list(map(str, overrides))


def _is_of(override: str, keys: Sequence[str]) -> bool:
    key = override.lstrip("+~").partition("=")[0].partition("@")[0]
    return any(key == name or key.startswith(f"{name}.") for name in keys)
