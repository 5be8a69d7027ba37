"""``zl.load``: a network with its classes and transform, from a run, its checkpoints, and bare weights."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

import zen_lightning as zl
from zen_lightning.api.loading import LoadedNetwork
from zen_lightning.api.training_result import Training
from zen_lightning.data import Digits
from zen_lightning.errors import UserError
from zen_lightning.nets import read_weights
from zen_lightning.training.recipe import Recipe

STRUCTURE = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a training that averages its weights."""
    folder = tmp_path_factory.mktemp("run")
    recipe = Recipe(epochs=3, warmup_epochs=0, batch_size=16, lr=0.8, mixup=0.0, bn_momentum=0.1, ema=0.5)
    zl.train(STRUCTURE, Digits(), recipe=recipe, resolution=16, folder=folder)
    return folder


def share_right(network: LoadedNetwork) -> float:
    images = Digits().val()
    told = [network.predict(images.image(at), top=1).top == str(images.label(at)) for at in range(len(images))]
    return 100 * sum(told) / len(told)


def test_the_metadata_say_what_the_network_sees(run: Path) -> None:
    with safe_open(run / "weights.safetensors", "pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["classes"]) == list("0123456789")
    assert json.loads(metadata["mean"]) == pytest.approx(Digits().mean)
    assert json.loads(metadata["std"]) == pytest.approx(Digits().std)
    assert (metadata["resolution"], metadata["crop_size"], metadata["resize"], metadata["crop_ratio"]) == (
        "16",
        "16",
        "16",
        "null",
    )


def test_one_image_at_a_time_is_as_good_as_a_batch(run: Path) -> None:
    network, _ = read_weights(run / "weights.safetensors")
    assert not network.training
    loaded, images = zl.load(run), Digits().val()
    batch = torch.stack([loaded.transform(images.image(at)) for at in range(60)])
    with torch.no_grad():
        alone = torch.cat([network(image[None]) for image in batch])
        together = loaded.network(batch)
    torch.testing.assert_close(alone, together, rtol=1e-4, atol=1e-4)
    reached = json.loads((run / "result.json").read_text())["val_top1"]
    assert share_right(loaded) == pytest.approx(reached, abs=0.5)
    assert reached > 15  # Of ten classes.


@pytest.mark.parametrize("name", ["checkpoints/best.ckpt", "checkpoints/last.ckpt", "weights.safetensors"])
def test_its_own_files(run: Path, name: str) -> None:
    loaded, image = zl.load(run / name), Digits().val().image(0)
    assert (loaded.classes, loaded.transform.resolution) == (tuple("0123456789"), 16)
    if "best" in name:
        assert loaded.predict(image) == zl.load(run).predict(image)


def test_best_checkpoint_as_weights_of_its_structure(run: Path) -> None:
    image = Digits().val().image(3)
    loaded = zl.load(STRUCTURE, weights=run / "checkpoints" / "best.ckpt")
    assert loaded.predict(image) == zl.load(run).predict(image)
    with pytest.raises(UserError, match="the weights are of another network: block 2 is"):
        zl.load(STRUCTURE.replace("8,16", "8,24"), weights=run / "checkpoints" / "best.ckpt")


def test_a_bare_state_dict_needs_a_dataset(run: Path, tmp_path: Path) -> None:
    torch.save(read_weights(run / "weights.safetensors")[0].state_dict(), tmp_path / "mine.pth")
    settings = {"weights": tmp_path / "mine.pth", "num_classes": 10, "resolution": 16}
    with pytest.raises(
        UserError, match=r"nothing says what its classes are .*: name the dataset that it was trained on by dataset="
    ):
        zl.load(STRUCTURE, **settings)
    image = Digits().val().image(1)
    assert zl.load(STRUCTURE, **settings, dataset="digits").predict(image) == zl.load(run).predict(image)


def test_runs_of_older_versions(run: Path, tmp_path: Path) -> None:
    """Weights said no mean and no classes; the result of the run does."""
    from zen_lightning.nets import save_weights

    old = tmp_path / "old"
    shutil.copytree(run, old, ignore=shutil.ignore_patterns(".sha256"))
    save_weights(read_weights(run / "weights.safetensors")[0], old / "weights.safetensors", 16)
    content = torch.load(old / "checkpoints" / "best.ckpt", weights_only=True)
    del content["zen_lightning"]
    torch.save(content, old / "checkpoints" / "best.ckpt")
    image = Digits().val().image(2)
    for source in (old, old / "checkpoints" / "best.ckpt"):
        assert zl.load(source).predict(image) == zl.load(run).predict(image)
    shutil.move(old / "checkpoints" / "best.ckpt", tmp_path / "best.ckpt")
    with pytest.raises(UserError, match=r"does not say what network it is of; write arch=<structure"):
        zl.load(tmp_path / "best.ckpt")


def test_training_goes_on_from_weights_in_training_mode(run: Path) -> None:
    before = zl.load(run).network.state_dict()
    again: Training = zl.train(STRUCTURE, Digits(), weights=run, epochs=1, limit=64, batch_size=32, resolution=16)
    moved = [
        key
        for key, value in again.network.state_dict().items()
        if key.endswith("running_mean") and not torch.equal(value, before[key])
    ]
    assert moved
