"""``task=train`` on the command line."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image

from command_line import Zen
from training_commands import STRUCTURE, TINY, train
from zen_lightning import zoo
from zen_lightning.nets import read_weights


@pytest.fixture
def trained(zen: Zen, tmp_path: Path) -> Path:
    """Give the folder of a training."""
    ended = zen(*train(tmp_path / "run"))
    assert ended.code == 0, ended.err
    return tmp_path / "run"


def test_what_a_training_leaves(trained: Path) -> None:
    result = json.loads((trained / "result.json").read_text())
    rows = list(csv.DictReader((trained / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    best = max(float(row["val_top1"]) for row in rows)
    assert result["val_top1"] == pytest.approx(best, abs=1e-3)
    assert result["val_loss"] == float(rows[result["best_epoch"] - 1]["val_loss"])
    assert (result["epochs"], result["num_classes"], result["resolution"], result["global_batch"]) == (2, 10, 8, 16)
    assert result["structure"] == STRUCTURE
    network, _ = read_weights(trained / result["weights"])
    assert sum(p.numel() for p in network.parameters()) == result["params"]
    assert (trained / "architecture.txt").read_text().strip() == STRUCTURE
    assert (trained / "training.png").stat().st_size > 1000
    assert sorted(path.name for path in (trained / "checkpoints").iterdir()) == [".sha256", "best.ckpt", "last.ckpt"]


def test_the_same_seed_is_the_same_network(zen: Zen, trained: Path, tmp_path: Path) -> None:
    for name, seed in (("again", 0), ("other", 1)):
        zen(*train(tmp_path / name, f"seed={seed}"))
    networks = (read_weights(tmp_path / name / "weights.safetensors")[0] for name in ("run", "again", "other"))
    one, again, other = (network.state_dict() for network in networks)
    assert all(torch.equal(one[key], again[key]) for key in one)
    assert not all(torch.equal(one[key], other[key]) for key in one)


def test_images_on_the_device(zen: Zen, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ended = zen(*train(folder, "dataset.placement=device"))
    assert ended.code == 0, ended.err
    assert json.loads((folder / "result.json").read_text())["placement"] == "device"
    rows = list(csv.DictReader((folder / "history.csv").open()))
    assert float(rows[1]["train_loss"]) < float(rows[0]["train_loss"])
    assert "<dt>images on</dt>" in (folder / "report.html").read_text()
    ended = zen("task=evaluate", f"arch={folder}", "dataset=digits", "dataset.placement=device", "trainer=cpu")
    assert ended.code == 0, ended.err
    assert f"{max(float(row['val_top1']) for row in rows):.2f}%" in ended.out


def test_a_training_keeps_the_place_of_its_images(zen: Zen, trained: Path) -> None:
    ended = zen(*train(trained, "dataset.placement=device", "resume=auto"))
    assert ended.code != 0
    assert "holds a training with dataset.placement: cpu, not device" in ended.err


def test_its_folder_is_an_architecture_and_weights(zen: Zen, trained: Path, tmp_path: Path) -> None:
    ended = zen("task=evaluate", f"arch={trained}", "dataset=digits", "trainer=cpu", f"output_dir={tmp_path / 'evaluated'}")
    assert ended.code == 0, ended.err
    evaluated = json.loads((tmp_path / "evaluated" / "result.json").read_text())
    assert evaluated["val_top1"] == json.loads((trained / "result.json").read_text())["val_top1"]
    assert evaluated["images"] == 359
    more = [f"weights={trained / 'weights.safetensors'}", "recipe.lr=0", "recipe.warmup_epochs=0", "recipe.bn_momentum=0"]
    ended = zen("task=train", f"arch={trained}", *TINY, *more, f"output_dir={tmp_path / 'tuned'}")
    assert ended.code == 0, ended.err
    before, after = (read_weights(tmp_path / name / "weights.safetensors")[0] for name in ("run", "tuned"))
    for key, value in before.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            assert torch.equal(value, after.state_dict()[key]), key


def test_a_finished_run_is_not_written_over_but_shown_again(zen: Zen, trained: Path) -> None:
    ended = zen(*train(trained))
    assert (ended.code, f"continue it with resume={trained}" in ended.err) == (2, True)
    result = json.loads((trained / "result.json").read_text())
    ended = zen(f"resume={trained}")
    assert ended.code == 0, ended.err
    assert f"{result['val_top1']:.2f}%" in ended.out
    assert "already finished: " in ended.out
    again = json.loads((trained / "result.json").read_text())
    timed = {"seconds": 0, "sha256": ""}
    assert result | timed == again | timed


def test_another_recipe_is_not_continued(zen: Zen, trained: Path) -> None:
    ended = zen(f"resume={trained}", "recipe.lr=0.5")
    assert ended.code == 2
    assert "holds a training with recipe.lr: 0.8, not 0.5" in ended.err


def test_squeeze_and_excitation_is_remembered(zen: Zen, tmp_path: Path) -> None:
    assert zen(*train(tmp_path, "use_se=true")).code == 0
    assert json.loads((tmp_path / "result.json").read_text())["use_se"] is True
    ended = zen(f"resume={tmp_path}")
    assert ended.code == 0, ended.err


def test_the_dataset_brings_its_recipe(zen: Zen) -> None:
    for dataset, epochs in (("cifar100", 1440), ("imagenet", 480), ("digits", 12)):
        assert f"  epochs: {epochs}\n" in zen("task=train", f"dataset={dataset}", "--cfg", "job").out
    assert "  epochs: 480\n" in zen("task=train", "dataset=cifar10", "recipe=imagenet", "--cfg", "job").out


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
        (["trainer.early_stopping=true"], "trainer.early_stopping=True: expected a number of validations, or its keys"),
        (["trainer.early_stopping=0"], "trainer.early_stopping.patience=0: expected 1 or more"),
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
        (["recipe.augmentation=null"], "recipe.augmentation=None: expected its keys"),
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


STILL = ("recipe.lr=0", "recipe.warmup_epochs=0", "recipe.bn_momentum=0", "recipe.target_lr=0", "recipe.epochs=5")
"""A training in which nothing improves after the first epoch."""


def test_early_stopping_is_said_everywhere_and_stays_until_it_is_changed(zen: Zen, tmp_path: Path) -> None:
    said = "stopped early at epoch 3 of 5: validation top-1 has not improved since epoch 1 ("
    ended = zen(*train(tmp_path, "trainer.early_stopping.patience=2"), *STILL)
    assert ended.code == 0, ended.err
    assert ended.out.count(said) == 1
    assert "│ stopped early" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["stopped_early"].startswith(said)
    assert (result["epochs"], result["trained_epochs"], result["best_epoch"]) == (5, 3, 1)
    assert f"The training was {result['stopped_early']}." in (tmp_path / "report.html").read_text()
    again = zen(f"resume={tmp_path}")
    assert again.code == 0, again.err
    assert again.out.count(said) == 1
    assert f"already finished: {tmp_path} was {said}" in again.out
    longer = zen(f"resume={tmp_path}", "trainer.early_stopping=3")
    assert longer.code == 0, longer.err
    assert "continuing to train" in longer.out
    assert "stopped early at epoch 4 of 5" in longer.out
    whole = zen(f"resume={tmp_path}", "trainer.early_stopping=null")
    assert whole.code == 0, whole.err
    assert "stopped early" not in whole.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["trained_epochs"], result["stopped_early"]) == (5, None)
    assert "all 5 epochs" in zen(f"resume={tmp_path}").out


def test_checkpoints_that_stay_are_weights_too(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*train(tmp_path / "run", "trainer.keep_every=1"))
    assert ended.code == 0, ended.err
    assert "checkpoints/epoch-*.ckpt (2)" in ended.out
    kept = tmp_path / "run" / "checkpoints" / "epoch-0001.ckpt"
    ended = zen("task=evaluate", f"arch={kept}", "dataset=digits", "trainer=cpu", f"output_dir={tmp_path / 'evaluated'}")
    assert ended.code == 0, ended.err
    first = next(csv.DictReader((tmp_path / "run" / "history.csv").open()))
    evaluated = json.loads((tmp_path / "evaluated" / "result.json").read_text())
    assert evaluated["val_top1"] == pytest.approx(float(first["val_top1"]), abs=1e-3)


def _folder(root: Path, classes: dict[str, int]) -> Path:
    for name, count in classes.items():
        (root / name).mkdir(parents=True)
        for index in range(count):
            Image.new("RGB", (12, 12), (40 * index, 200, 10)).save(root / name / f"{index}.png")
    return root


def test_an_image_folder_with_a_corrupt_image(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = _folder(tmp_path / "images", {"cat": 12, "dog": 12})
    (root / "cat" / "3.png").write_bytes(b"no image")
    command = ["task=train", f"arch={STRUCTURE}", "dataset=image_folder", f"dataset.root={root}", "resolution=8", "trainer=cpu"]
    command += ["recipe.epochs=1", "recipe.warmup_epochs=0", "recipe.batch_size=4", "trainer.loader_workers=0"]
    ended = zen(*command, f"output_dir={tmp_path / 'a'}")
    assert ended.code == 2
    assert str(root / "cat" / "3.png") in ended.err
    assert "dataset.corrupt=skip" in ended.err
    ended = zen(*command, "dataset.corrupt=skip", f"output_dir={tmp_path / 'b'}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "b" / "result.json").read_text())
    assert (result["num_classes"], result["classes"]) == (2, ["cat", "dog"])
    assert result["resolution"] == 8
    (root / "fish").mkdir()
    ended = zen(*command, "dataset.corrupt=skip", f"output_dir={tmp_path / 'c'}")
    assert (ended.code, str(root / "fish") in ended.err) == (2, True)


def test_one_class_alone(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = _folder(tmp_path / "images", {"cat": 12})
    ended = zen(
        "task=train", f"arch={STRUCTURE}", "dataset=image_folder", f"dataset.root={root}", f"output_dir={tmp_path / 'a'}"
    )
    assert (ended.code, "one class alone (cat)" in ended.err) == (2, True)


def test_a_folder_is_trained_in_by_one(zen: Zen, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "checkpoints").mkdir()
    left = tmp_path / "checkpoints" / ".last.abc.ckpt"
    left.touch()
    with (tmp_path / "checkpoints" / ".lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ended = zen(*train(tmp_path))
        assert (ended.code, "belongs to a training that is still running" in ended.err) == (2, True)
        assert left.exists()
    assert zen(*train(tmp_path)).code == 0
    assert not left.exists()


def test_a_full_disk_is_one_sentence(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zen_lightning.training import checkpoint_io

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint_io.torch, "save", full)
    ended = zen(*train(tmp_path))
    assert ended.code == 2
    assert "last.ckpt (the disk is full): make room" in ended.err or "best.ckpt (the disk is full): make room" in ended.err


@pytest.mark.long
def test_sigterm_saves_and_asks_to_be_started_again(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "zen_lightning", *train(tmp_path, "recipe.epochs=100000", "recipe.warmup_epochs=1")]
    child = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 90
    while not (tmp_path / "checkpoints" / "last.ckpt").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=600)
    assert child.returncode == 75
    assert "stopped by SIGTERM; saved after" in out
    assert f"continue with resume={tmp_path}" in out


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


def test_published_structures_are_trained_as_published(zen: Zen, tmp_path: Path) -> None:
    name = "zennet_cifar10_model_size05M_res32"
    command = ["task=train", f"arch={name}", "dataset=digits", "recipe.epochs=1", "recipe.warmup_epochs=0", "trainer=cpu"]
    ended = zen(*command, "recipe.batch_size=4", "limit=4", "resolution=8", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert json.loads((tmp_path / "result.json").read_text())["params"] == zoo.entry(name).params
