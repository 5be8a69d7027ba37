"""All that is wrong with a command is told at once, and nothing is started."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from command_line import Finished, Zen
from training_commands import STRUCTURE
from zen_lightning.cli.validation import asks_validation
from zen_lightning.errors import UserError
from zen_lightning.tasks.many.validate import Validate

TRAIN = ("task=train", f"arch={STRUCTURE}", "dataset=digits", "trainer=cpu")


def keys(ended: Finished) -> list[str]:
    """Return the keys of the list that was printed."""
    lines = (line.strip().partition(". ") for line in ended.out.splitlines())
    return [key for number, dot, key in lines if number.isdecimal() and dot]


def validated(zen: Zen, folder: Path, *arguments: str) -> Finished:
    ended = zen(*arguments, f"output_dir={folder}", "task=validate")
    assert not folder.exists()
    assert "Traceback" not in ended.err
    return ended


def test_all_problems_of_a_search_are_told_at_once(zen: Zen, tmp_path: Path) -> None:
    ended = validated(
        zen,
        tmp_path / "run",
        "budget=flops600M",
        "search.iterations=0",
        "budget.flps=3",
        "budget.flops=abc",
        "proxy.gamma=small",
        "proxy.bn_variance=runing",
        "start=nofile.txt",
        "workers=some",
        "device=gpu",
        "seed=x",
        "serch=zen",
        "logger=tensorbord",
    )
    assert ended.code == 1
    assert set(keys(ended)) == {
        "search.iterations",
        "budget.flps",
        "budget.flops",
        "proxy.gamma",
        "proxy.bn_variance",
        "start",
        "workers",
        "device",
        "seed",
        "serch",
        "logger",
    }
    assert "did you mean 'flops'?" in ended.out
    assert "-> expected a positive count such as 600000000, 600e6, 600K, 0.6G or 600M" in ended.out


def test_all_problems_of_a_training_are_told_at_once(zen: Zen, tmp_path: Path) -> None:
    ended = validated(
        zen,
        tmp_path / "run",
        "task=train",
        "dataset=image_folder",
        f"dataset.root={tmp_path / 'nothing'}",
        "dataset.corrupt=maybe",
        "recipe.epochs=0",
        "recipe.lr=-1",
        "recipe.schedule=cosin",
        "recipe.augmentation.crop=odd",
        "trainer.precision=8",
        "trainer.validate_every=0",
        f"weights={tmp_path / 'none.safetensors'}",
        "+recipe.epohcs=3",
    )
    assert ended.code == 1
    assert {
        "arch",
        "dataset.corrupt",
        "recipe.epochs",
        "recipe.lr",
        "recipe.schedule",
        "recipe.augmentation.crop",
        "trainer.precision",
        "trainer.validate_every",
        "recipe.epohcs",
    } <= set(keys(ended))
    assert str(tmp_path / "nothing") in ended.out


def test_what_would_run_is_said(zen: Zen, tmp_path: Path) -> None:
    ended = validated(zen, tmp_path / "run", *TRAIN, "recipe.epochs=3")
    assert (ended.code, ended.err) == (0, "")
    for text in ("task=train", str(tmp_path / "run"), "cpu, 1 process", "digits, 10 classes", "3 epochs", "parameters"):
        assert text in ended.out
    search = validated(zen, tmp_path / "run", "budget=params1M")
    assert "102.6k params" in search.out or "103k params" in search.out
    assert search.code == 0


def test_the_stages_of_an_experiment_are_validated_each(zen: Zen, tmp_path: Path) -> None:
    ended = validated(zen, tmp_path / "run", "experiment=quickstart")
    assert ended.code == 0
    assert [line.split()[1] for line in ended.out.splitlines() if line.startswith("  stage")] == ["search", "train", "evaluate"]
    wrong = validated(
        zen, tmp_path / "run", "experiment=quickstart", "recipe.lr=-2", "recipe.optimizer=sgdx", "budget.params=1000"
    )
    assert wrong.code == 1
    assert {"recipe.lr", "train: recipe.optimizer", "search: budget.params"} <= set(keys(wrong))


def test_a_budget_below_the_smallest_network_is_told(zen: Zen, tmp_path: Path) -> None:
    ended = validated(zen, tmp_path / "run", "budget.params=1000")
    assert (ended.code, "the smallest that the space 'resnet' reaches" in ended.out) == (1, True)
    assert "raise budget.params, or lower num_classes or resolution" in ended.out


def test_a_budget_below_the_start_is_met_by_a_smaller_one(zen: Zen, tmp_path: Path) -> None:
    ended = validated(zen, tmp_path / "run", "budget=custom", "params=50k", "flops=4M", "resolution=64", "num_classes=3")
    assert ended.code == 0, ended.out
    assert "params 50k, flops 4M, layers 14" in ended.out


def test_conflicts_are_told(zen: Zen, tmp_path: Path) -> None:
    ended = validated(zen, tmp_path / "run", "search=flops", "proxy=params", "dataset.root=somewhere")
    assert ended.code == 1
    assert "use search=evolution proxy=params" in ended.out
    assert "dataset=image_folder" in ended.out


def test_every_job_of_a_sweep_is_validated(zen: Zen, tmp_path: Path) -> None:
    ended = validated(zen, tmp_path / "run", "-m", "budget=params1M,flops600M")
    assert (ended.code, ended.out.count("task=search budget=")) == (0, 2)
    wrong = validated(zen, tmp_path / "run", "-m", "budget=params1M,flops60M", "search.iterations=0,10")
    assert (wrong.code, len(keys(wrong))) == (1, 2)


def test_a_folder_to_resume_that_is_not_there_is_one_problem_of_several(zen: Zen) -> None:
    ended = zen("resume=/no/such/folder", "search.iterations=0", "task=validate")
    assert (ended.code, set(keys(ended))) == (1, {"resume", "search.iterations"})


def test_a_configuration_of_ones_own_is_validated(zen: Zen, tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(
        "# @package _global_\nsearch: {iterations: 0, population_size: 0}\nproxy: {_target_: nowhere.Thing}\n"
    )
    ended = zen(f"--config-dir={tmp_path}", "experiment=mine", "task=validate")
    assert ended.code == 1
    assert {"search.iterations", "search.population_size", "proxy._target_"} <= set(keys(ended))


@pytest.mark.parametrize("option", ["--help", "--cfg=job", "-c", "--info"])
def test_what_only_prints_is_not_validated(option: str) -> None:
    assert not asks_validation(["task=validate", option])


def test_it_is_no_value_of_a_sweep(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"-m \.\.\. task=validate"):
        Validate(OmegaConf.create(), tmp_path).run()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("task=latency", "arch=nosuch", "latency.profile=nosuch"), ["arch", "latency.profile"]),
        (
            ("task=profile", "output=x.txt", "extent.fitted=0", "latency.threads=0"),
            ["output", "latency.threads", "extent.fitted"],
        ),
        (("task=compare", "arch=[nosuch,nosuch]", "proxies=[zenn]"), ["arch", "proxies"]),
        (("task=report", "run=nosuch"), ["run"]),
        (("task=aggregate", "sweep=nosuch"), ["sweep"]),
        (("task=score", "arch=nosuch"), ["arch"]),
        (("task=export", "arch=nosuch"), ["arch"]),
    ],
)
def test_every_task_has_checks(zen: Zen, tmp_path: Path, arguments: tuple[str, ...], found: list[str]) -> None:
    ended = validated(zen, tmp_path / "run", *arguments)
    assert (ended.code, sorted(keys(ended))) == (1, sorted(found))


def test_a_depth_that_is_chosen_is_checked(zen: Zen, tmp_path: Path) -> None:
    search = ("budget=flops600M", "budget.layers=auto", "search.optimizer=exact")
    ended = validated(zen, tmp_path / "run", *search)
    assert (ended.code, keys(ended)) == (0, [])
    assert "chosen among at most 6, 8, 10" in ended.out
    wrong = validated(zen, tmp_path / "run", *search, "budget.depths=[a]", "search.restarts=2", "budget.flops=1M")
    assert wrong.code == 1
    assert set(keys(wrong)) == {"budget.depths", "search.restarts", "budget.flops"}
