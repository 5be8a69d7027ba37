"""The recipe that is taken by itself where there are few images."""

import json
from pathlib import Path

import pytest
import yaml

import zen_lightning as zl
from command_line import Zen, composed
from dataset_files import write_folder
from training_commands import STRUCTURE
from zen_lightning.api.few_images import is_continued_with, with_fitting_batch
from zen_lightning.errors import UserError
from zen_lightning.runs.command import Command
from zen_lightning.tasks.training.setup import training_setup
from zen_lightning.training.recipe import Recipe

SAID = (
    "recipe=small is used instead of imagenet, the recipe of the dataset: 2 epochs of 32 images are too few for batch "
    "norms with bn_momentum=0.01"
)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a training on a small folder, which names no recipe."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_folder(tmp_path / "images" / "train", each=16)
    write_folder(tmp_path / "images" / "val", each=4)
    folder = ["dataset=image_folder", f"dataset.root={tmp_path / 'images'}", "resolution=8"]
    numbers = ["recipe.epochs=2", "recipe.batch_size=16", "recipe.augmentation.flip=0.25", "trainer=cpu"]
    return ["task=train", f"arch={STRUCTURE}", *folder, *numbers]


def recipe_of(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "result.json").read_text())["recipe"]
    return found


def test_few_images_take_the_small_recipe_and_keep_what_was_said(zen: Zen, command: list[str], tmp_path: Path) -> None:
    ended = zen(*command, f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    assert ended.err.count(SAID) == 1
    assert "(to use imagenet nevertheless: recipe=imagenet)" in ended.err
    recipe = recipe_of(tmp_path / "run")
    said = {key: recipe[key] for key in ("epochs", "batch_size", "warmup_epochs", "lr", "bn_momentum", "mixup")}
    assert said == {"epochs": 2, "batch_size": 16, "warmup_epochs": 1, "lr": 0.4, "bn_momentum": 0.1, "mixup": 0.0}
    augmentation = recipe["augmentation"]
    assert isinstance(augmentation, dict)
    assert (augmentation["flip"], augmentation["crop"], augmentation["policy"]) == (0.25, "pad", None)


def test_the_record_names_it_and_a_resume_goes_on_with_it(zen: Zen, command: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert zen(*command, f"output_dir={folder}").code == 0
    assert "recipe='small'" in json.loads((folder / "command.json").read_text())["overrides"]
    assert yaml.safe_load((folder / ".hydra" / "config.yaml").read_text())["recipe"]["bn_momentum"] == 0.1
    assert yaml.safe_load((folder / ".hydra" / "hydra.yaml").read_text())["hydra"]["runtime"]["choices"]["recipe"] == "small"
    before = (folder / "history.csv").read_text()
    resumed = zen(f"resume={folder}")
    assert resumed.code == 0, resumed.err
    assert "instead of" not in resumed.err
    assert "already finished" in resumed.out
    assert (folder / "history.csv").read_text() == before


@pytest.mark.parametrize("more", ["recipe=imagenet", "recipe=cifar", "recipe.bn_momentum=0.02"])
def test_what_was_named_is_kept(zen: Zen, command: list[str], tmp_path: Path, more: str) -> None:
    ended = zen(*command, more, f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    assert "instead of" not in ended.err
    assert recipe_of(tmp_path / "run")["bn_momentum"] == (0.02 if "bn_momentum" in more else 0.01)


def test_what_is_long_enough_is_kept(zen: Zen, command: list[str], tmp_path: Path) -> None:
    ended = zen(
        *command, "recipe.epochs=80", "recipe.batch_size=4", "trainer.validate_every=80", f"output_dir={tmp_path / 'run'}"
    )
    assert ended.code == 0, ended.err
    assert "instead of" not in ended.err


def test_a_training_that_began_otherwise_goes_on_as_it_began(zen: Zen, command: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert zen(*command, "recipe=imagenet", f"output_dir={folder}").code == 0
    path = folder / "command.json"
    record = json.loads(path.read_text())
    del record["sha256"]  # As of a version that chose none.
    record["overrides"] = [one for one in record["overrides"] if one != "recipe=imagenet"]
    path.write_text(json.dumps(record))
    ended = zen(f"resume={folder}")
    assert ended.code == 0, ended.err
    assert "instead of" not in ended.err
    assert recipe_of(folder)["bn_momentum"] == 0.01


def test_the_function_takes_it_too(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = {"epochs": 2, "batch_size": 16, "resolution": 8, "root": str(tmp_path / "images"), "folder": tmp_path / "run"}
    for _ in range(2):  # The second call continues the first.
        zl.train(STRUCTURE, "image_folder", **small)  # type: ignore[arg-type]
        assert SAID in capsys.readouterr().err
        assert recipe_of(tmp_path / "run")["bn_momentum"] == 0.1
    with pytest.raises(UserError, match=r"recipe.lr: 0\.4, not 0\.1: .*weights=.*weights.safetensors there"):
        zl.train(STRUCTURE, "image_folder", recipe="imagenet", **small)  # type: ignore[arg-type]


def test_weights_of_classes_do_not_hide_what_a_training_began_with() -> None:
    recipe = Recipe(class_weights="balanced")
    identity = {f"recipe.{key}": value for key, value in recipe.as_dict().items()} | {"recipe.class_weights": [0.5, 1.5]}
    assert is_continued_with(recipe, identity)
    assert not is_continued_with(Recipe(lr=0.3), identity)


@pytest.mark.parametrize("more", [[], ["resolution=16"], ["dataset.image_size=16"]])
def test_larger_images_than_the_run_was_for_are_told(
    command: list[str], tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found"
    found.mkdir()
    (found / "best_structure.txt").write_text(STRUCTURE + "\n")
    (found / "result.json").write_text(json.dumps({"resolution": 8, "num_classes": 2}))
    rest = [word for word in command if not word.startswith(("arch=", "resolution="))]
    overrides = [*rest, f"arch={found}", f"output_dir={tmp_path / 'run'}", *more]
    training_setup(composed(*overrides), Command(overrides=tuple(overrides)))
    said = f"{found} is a network for 8 px (8.86k FLOPs); this training is at 224 px (6.92M FLOPs): resolution=8 trains it"
    assert (said in capsys.readouterr().err) == (not more)


def test_fewer_images_than_a_batch_take_a_smaller_one(zen: Zen, command: list[str], tmp_path: Path) -> None:
    command = [one for one in command if not one.startswith("recipe.batch_size")]
    ended = zen(*command, "limit=30", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    assert "recipe.batch_size=8 is used instead of 32: there are 30 images to train on" in ended.err
    assert recipe_of(tmp_path / "run")["batch_size"] == 8
    again = zen(f"resume={tmp_path / 'run'}")
    assert again.code == 0, again.err
    assert "instead of" not in again.err
    refused = zen(*command, "recipe.batch_size=32", "limit=30", f"output_dir={tmp_path / 'other'}")
    assert refused.code == 2
    assert "32 images a step are more than the 30 to train on; lower it to 30 or less" in refused.err


def test_a_function_takes_a_smaller_batch_too(capsys: pytest.CaptureFixture[str]) -> None:
    trained = zl.train(STRUCTURE, "digits", epochs=1, limit=20, resolution=8)
    assert "batch_size=8 is used instead of 32: there are 20 images to train on" in capsys.readouterr().err
    assert len(trained.history) == 1
    with pytest.raises(UserError, match="lower it to 20 or less"):
        zl.train(STRUCTURE, "digits", epochs=1, limit=20, resolution=8, batch_size=64)


def test_a_batch_for_several_processes() -> None:
    recipe = Recipe(batch_size=64, accumulate=2)
    assert [with_fitting_batch(recipe, images, 2).batch_size for images in (256, 255, 3)] == [64, 8, 64]
