"""``resume=auto``: what the same command began goes on; else it begins."""

from pathlib import Path

import pytest

from command_line import Zen
from training_commands import train
from zen_lightning.cli.arguments import prepare
from zen_lightning.errors import UserError
from zen_lightning.runs.command_record import find_unfinished, write_record


def test_a_folder_that_holds_nothing_begins(tmp_path: Path) -> None:
    given = ["task=train", "seed=1", f"output_dir={tmp_path}"]
    assert prepare([*given, "resume=auto"]) == given


def test_a_folder_that_holds_a_run_goes_on(tmp_path: Path) -> None:
    write_record(tmp_path, ["task=train", "arch=net.txt", "seed=1"], arch="Super(1)")
    prepared = prepare(["task=train", "arch=net.txt", "seed=1", "recipe.epochs=9", f"output_dir={tmp_path}", "resume=auto"])
    recorded = ["task=train", "seed=1", "arch='Super(1)'"]
    assert prepared == [
        *recorded,
        "recipe.epochs=9",
        f"resume='{tmp_path}'",
        f"output_dir='{tmp_path}'",
        "hydra.output_subdir=null",
    ]
    assert prepare(prepared) == prepared


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["task=train", "arch=other.txt", "seed=1"], "began with arch=net.txt, not arch=other.txt"),
        (["task=distill", "arch=net.txt", "seed=1"], "began with task=train, not task=distill"),
        (["task=train", "arch=net.txt", "weights=w.pth"], "began without weights=, not weights=w.pth"),
    ],
)
def test_a_folder_of_another_network_is_not_continued(tmp_path: Path, given: list[str], message: str) -> None:
    write_record(tmp_path, ["task=train", "arch=net.txt", "seed=1"], arch="Super(1)")
    with pytest.raises(UserError, match=message):
        prepare([*given, f"output_dir={tmp_path}", "resume=auto"])


def test_the_newest_unfinished_run_of_the_same_command(tmp_path: Path) -> None:
    overrides = ["task=train", "seed=1"]
    for name, asked in (("a", overrides), ("b", overrides), ("c", ["task=train", "seed=2"])):
        write_record(tmp_path / "train" / "digits" / name, asked)
    (tmp_path / "train" / "digits" / "b" / "result.json").write_text("{}")
    assert find_unfinished(["seed=1", "task=train", "resume=auto"], tmp_path) == tmp_path / "train" / "digits" / "a"
    (tmp_path / "train" / "digits" / "a" / "result.json").write_text("{}")
    assert find_unfinished(overrides, tmp_path) is None
    (tmp_path / "train" / "digits" / "d").mkdir()
    (tmp_path / "train" / "digits" / "d" / "command.json").write_text("cut sho")
    assert find_unfinished(overrides, tmp_path) is None


def test_not_in_a_sweep() -> None:
    with pytest.raises(UserError, match="it cannot be combined with -m"):
        prepare(["-m", "seed=1,2", "resume=auto"])


def test_on_the_command_line(zen: Zen, tmp_path: Path) -> None:
    assert zen(*train(tmp_path, "resume=auto")).code == 0
    rows = (tmp_path / "history.csv").read_text()
    ended = zen(*train(tmp_path, "resume=auto"))
    assert ended.code == 0, ended.err
    assert "already finished" in ended.out
    assert (tmp_path / "history.csv").read_text() == rows
