"""The commands of a sweep's jobs."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig

from sweep_jobs import job
from zen_lightning.config import conf_dir, register
from zen_lightning.errors import UserError
from zen_lightning.launch.job import Job
from zen_lightning.launch.plan import plan_jobs, varying


def planned(
    folder: Path, *job_overrides: list[str], hydra: tuple[str, ...] = (), first: int = 0, directory: str | None = None
) -> list[Job]:
    register()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        config = compose("config", list(hydra), return_hydra_config=True)
        return plan_jobs(config, GlobalHydra.instance().config_loader(), job_overrides, first, folder, directory)


def test_a_job_is_a_command_with_a_folder_of_its_own(tmp_path: Path) -> None:
    before = HydraConfig.instance().cfg
    one, two = planned(tmp_path, ["launcher=joblib", "launcher.jobs=2", "seed=1"], ["seed=2", "start='A(1,2)/x'"], first=3)
    assert (one.number, one.folder, one.overrides) == (3, str(tmp_path / "3-seed=1"), ("seed=1",))
    assert one.arguments == ("seed=1", f"output_dir='{tmp_path}/3-seed=1'", "resume=auto")
    assert two.folder == str(tmp_path / "4-seed=2_start=A_1_2_x")
    assert HydraConfig.instance().cfg is before


def test_what_was_said_to_hydra_holds_for_every_job(tmp_path: Path) -> None:
    said = ("hydra.verbose=true", "hydra.sweep.subdir=run-${hydra.job.num}", "hydra.job.name=mine")
    (one,) = planned(tmp_path, ["seed=1"], hydra=said)
    assert one.folder == str(tmp_path / "run-0")
    assert one.arguments[:2] == ("hydra.verbose=true", "hydra.job.name=mine")


def test_jobs_run_where_the_sweep_was_begun(tmp_path: Path) -> None:
    assert planned(tmp_path, ["seed=1"])[0].directory == str(Path.cwd())
    assert planned(tmp_path, ["seed=1"], directory="/elsewhere")[0].directory == "/elsewhere"


def test_two_jobs_in_one_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"jobs 0 and 1 would both write to .*: put \$\{hydra.job.num\} into hydra.sweep.subdir"
    ):
        planned(tmp_path, ["seed=1"], ["seed=2"], hydra=("hydra.sweep.subdir=same",))


def test_jobs_are_named_by_what_sets_them_apart(tmp_path: Path) -> None:
    jobs = [job(tmp_path, 0, "a=1", "seed=1"), job(tmp_path, 1, "a=1", "seed=2")]
    assert varying(jobs) == {0: "seed=1", 1: "seed=2"}
    assert varying(jobs[:1]) == {0: "a=1 seed=1"}


@pytest.mark.parametrize("subdir", ["../elsewhere", "/elsewhere", "a/../../${hydra.job.num}", "${search.name}"])
def test_a_job_writes_below_its_sweep(tmp_path: Path, subdir: str) -> None:
    with pytest.raises(UserError, match="outside of the folder of its sweep"):
        planned(tmp_path, ["search.name=../../x", "seed=1"], hydra=(f"hydra.sweep.subdir='{subdir}'",))
