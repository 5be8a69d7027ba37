"""Links in a folder of somebody else: a command that continues it writes nothing elsewhere."""

import os
from pathlib import Path

import pytest

from zen_lightning.cli.arguments import prepare
from zen_lightning.errors import UserError
from zen_lightning.runs.command_record import write_record
from zen_lightning.system.leaving_links import check_contained


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "theirs"
    (made / "journal").mkdir(parents=True)
    write_record(made, ["search=zen", "budget=params1M"])
    return made


@pytest.mark.parametrize("place", ["report.html", "journal/restart-00.jsonl", ".sha256", "0-seed=0"])
@pytest.mark.parametrize("target", ["../../own", "../../own/nothing.txt", "/"])
def test_a_link_out_of_the_folder_is_refused(folder: Path, place: str, target: str) -> None:
    (folder / place).symlink_to(target)
    with pytest.raises(UserError, match=f"{place} leads to ") as refused:
        check_contained(folder, "resume")
    assert refused.value.key == "resume"


def test_links_within_a_folder_stay_also_where_it_is_itself_linked_to(folder: Path, tmp_path: Path) -> None:
    (folder / "latest").symlink_to("journal")
    (folder / "journal" / "up").symlink_to("../later.txt")
    (tmp_path / "link").symlink_to(folder)
    check_contained(folder, "resume")
    check_contained(tmp_path / "link", "resume")
    check_contained(tmp_path / "nothing", "resume")


@pytest.mark.parametrize(
    "name",
    [
        *("journal/x.jsonl", "scores.jsonl", "job.log", "mlruns/0/a/metrics/loss", ".hydra/config.yaml", "multirun.yaml"),
        *("0-seed=0/.hydra/overrides.yaml", "tensorboard/events", "journal/best"),
    ],
)
def test_a_hard_link_that_a_run_would_append_to_is_refused(name: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "rc").write_text("mine")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).hardlink_to(tmp_path / "rc")
    with pytest.raises(UserError, match=rf"{name} has another name elsewhere \(a hard link\)"):
        check_contained(folder, "resume")
    (folder / name).unlink()
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "best.ckpt").hardlink_to(tmp_path / "rc")  # Checkpoints are replaced.
    check_contained(folder, "resume")
    (folder / name).touch()
    (folder / "copy").hardlink_to(folder / name)  # Both names are in the folder.
    check_contained(folder, "resume")


def test_a_hard_link_in_a_new_folder_and_below_folders_of_other_names(tmp_path: Path) -> None:
    (tmp_path / "rc").write_text("mine")
    fresh = tmp_path / "mlruns" / "fresh"
    fresh.mkdir(parents=True)
    (fresh / "notes.txt").hardlink_to(tmp_path / "rc")
    write_record(fresh, ["search=zen"])
    check_contained(fresh, "output_dir")
    (fresh / "command.json").unlink()
    (fresh / ".hydra").mkdir()
    (fresh / ".hydra" / "config.yaml").hardlink_to(tmp_path / "rc")
    with pytest.raises(UserError, match=r"fresh/\.hydra/config\.yaml has another name elsewhere"):
        prepare(["task=analyze", f"output_dir={fresh}"])


def test_a_pipe_is_refused_that_would_be_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "history.csv")
    with pytest.raises(UserError, match="neither a file nor a folder"):
        check_contained(folder, "resume")


def test_a_command_that_writes_there_refuses_unless_the_folder_is_trusted(folder: Path, tmp_path: Path) -> None:
    (folder / "checkpoints").symlink_to(tmp_path)
    for words in (
        [f"resume={folder}"],
        ["search=zen", f"output_dir={folder}"],
        ["-m", "seed=1,2", f"output_dir={folder.parent}"],
    ):
        (folder.parent / "journal").unlink(missing_ok=True)
        (folder.parent / "journal").symlink_to("/")
        with pytest.raises(UserError, match="leads to"):
            prepare(words)
        assert prepare([*words, f"trust={folder.parent}"])
        assert prepare(words, contained=True)


@pytest.mark.parametrize("place", ["journal", "job.log", "0-seed=0/.hydra/config.yaml", "0-seed=0/job.log"])
def test_in_a_folder_of_no_run_what_runs_write_is_looked_at(tmp_path: Path, place: str) -> None:
    (tmp_path / "project" / place).parent.mkdir(parents=True)
    (tmp_path / "project" / place).symlink_to("/")
    with pytest.raises(UserError, match=f"{place} leads to /"):
        check_contained(tmp_path / "project", "output_dir")


def test_the_data_and_environments_of_a_project_may_lead_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "project" / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "project" / ".venv" / "bin" / "python").symlink_to("/")
    (tmp_path / "project" / "data").symlink_to("/")
    check_contained(tmp_path / "project", "output_dir")
