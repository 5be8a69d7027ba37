"""What ``task=train`` refuses before it starts."""

from pathlib import Path

import pytest

from command_line import Zen
from training_commands import STRUCTURE, TINY, train


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["task=train"], "task=train needs arch=: a structure"),
        (["dataset=noise", "recipe=digits"], "task=train needs images: dataset=noise has none"),
        (["num_classes=7"], "num_classes=7: dataset=digits has 10 classes; leave num_classes out"),
        (["resolution=0"], "resolution=0: expected 1 or more"),
        (["recipe.epochs=0"], "recipe.epochs=0: expected 1 or more"),
        (["recipe.epoch=3"], "unknown key recipe.epoch; did you mean 'epochs'"),
        (["recipe.batch_size=100"], "recipe.batch_size=100: 100 images a step are more than the 64 to train on"),
        (["recipe.augmentation.policy=cifar"], "recipe.augmentation.policy=cifar"),
        (["recipe=fast"], "recipe=fast: there is no such recipe"),
        (["trainer.precision=half"], "trainer.precision=half: choose from: auto, 32-true"),
        (["trainer.devices=0"], "trainer.devices=0"),
        (["trainer.accelerator=gpu"], "trainer.accelerator=gpu"),
        (["trainer.checkpoint_steps=0"], "trainer.checkpoint_steps=0: expected 1 or more"),
        (["trainer.loader_workers=many"], "trainer.loader_workers=many: expected auto, or 0 or more"),
        (["trainer.loader_prefetch=0"], "trainer.loader_prefetch=0: expected 1 or more"),
        (["trainer.validate_every=1.5"], "trainer.validate_every=1.5: expected a whole number, 1 or more"),
        (["trainer.validate_every=null"], "trainer.validate_every=null: expected a whole number, 1 or more"),
        (["trainer.keep_every=0"], "trainer.keep_every=0: expected 1 or more"),
        (["trainer.keep_every=2.5"], "trainer.keep_every=2.5: expected a whole number"),
        (["trainer.keep_every=[1]"], "trainer.keep_every=[1]: expected a whole number"),
        (["trainer.early_stopping.patience=0"], "trainer.early_stopping.patience=0: expected 1 or more"),
        (["trainer.early_stopping.patience=soon"], "trainer.early_stopping.patience=soon: expected a whole number"),
        (["trainer.early_stopping=true"], "trainer.early_stopping=true: expected a number of validations, or its keys"),
        (["trainer.early_stopping=0"], "trainer.early_stopping=0: expected 1 or more"),
        (
            ["trainer.early_stopping=2", "trainer.early_stopping.after=-1"],
            "trainer.early_stopping.after=-1: expected 0 or more",
        ),
        (
            ["trainer.early_stopping.patience=1", "trainer.early_stopping.monitor=acc"],
            "trainer.early_stopping.monitor=acc: choose from: accuracy, loss",
        ),
        (
            ["trainer.early_stopping.monitor=loss"],
            "trainer.early_stopping.monitor=loss: it has no effect without trainer.early_stopping.patience; give",
        ),
        (["trainer.early_stopping.min_delta=-1"], "trainer.early_stopping.min_delta=-1: expected 0 or more"),
        (["trainer.early_stopping.patince=1"], "trainer.early_stopping.patince"),
        (["debug.profile=true", "debug.trace_steps=0"], "debug.trace_steps=0: expected 1 or more"),
        (["trainer.strategy=ddp_spawn"], "trainer.strategy=ddp_spawn: its processes have no command of their own"),
        (["seed=-1"], "seed=-1: expected 0 or more"),
        (["recipe.lr=.nan"], "recipe.lr=.nan: expected a number"),
        (["recipe.decay_epochs=5"], "recipe.decay_epochs=5: expected a list"),
        (["recipe.augmentation=null"], "recipe.augmentation=null: expected its keys"),
        (["limit=0"], "limit=0: expected 1 or more"),
        (["+logger.name=paper"], "logger.name=paper: expected the name of a logger and its keys"),
        (["weights=/nowhere.safetensors"], "/nowhere.safetensors: there is no such file of weights"),
    ],
)
def test_what_is_refused_before_it_starts(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    base = ["task=train", f"output_dir={tmp_path}"] if arguments == ["task=train"] else train(tmp_path)
    kept = [argument for argument in base if argument.partition("=")[0] not in {a.partition("=")[0] for a in arguments}]
    ended = zen(*kept, *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert ended.err.count("error: ") == 1
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize(
    ("trainer", "parts"),
    [
        ("trainer=ddp_cpu", ["each would make a run directory of its own: give output_dir=DIR, the same for all"]),
        # Other processes than asked for, and no folder: both are said at once.
        ("trainer=cpu", ["torchrun started 2 processes", "They share a run directory: give output_dir=DIR, the same for all"]),
    ],
)
def test_processes_started_from_outside_need_a_folder(
    zen: Zen,
    monkeypatch: pytest.MonkeyPatch,
    trainer: str,
    parts: list[str],
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    ended = zen("task=train", f"arch={STRUCTURE}", *TINY[:-1], trainer)
    assert ended.code == 2
    assert all(part in ended.err for part in parts), ended.err
    assert ended.err.count("error: ") == 1


def test_a_sweep_of_processes_is_refused_by_hydras_own_launcher(zen: Zen, tmp_path: Path) -> None:
    command = [argument for argument in train(tmp_path) if argument != "trainer=cpu"]
    ended = zen("-m", "hydra/launcher=basic", "hydra/sweeper=basic", *command, "trainer=ddp_cpu", "seed=1,2")
    assert (ended.code, "-m with trainer.devices=2" in ended.err) == (2, True)
