"""A short training of the best network of each depth."""

import json
from pathlib import Path
from typing import Any

import pytest

import zen_lightning as zl
from zen_lightning.api import candidate_training
from zen_lightning.api.candidate_training import train_depths
from zen_lightning.api.depth_training import DepthTraining
from zen_lightning.data import Augmentation
from zen_lightning.errors import UserError
from zen_lightning.search.depth_choice import Depth

NETWORKS = [
    zl.Architecture.parse(f"SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,{width},2,8,{layers})")
    for width, layers in ((8, 1), (16, 2))
]
DEPTHS = [Depth(number, number, 1.0, 2.0, None, str(network)) for number, network in zip((2, 3), NETWORKS, strict=True)]
TINY = DepthTraining("digits", epochs=1, images=64, batch_size=16, resolution=8, device="cpu")


def trained(folder: Path, how: DepthTraining = TINY, seed: int = 4, said: list[str] | None = None) -> list[Depth]:
    return train_depths(
        how, DEPTHS, NETWORKS, resolution=32, seed=seed, folder=folder, say=(said if said is not None else []).append
    )


def test_each_depth_gets_the_accuracy_of_its_network_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    found = trained(tmp_path, said=said)
    assert [one._replace(trained=None) for one in found] == DEPTHS
    assert all(one.trained is not None and 0 < one.trained < 100 for one in found)
    assert said[0] == ("choosing the depth: training the best network of each for 1 epochs on digits (64 images at most, 8 px)")
    assert said[1].startswith("1 of 2: at most 2 layers, ")
    assert f"top-1 {found[1].trained:.2f}%" in said[2]
    place = tmp_path / "depths" / "layers2-seed4"
    told = json.loads((place / "trained.json").read_text())
    assert (told["val_top1"], told["train_images"]) == (found[0].trained, 64)
    assert {path.name for path in place.iterdir()} >= {"trained.json", "weights.safetensors", "history.csv"}
    assert not (place / "checkpoints").exists()
    monkeypatch.setattr(candidate_training, "_fit", None)  # Called, it would fail.
    assert trained(tmp_path) == found
    with pytest.raises(UserError, match="layers2-seed4 holds another training"):
        trained(tmp_path, DepthTraining("digits", epochs=2, images=64, batch_size=16, resolution=8, device="cpu"))
    (place / "trained.json").write_text("{}")
    with pytest.raises(UserError, match=r"trained\.json: .* is missing: delete it"):
        trained(tmp_path)


def test_seeds_are_averaged_and_equal_networks_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainings: list[tuple[str, int]] = []

    def fit(asked: Any, how: DepthTraining, place: Path) -> dict[str, Any]:
        trainings.append((str(asked.arch), asked.seed))
        return {"val_top1": 50.0 + asked.seed + 10 * asked.arch.num_layers, "seconds": 1.0}

    monkeypatch.setattr(candidate_training, "_fit", fit)
    how = DepthTraining("digits", epochs=1, seeds=2)
    depths = [DEPTHS[0], DEPTHS[1], DEPTHS[1]._replace(limit=9)]
    found = train_depths(how, depths, [*NETWORKS, NETWORKS[1]], 16, 3, tmp_path, lambda text: None)
    assert [one.trained for one in found] == [53.5 + 10 * network.num_layers for network in [*NETWORKS, NETWORKS[1]]]
    assert trainings == [(str(network), seed) for network in NETWORKS for seed in (3, 4)]


def test_the_recipe_is_short_whatever_the_dataset_brings() -> None:
    strong = Augmentation(policy="cifar10", erasing=0.5, lighting=0.1, padding=2, flip=0.0)
    ready = DepthTraining("digits", epochs=4, lr=0.3, batch_size=32, augmentation=strong, device="cpu").ready()
    assert ready.augmentation == Augmentation(policy=None, erasing=0.0, lighting=0.0, padding=2, flip=0.0)
    assert (ready.recipe.epochs, ready.recipe.warmup_epochs, ready.recipe.lr, ready.recipe.mixup) == (4, 0.25, 0.3, 0.0)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"epochs": 0}, "epochs=0: expected 1 or more"),
        ({"images": 1.5}, "images=1.5: expected a whole number, 1 or more"),
        ({"seeds": True}, "seeds=True: expected a whole number, 1 or more"),
        ({"lr": 0}, "lr=0: expected a number above 0"),
        ({"device": "cudda"}, "device=cudda: did you mean 'cuda'?"),
    ],
)
def test_numbers_that_cannot_be_used_are_named(numbers: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        DepthTraining("digits", **numbers)
    assert str(caught.value).startswith(said)


def test_a_search_takes_the_depth_that_trains_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        candidate_training, "_fit", lambda asked, how, place: {"val_top1": 99.0 - asked.arch.num_layers, "seconds": 1.0}
    )
    budget = zl.Budget(params="60k", layers="auto", depths=[6, 8, 10], layers_by="training")
    settings: dict[str, Any] = {"space": "resnet", "resolution": 16, "num_classes": 10, "iterations": 60, "population_size": 20}
    start = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,32,1,1)"
    found = zl.search(budget, start=start, **settings, finalists=0, depth_training=TINY, folder=tmp_path)
    assert [one.trained for one in found.depths] == [99.0 - one.layers for one in found.depths]
    assert found.setup.budget.limits[0].maximum == 6
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["layers_by"] == "training"
    assert result["depth_training"]["resolution"] == 8
    for wrong in ({"depth_training": TINY, "budget": "params1M"}, {"budget": budget}):
        with pytest.raises(UserError, match="layers_by=training chooses the depth by a training"):
            zl.search(**{"start": start, **settings, **wrong})
