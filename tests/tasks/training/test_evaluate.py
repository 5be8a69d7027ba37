"""``task=evaluate`` on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zen_lightning as zl
from command_line import Zen
from dataset_files import write_folder
from original_file import original_bytes
from training_commands import STRUCTURE
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.nets import build_network, save_weights
from zen_lightning.runs.result import read_result
from zen_lightning.runs.run_folder import read_rows


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Give a file of weights that nobody has trained."""
    path = tmp_path / "net.safetensors"
    save_weights(build_network(Architecture.parse(STRUCTURE), 10), path, 8)
    return path


def test_crop_and_precision(zen: Zen, weights: Path, tmp_path: Path) -> None:
    for name, more in (("plain", []), ("crop", ["crop_size=12"]), ("half", ["trainer.precision=bf16-true"])):
        ended = zen("task=evaluate", f"arch={weights}", "trainer=cpu", *more, f"output_dir={tmp_path / name}")
        assert ended.code == 0, ended.err
    plain, crop, half = (json.loads((tmp_path / n / "result.json").read_text()) for n in ("plain", "crop", "half"))
    assert [r["crop_size"] for r in (plain, crop, half)] == [8, 12, 8]
    assert [r["resolution"] for r in (plain, crop, half)] == [8, 8, 8]
    assert plain["val_loss"] != crop["val_loss"]
    assert half["val_loss"] == pytest.approx(plain["val_loss"], rel=0.05)


