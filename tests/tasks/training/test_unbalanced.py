"""Unbalanced image folders on the command line."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from dataset_files import write_folder
from training_commands import STRUCTURE


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a training on 30 cats, 3 dogs and 8 owls, without dogs to validate on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, each in (("cat", 30), ("dog", 3), ("owl", 8)):
        write_folder(tmp_path / "images" / "train", (name,), each=each)
    write_folder(tmp_path / "images" / "val", ("cat", "owl"), each=4)
    more = ["recipe=small", "recipe.epochs=2", "recipe.batch_size=8", "resolution=16", "trainer=cpu"]
    folder = [f"dataset.root={tmp_path / 'images'}", "dataset.mean=[0.5,0.5,0.5]", "dataset.std=[0.5,0.5,0.5]"]
    return ["task=train", f"arch={STRUCTURE}", "dataset=image_folder", *folder, *more, "trainer.loader_workers=0"]


def test_it_is_told_and_what_to_do_ends_that(zen: Zen, command: list[str], tmp_path: Path) -> None:
    told = "10 times as many training images of 'cat' (30) as of 'dog' (3)"
    for name, more in (
        ("plain", []),
        ("weighed", ["recipe.class_weights=balanced"]),
        ("sampled", ["recipe.sampling=balanced"]),
        ("repeated", ["recipe.repeats=2", "recipe.class_weights={dog: 3}"]),
    ):
        ended = zen(*command, *more, f"output_dir={tmp_path / name}")
        assert ended.code == 0, ended.err
        assert (told in ended.err) == (name == "plain")
        assert "val has no images of 1 of 3 classes (dog)" in ended.err
        assert "no images of 1 class to validate on, and so no accuracy: dog" in ended.out
    results = {path.parent.name: json.loads(path.read_text()) for path in tmp_path.glob("*/result.json")}
    weights = results["weighed"]["class_weights"]
    assert [weights[name] * count for name, count in (("cat", 30), ("dog", 3), ("owl", 8))] == pytest.approx([41 / 3] * 3)
    assert "balanced" in (tmp_path / "sampled" / "report.html").read_text()
    losses = {name: result["val_loss"] for name, result in results.items()}
    assert len(set(losses.values())) == 4
    assert results["plain"]["classes_without_images"] == ["dog"]


def test_a_run_continues_with_its_own_weights_alone(zen: Zen, command: list[str], tmp_path: Path) -> None:
    ended = zen(*command, "recipe.class_weights=[1,4,2]", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    ended = zen(*command, "recipe.class_weights=[1,4,3]", f"output_dir={tmp_path / 'out'}", "resume=auto")
    assert ended.code == 2
    assert "holds a training with recipe.class_weights" in ended.err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("recipe.class_weights=[1,2]", "2 weights, and the dataset has 3 classes"),
        ("recipe.class_weights={dgo: 2}", "the dataset has no class 'dgo'; did you mean 'dog'?"),
        ("recipe.class_weights=nowhere.csv", "recipe.class_weights=nowhere.csv: it cannot be read"),
        ("recipe.class_weights=much", "recipe.class_weights=much: expected balanced"),
        ("recipe.sampling=balance", "recipe.sampling=balance: did you mean 'balanced'?"),
        ("recipe.repeats=0", "recipe.repeats=0: expected 1 or more"),
    ],
)
def test_what_is_refused(zen: Zen, command: list[str], tmp_path: Path, more: str, message: str) -> None:
    ended = zen(*command, more, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert message in ended.err
    assert ended.err.strip().splitlines()[-1].startswith("error: ")
    ended = zen(*command, more, f"output_dir={tmp_path / 'out'}", "task=validate")
    assert ended.code == 1
    assert message.replace(": ", " ") in " ".join(ended.out.split()).replace(" -> ", " ").replace(": ", " ")
    assert not (tmp_path / "out" / "result.json").exists()
