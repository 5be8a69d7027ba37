"""``task=evaluate`` on the command line."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from original_file import original_bytes
from training_commands import STRUCTURE
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network, save_weights


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


def test_other_classes(zen: Zen, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_weights(build_network(Architecture.parse(STRUCTURE), 7), path, 8)
    ended = zen("task=evaluate", f"arch={path}", f"output_dir={tmp_path}")
    assert (ended.code, "has 7 classes, and dataset=digits 10" in ended.err) == (2, True)
