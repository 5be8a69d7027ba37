"""``zl.train``, ``zl.distill`` and ``zl.evaluate``."""

import csv
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import zen_lightning as zl
from command_line import Zen
from training_commands import STRUCTURE, train
from zen_lightning.api.training_result import Training
from zen_lightning.data import Augmentation, Digits, ImageFolder
from zen_lightning.data.grey import Extent
from zen_lightning.errors import UserError
from zen_lightning.nets import read_weights
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.machine import Machine
from zen_lightning.training.recipe import Recipe

TINY: dict[str, Any] = {"epochs": 2, "batch_size": 16, "limit": 64, "resolution": 8, "machine": Machine("cpu")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a place for the training that tests share."""
    return tmp_path_factory.mktemp("trained") / "run"


@pytest.fixture(scope="module")
def trained(folder: Path) -> Training:
    """Give what a training with a folder returned."""
    return zl.train(STRUCTURE, "digits", folder=folder, **TINY)


def test_what_a_training_returns_and_leaves(trained: Training, folder: Path) -> None:
    assert str(trained.architecture) == STRUCTURE
    assert [row["epoch"] for row in trained.history] == [1, 2]
    assert trained.val_top1 == max(row["val_top1"] for row in trained.history)
    assert (len(trained.classes), trained.image_size, trained.network.training) == (10, 8, False)
    result = json.loads((folder / "result.json").read_text())
    assert (result["task"], result["finished"], result["dataset"]) == ("train", True, "digits")
    assert result["val_top1"] == round(trained.val_top1, 4)
    rows = list(csv.DictReader((folder / "history.csv").open()))
    assert [float(row["val_top1"]) for row in rows] == [row["val_top1"] for row in trained.history]


def test_early_stopping_kept_checkpoints_and_a_trace(tmp_path: Path) -> None:
    still = Recipe(epochs=4, warmup_epochs=0, batch_size=16, lr=0.0, target_lr=0.0, bn_momentum=0.0)
    options = {key: value for key, value in TINY.items() if key not in ("epochs", "batch_size")}
    found = zl.train(
        STRUCTURE, "digits", recipe=still, folder=tmp_path, keep_every=2, early_stopping=1, trace_steps=1, **options
    )
    assert len(found.history) == 2
    assert found.stopped_early is not None
    assert found.stopped_early.startswith("stopped early at epoch 2 of 4")
    assert (tmp_path / "checkpoints" / "epoch-0002.ckpt").is_file()
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep_every": 2}, "keep_every=2: checkpoints that stay need a place; give folder=DIR too"),
        ({"keep_every": 0, "folder": "run"}, "keep_every=0: expected 1 or more, or None"),
        ({"early_stopping": 0}, "early_stopping=0: expected a whole number, 1 or more"),
        ({"trace_steps": 3}, "trace_steps=3: the trace needs a place; give folder=DIR too"),
        ({"trace_steps": 0, "folder": "run"}, "trace_steps=0: expected 1 or more, or None"),
    ],
)
def test_what_is_kept_and_traced_is_checked(
    options: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        zl.train(STRUCTURE, "digits", **TINY, **options)
    assert str(caught.value) == message


def test_it_is_the_training_of_the_command_line(trained: Training, zen: Zen, tmp_path: Path) -> None:
    ended = zen(*train(tmp_path / "run", "recipe.warmup_epochs=1"))
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    own = json.loads((trained.folder / "result.json").read_text()) if trained.folder else {}
    passing = ("seconds", "training_seconds", "git_commit", "sha256", "images_per_second", "data_wait", "peak_memory_mb")
    assert result["recipe"].pop("_target_")
    assert {key: value for key, value in own.items() if key not in passing} == {
        key: value for key, value in result.items() if key not in passing
    }
    # Each continues what the other began.
    again = zl.train(STRUCTURE, "digits", folder=tmp_path / "run", **TINY)
    assert again.val_top1 == trained.val_top1
    with pytest.raises(UserError, match="holds a training with seed: 0, not 1"):
        zl.train(STRUCTURE, "digits", folder=tmp_path / "run", seed=1, **TINY)
    with pytest.raises(UserError, match=r"recipe\.augmentation\.flip: 0\.0, not 0\.5.*or another folder"):
        zl.train(STRUCTURE, "digits", folder=tmp_path / "run", augmentation=Augmentation("pad", 1, erasing=0.0), **TINY)


def test_an_evaluation_measures_the_same(trained: Training, folder: Path, zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=evaluate", f"arch={folder}", "dataset=digits", "trainer=cpu", f"output_dir={tmp_path / 'evaluated'}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "evaluated" / "result.json").read_text())
    for source in (folder, str(folder), trained):
        found = zl.evaluate(source, "digits", machine=Machine("cpu"))
        assert (found.images, found.resolution) == (359, 8)
        assert (round(found.val_top1, 4), round(found.val_top5, 4)) == (result["val_top1"], result["val_top5"])
        assert found.val_loss == result["val_loss"]
        assert round(found.val_top1, 3) == round(trained.val_top1 or 0, 3)
    assert not trained.network.training
    assert next(trained.network.parameters()).device.type == "cpu"


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder) -> None:
    told: list[float] = []
    found = zl.train(STRUCTURE, "digits", progress=lambda row: told.append(row["epoch"]), **TINY)
    zl.evaluate(found, "digits", machine=Machine("cpu"))
    assert told == [1, 2]
    printed = capfd.readouterr()
    assert (printed.out, printed.err, [str(one.message) for one in recwarn]) == ("", "", [])
    zl.train(STRUCTURE, "digits", progress=True, **{**TINY, "epochs": 1})
    printed = capfd.readouterr()
    assert "steps" in printed.out + printed.err


def test_a_stopped_training_goes_on_in_its_folder(tmp_path: Path) -> None:
    before, handler = zl.train(STRUCTURE, "digits", **{**TINY, "epochs": 3}), signal.getsignal(signal.SIGINT)

    def stop(row: dict[str, float]) -> None:
        if row["epoch"] == 2:
            threading.Timer(0.0, os.kill, (os.getpid(), signal.SIGINT)).start()

    asked = {**TINY, "epochs": 3, "folder": tmp_path}
    with pytest.raises(KeyboardInterrupt, match="the same call continues, with folder="):
        # Steps are short: without more of them the training may end before the signal comes.
        zl.train(STRUCTURE, "digits", **{**asked, "epochs": 3000}, progress=stop)
    assert signal.getsignal(signal.SIGINT) is handler
    assert (tmp_path / "checkpoints" / "last.ckpt").is_file()
    with pytest.raises(UserError, match=r"recipe\.epochs: 3000, not 3"):
        zl.train(STRUCTURE, "digits", **asked)
    assert before.best_epoch is not None


def test_a_folder_given_twice_continues(tmp_path: Path) -> None:
    whole = zl.train(STRUCTURE, "digits", **{**TINY, "epochs": 3})

    def stop(row: dict[str, float]) -> None:
        if row["epoch"] == 1:
            raise RuntimeError("enough")

    asked = {**TINY, "epochs": 3, "folder": tmp_path}
    with pytest.raises(RuntimeError, match="enough"):
        zl.train(STRUCTURE, "digits", progress=stop, **asked)
    told: list[float] = []
    found = zl.train(STRUCTURE, "digits", progress=lambda row: told.append(row["epoch"]), **asked)
    assert told in ([2, 3], [1, 2, 3])  # The first epoch counts once its checkpoint is written.
    assert [row["val_loss"] for row in found.history] == [row["val_loss"] for row in whole.history]
    assert all(
        torch.equal(one, other) for one, other in zip(found.network.parameters(), whole.network.parameters(), strict=True)
    )


def _moved_image(images: Path) -> None:
    (images / "cat" / "0.png").rename(images / "dog" / "0.png")


def _renamed_class(images: Path) -> None:
    (images / "dog").rename(images / "wolf")


@pytest.mark.parametrize("change", [_moved_image, _renamed_class])
def test_a_training_does_not_go_on_with_other_labels(tmp_path: Path, cache: object, change: Callable[[Path], None]) -> None:
    """As many images, in as many classes."""
    images = tmp_path / "images"
    for number in range(24):
        path = images / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (10 * number, 0, 0)).save(path)

    def stop(row: dict[str, float]) -> None:
        if row["epoch"] == 2:
            raise RuntimeError("enough")

    asked: dict[str, Any] = {**TINY, "limit": None, "epochs": 3, "batch_size": 4, "root": str(images), "image_size": 8}
    asked |= {"recipe": "small", "val_fraction": 0.25, "folder": tmp_path / "run"}
    with pytest.raises(RuntimeError, match="enough"):
        zl.train(STRUCTURE, "image_folder", **asked, progress=stop)
    change(images)
    with pytest.raises(UserError, match="holds a training on other images: their classes, or which image is of which"):
        zl.train(STRUCTURE, "image_folder", **asked)


def test_a_continued_training_keeps_its_range_of_deep_images(
    tmp_path: Path, cache: object, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    for number in range(24):
        path = tmp_path / "images" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 12000, (8, 8)).astype(np.uint16)).save(path)

    def stop(row: dict[str, float]) -> None:
        if row["epoch"] == 2:
            raise RuntimeError("enough")

    run: Path = tmp_path / "run"
    asked: dict[str, Any] = {**TINY, "limit": None, "epochs": 3, "batch_size": 8}
    asked |= {"root": str(tmp_path / "images"), "image_size": 8, "recipe": "small", "val_fraction": 0.5}
    with pytest.raises(RuntimeError, match="enough"):
        zl.train(STRUCTURE, "image_folder", **asked, folder=run, progress=stop)
    assert "grey_range=[0,65536]" in capfd.readouterr().err
    # As where a release knows more of files, and measures another range.
    monkeypatch.setattr(ImageFolder, "_deep_extent", lambda _: Extent(0, 11999, True, 14))
    monkeypatch.setattr(ImageFolder, "_deep_fingerprint", lambda _: "of another release")
    assert ImageFolder(str(tmp_path / "images"), val_fraction=0.5).grey_range == (0, 16384)
    capfd.readouterr()
    again = zl.train(STRUCTURE, "image_folder", **asked, folder=run)
    assert "grey_range" not in capfd.readouterr().err
    assert json.loads(read_weights(run / "weights.safetensors")[1]["grey_range"]) == [0, 65536]
    assert again.mean[0] < 0.12  # Of 65536: by the range of 14 bits it is four times as much.
    assert json.loads((run / "result.json").read_text())["mean"] == pytest.approx(again.mean, abs=1e-3)


def test_a_trained_network_teaches(trained: Training) -> None:
    student_text = "SuperConvK3BNRELU(3,4,2,1)SuperConvK3BNRELU(4,4,2,1)"
    student = zl.distill(student_text, trained, "digits", distillation=Distillation(first_ratio=2), **TINY)
    alone = zl.train(student_text, "digits", **TINY)
    assert student.history[0]["train_loss"] != alone.history[0]["train_loss"]
    assert all(parameter.requires_grad for parameter in trained.network.parameters())


def test_weights_to_begin_with(trained: Training, folder: Path) -> None:
    still = Recipe(epochs=1, warmup_epochs=0, batch_size=16, lr=0.0, bn_momentum=0.0, momentum=0.0, nesterov=False)
    more = {key: value for key, value in TINY.items() if key not in ("epochs", "batch_size")}
    found = zl.train(STRUCTURE, "digits", recipe=still, weights=folder, **more)
    for one, other in zip(found.network.parameters(), trained.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_dataset_of_ones_own() -> None:
    found = zl.train(STRUCTURE, Digits(image_size=8), recipe="digits", **{**TINY, "epochs": 1, "resolution": None})
    assert (found.image_size, found.best_epoch) == (8, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"epochs": 0}, "epochs=0: expected 1 or more"),
        ({"batch_size": 0}, "batch_size=0: expected 1 or more"),
        ({"resolution": 0}, "resolution=0: expected 1 or more"),
        ({"seed": -1}, "seed=-1: expected 0 or more"),
        ({"epoch": 3}, "there is no argument epoch, and dataset=digits has no such setting; did you mean 'epochs'?"),
        ({"dataset": "digit"}, "dataset=digit: did you mean 'digits'?"),
        ({"dataset": "noise"}, "dataset=noise: it has no images"),
        ({"recipe": "cifr"}, "recipe=cifr: did you mean 'cifar'?"),
        ({"machine": Machine("cpu", devices=2)}, "a function runs in one process, and this asks for 2"),
        ({"machine": Machine("cpu", num_nodes=2)}, "a function runs in one process, and this asks for 2"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        zl.train(STRUCTURE, **{**TINY, **arguments})
    assert sentence in str(refused.value)


def test_one_of_several_processes_is_refused(monkeypatch: pytest.MonkeyPatch, trained: Training) -> None:
    for name, value in (("TORCHELASTIC_RUN_ID", "1"), ("WORLD_SIZE", "2"), ("LOCAL_WORLD_SIZE", "2")):
        monkeypatch.setenv(name, value)
    for call in (lambda: zl.train(STRUCTURE, **TINY), lambda: zl.evaluate(trained)):
        with pytest.raises(UserError, match=r"started 2 processes, and a function runs in one.*task=train"):
            call()


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the loader forks")
@pytest.mark.parametrize("kept", [True, False])
def test_a_killed_loader_process_is_a_sentence(tmp_path: Path, kept: bool) -> None:
    class Heavy(Digits):
        """Is read by processes, one of which is killed after the first epoch."""

        light = False

    def kill(row: dict[str, float]) -> None:
        if row["epoch"] == 1:
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

    more: dict[str, Any] = {"folder": tmp_path} if kept else {}
    with pytest.raises(UserError, match="a process that reads images was killed: memory that ran out") as caught:
        zl.train(STRUCTURE, Heavy(), **{**TINY, "epochs": 99}, progress=kill, **more)
    assert ("the same call continues, with folder=" in str(caught.value)) is kept
