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
    assert "<dt>images live on</dt>" in (folder / "report.html").read_text()
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


def test_a_training_that_is_continued_names_its_network_as_it_was_named(
    zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "net.txt"
    named.write_text("SuperConvK3BNRELU(3,4,2,1)SuperConvK1BNRELU(4,8,1,1)\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("zen_lightning.training.checkpoint_io.torch.save", full)
        assert zen(*train(tmp_path / "run", f"arch={named}")).code == 2
    assert zen(f"resume={tmp_path / 'run'}").code == 0
    assert json.loads((tmp_path / "run" / "result.json").read_text())["arch"] == str(named)


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


def test_published_structures_are_trained_as_published(zen: Zen, tmp_path: Path) -> None:
    name = "zennet_cifar10_model_size05M_res32"
    command = ["task=train", f"arch={name}", "dataset=digits", "recipe.epochs=1", "recipe.warmup_epochs=0", "trainer=cpu"]
    ended = zen(*command, "recipe.batch_size=4", "limit=4", "resolution=8", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert json.loads((tmp_path / "result.json").read_text())["params"] == zoo.entry(name).params
