"""Overrides as other programs, editors and people write them."""

import pytest

from command_line import Zen
from zen_lightning.cli.spelling import refuse_other_spellings
from zen_lightning.errors import UserError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--recipe.lr=0.1"], "recipe.lr=0.1"),
        (["-recipe.lr=0.1"], "recipe.lr=0.1"),
        (["\u2014recipe.lr=0.1"], "recipe.lr=0.1"),
        (["\u2013\u2013recipe.lr=0.1"], "recipe.lr=0.1"),
        (["--recipe.lr", "0.1"], "recipe.lr=0.1"),
        (["--recipe.warmup-epochs=1"], "recipe.warmup_epochs=1"),
        (["--recipe/lr=0.1"], "recipe.lr=0.1"),
        (["--recipe.nesterov", "seed=1"], "recipe.nesterov=VALUE"),
        (["--no-recipe.nesterov"], "recipe.nesterov=false"),
        (["--recipe.lr=0.1 --recipe.epochs=1"], "recipe.lr=0.1 recipe.epochs=1"),
        (["--task=train", "--arch=net.txt"], "task=train"),
        (["--epochs", "3"], "recipe.epochs=3"),
        (["-lr", "0.1"], "recipe.lr=0.1"),
        (["--batch-size=8"], "recipe.batch_size=8"),
        (["--max_epochs=3"], "recipe.epochs=3"),
        (["--num-workers", "2"], "trainer.loader_workers=2"),
        (["--seed", "2"], "seed=2"),
    ],
)
def test_hyphens_in_front(typed: list[str], meant: str) -> None:
    with pytest.raises(UserError, match="keys have no hyphens in front") as refused:
        refuse_other_spellings(["task=train", *typed])
    assert f"write {meant} (in a sweep of W&B" in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        ["recipe.lr", "=", "0.1"],
        ["recipe.lr=", "0.1"],
        ["recipe.lr", "=0.1"],
        ["recipe.lr = 0.1"],
        ["recipe.lr: 0.1"],
        ["recipe.lr:0.1"],
    ],
)
def test_blanks_and_colons(typed: list[str]) -> None:
    with pytest.raises(UserError, match=r"belong together, without blanks: write recipe\.lr=0\.1$"):
        refuse_other_spellings(["task=train", *typed, "seed=1"])


def test_several_in_one_argument() -> None:
    with pytest.raises(UserError, match=r"several overrides in one argument: write each as an argument of its own"):
        refuse_other_spellings(["recipe.lr=0.1 recipe.epochs=1"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "task=train", "seed=1,2", "--multirun", "-r"],
        ["--cfg", "job", "-p", "recipe", "--package=recipe", "-c", "job", "-cjob"],
        ["--config-dir", "-odd", "-cd=mine", "--info", "-i", "-h", "--help"],
        ["recipe.lr=", "seed=1", "+recipe.lr=1", "~recipe.lr", "recipe.lr=", "~seed"],
        ["output_dir=lr=0.1 seed=1", "arch=a=1 b=2.txt", "search_space=blocks", "tune.space={recipe.lr: [1, 2]}"],
        ["stages=[{name: a, overrides: [x=1, y=2]}]", "logger.mlflow.tracking_uri=http://host:80", "arch=timm:resnet18"],
    ],
)
def test_what_is_meant_as_it_stands(arguments: list[str]) -> None:
    refuse_other_spellings(arguments)


def test_hyphens_are_no_part_of_a_sound_command(zen: Zen) -> None:
    for typed in ("-recipe.lr=0.1", "--recipe.warmup-epochs=1"):
        done = zen("task=train", "arch=SuperConvK3BNRELU(3,8,1,1)", "dataset=digits", typed, "task=validate")
        assert done.code == 1
        assert "keys have no hyphens in front" in done.out


def test_whole_numbers_that_are_written_with_a_point(zen: Zen) -> None:
    command = ("task=train", "arch=SuperConvK3BNRELU(3,8,1,1)", "dataset=digits", "task=validate")
    done = zen(*command, "recipe.epochs=3.0", "recipe.batch_size=6.4e1")
    assert done.code == 0
    assert "3 epochs, 64 images a step" in done.out
    assert "expected a whole number, 1 or more" in zen(*command, "recipe.epochs=1.5").out
