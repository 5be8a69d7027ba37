"""Memory that control groups leave to a process."""

from pathlib import Path

import pytest

from zen_lightning.system.memory_group import free_in_groups

MEGABYTE = 2**20


def _group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"memory.{name}").write_text(f"{content}\n")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_the_tightest_group_above_a_process_in_version_2(tmp_path: Path, own: Path) -> None:
    own.write_text("0::/slurm/job_7/step_0\n")
    mount = tmp_path / "mount"
    _group(mount, stat="inactive_file 0")
    _group(mount / "slurm", max="max", current="5")
    taken = {"current": f"{300 * MEGABYTE}", "stat": f"anon 1\ninactive_file {100 * MEGABYTE}"}
    _group(mount / "slurm" / "job_7", max=f"{1000 * MEGABYTE}", **taken)
    _group(mount / "slurm" / "job_7" / "step_0", max=f"{4000 * MEGABYTE}", current="0")
    assert free_in_groups(own, mount) == 800 * MEGABYTE


def test_a_group_of_version_1(tmp_path: Path, own: Path) -> None:
    own.write_text("5:cpu,cpuacct:/a\n4:memory:/a/b\n0::/\n")
    mount = tmp_path / "mount"
    _group(mount / "memory", limit_in_bytes="9223372036854771712", usage_in_bytes="7")
    _group(mount / "memory" / "a" / "b", limit_in_bytes=f"{50 * MEGABYTE}", usage_in_bytes=f"{60 * MEGABYTE}", stat="cache 1")
    assert free_in_groups(own, mount) == 0


def test_a_container_shows_its_own_group_as_the_uppermost(tmp_path: Path, own: Path) -> None:
    own.write_text("0::/docker/0123\n")
    _group(tmp_path / "mount", max="1000", current="400")
    assert free_in_groups(own, tmp_path / "mount") == 600


@pytest.mark.parametrize("said", [None, "0::/\n", "4:memory:/a\n"], ids=["no groups", "version 2", "version 1"])
def test_nothing_is_limited(tmp_path: Path, own: Path, said: str | None) -> None:
    if said is not None:
        own.write_text(said)
    assert free_in_groups(own, tmp_path / "mount") is None