def test_published_weights_of_a_folder(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO", str(tmp_path / "zoo"))
    name = "zennet_cifar10_model_size05M_res32"
    path = zoo.checkpoint_path(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(original_bytes(zoo.create(name)))
    ended = zen("task=evaluate", f"arch={name}", "resolution=8", "trainer=cpu", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "published top-1" in ended.out
    assert json.loads((tmp_path / "out" / "result.json").read_text())["published_top1"] == 96.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "task=evaluate needs arch="),
        ([f"arch={STRUCTURE}"], "a structure has no weights"),
        (["arch=zennet_cifar100_model_size05M_res32", "weights={weights}"], "block 1 is"),
        (["arch={weights}", "dataset=cifar100", "dataset.download=false", "dataset.root=/nowhere"], "/nowhere"),
        (["arch={weights}", "eval_batch_size=0"], "eval_batch_size=0: expected 1 or more"),
    ],
)
def test_what_is_refused(zen: Zen, weights: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = zen("task=evaluate", *(argument.format(weights=weights) for argument in arguments), f"output_dir={tmp_path}")
    assert ended.code == 2
    assert message in ended.err
    assert ended.err.count("\n") == 1


def test_each_class_is_told(zen: Zen, weights: Path, tmp_path: Path) -> None:
    ended = zen("task=evaluate", f"arch={weights}", "trainer=cpu", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "The 5 worst of 10 classes" in ended.out
    assert "images/s" in ended.out
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    rows = read_rows(tmp_path / "out" / "per_class.csv")
    assert sum(int(row["correct"]) for row in rows) == round(result["val_top1"] * result["images"] / 100)
    assert sum(int(row["images"]) for row in rows) == result["images"] == 359
    assert len(result["worst_classes"]) == 5
    assert result["classes_without_images"] == []
    assert result["images_per_second"] > 0
    report = (tmp_path / "out" / "report.html").read_text()
    assert all(f'id="{name}"' in report for name in ("classes", "confusion", "calibration"))


def test_an_exported_file_and_what_is_refused_of_it(zen: Zen, weights: Path, tmp_path: Path) -> None:
    ended = zen("task=export", f"arch={weights}", "format=torch_export", f"output_dir={tmp_path / 'export'}")
    assert ended.code == 0, ended.err
    file = tmp_path / "export" / "model.pt2"
    for name, arch in (("one", weights), ("other", file)):
        ended = zen("task=evaluate", f"arch={arch}", "trainer=cpu", f"output_dir={tmp_path / name}")
        assert ended.code == 0, ended.err
    assert "does not say how its images are prepared: 8 px" in ended.err
    one, other = (json.loads((tmp_path / name / "result.json").read_text()) for name in ("one", "other"))
    assert (one["val_top1"], one["structure"]) == (other["val_top1"], other["structure"])
    for more, message in (
        ("weights=x.safetensors", "weights=x.safetensors: arch="),
        ("trainer.precision=bf16-true", "trainer.precision=bf16-true: an exported file takes float32"),
        ("resolution=16", "resolution=16:"),
        ("num_classes=7", "num_classes="),
        ("dataset=noise", "dataset"),
    ):
        for code, task in ((2, ()), (1, ("task=validate",))):
            ended = zen("task=evaluate", f"arch={file}", "trainer=cpu", more, f"output_dir={tmp_path / 'no'}", *task)
            assert ended.code == code, more
            assert message in " ".join((ended.err + ended.out).replace(" -> ", " ").split()), more
            assert "Traceback" not in ended.err


@pytest.mark.long
def test_processes_count_each_image_once(weights: Path, tmp_path: Path) -> None:
    for name, trainer in (("one", "cpu"), ("two", "ddp_cpu")):
        command = [sys.executable, "-m", "zen_lightning", "task=evaluate", f"arch={weights}", f"trainer={trainer}"]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        done = subprocess.run([*command, f"output_dir={tmp_path / name}"], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for file in ("per_class.csv", "confusion.csv", "confused_pairs.csv"):
        assert (tmp_path / "one" / file).read_text() == (tmp_path / "two" / file).read_text()


def test_other_classes(zen: Zen, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_weights(build_network(Architecture.parse(STRUCTURE), 7), path, 8)
    ended = zen("task=evaluate", f"arch={path}", f"output_dir={tmp_path}")
    assert (ended.code, "has 7 classes, and dataset=digits 10" in ended.err) == (2, True)


def test_all_images_of_class_folders(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_folder(tmp_path / "test", each=5)
    path = tmp_path / "net.safetensors"
    save_weights(build_network(Architecture.parse(STRUCTURE), 2), path, 8)
    images = ["dataset=image_folder", f"dataset.root={tmp_path / 'test'}", "trainer.loader_workers=0"]
    for fraction, count in (("0.2", 2), ("1", 10)):
        place = tmp_path / fraction
        ended = zen("task=evaluate", f"arch={path}", *images, f"dataset.val_fraction={fraction}", f"output_dir={place}")
        assert ended.code == 0, ended.err
        assert read_result(place)["images"] == count
        assert ("2 of 10 images are held out" in ended.err) == (count == 2)
    ended = zen("task=train", f"arch={STRUCTURE}", *images, "dataset.val_fraction=1", f"output_dir={tmp_path / 'train'}")
    assert (ended.code, "dataset.val_fraction=1: no image is left to train on" in ended.err) == (2, True)


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Give grey images of 16 bits as a folder and as shards, and weights of a network that was trained with larger values."""
    wds = pytest.importorskip("webdataset")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shards = tmp_path / "webdataset"
    shards.mkdir()
    with wds.TarWriter(str(shards / "train.tar"), encoder=False) as writer:
        for at in range(16):
            path = tmp_path / "image_folder" / ("cat", "dog")[at % 2] / f"{at}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((8, 8), 700 + at, dtype=np.uint16)).save(path)
            writer.write({"__key__": f"{at:05}", "png": path.read_bytes(), "cls": str(at % 2).encode()})
    (shards / "classes.txt").write_text("cat\ndog\n")
    half = (0.5, 0.5, 0.5)
    seen = Preprocessing(8, half, half, ("cat", "dog"), grey_range=GreyRange(0, 4096))
    seen_as = {key: text for key, text in seen.metadata().items() if key != "resolution"}
    save_weights(build_network(Architecture.parse(STRUCTURE), 2), tmp_path / "net.safetensors", 8, seen_as)
    return {"weights": tmp_path / "net.safetensors", "image_folder": tmp_path / "image_folder", "webdataset": shards}


@pytest.mark.parametrize("dataset", ["image_folder", "webdataset"])
def test_no_range_is_measured_where_the_network_brings_one(
    zen: Zen, deep: dict[str, Path], tmp_path: Path, dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    images = (f"dataset={dataset}", f"dataset.root={deep[dataset]}", "trainer=cpu", "trainer.loader_workers=0")
    ended = zen("task=evaluate", f"arch={deep['weights']}", *images, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "grey_range" not in ended.err
    capsys.readouterr()
    zl.evaluate(str(deep["weights"]), dataset, root=str(deep[dataset]))
    assert "grey_range" not in capsys.readouterr().err
