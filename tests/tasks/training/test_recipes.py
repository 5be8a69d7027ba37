"""Optimisers, recipes of today and fine-tuning on the command line."""

import json
from pathlib import Path

import pytest

import zen_lightning as zl
from command_line import Zen

STRUCTURE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
FAST = (
    "dataset=digits",
    "trainer=cpu",
    "limit=64",
    "resolution=8",
    "recipe.epochs=1",
    "recipe.warmup_epochs=0",
    "recipe.batch_size=16",
)


def test_every_recipe_trains(zen: Zen, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    for recipe in ("modern_cifar", "modern_imagenet"):
        ended = zen("task=train", f"arch={STRUCTURE}", f"recipe={recipe}", *FAST, f"output_dir={tmp_path / recipe}")
        assert ended.code == 0, ended.err
        assert json.loads((tmp_path / recipe / "result.json").read_text())["epochs"] == 1


def test_an_optimiser_by_its_class(zen: Zen, tmp_path: Path) -> None:
    asked = "recipe.optimizer={_target_: torch.optim.NAdam, momentum_decay: 0.01}"
    ended = zen("task=train", f"arch={STRUCTURE}", asked, "recipe.lr=0.01", *FAST, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    recorded = json.loads((tmp_path / "out" / "result.json").read_text())["recipe"]["optimizer"]
    assert recorded == {"_target_": "torch.optim.NAdam", "momentum_decay": 0.01}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("recipe.optimizer=adamv", "recipe.optimizer=adamv: did you mean 'adamw'?"),
        ("recipe.optimizer={_target_: os.system}", "recipe.optimizer._target_=os.system: system is not a Optimizer"),
        (
            "recipe.optimizer={_target_: torch.optim.NAdam, momentum: 1}",
            "recipe.optimizer=torch.optim.NAdam: NAdam has no momentum",
        ),
        ("recipe.betas=[0.9,0.99]", "recipe.betas=[0.9, 0.99]: SGD has no betas"),
        ("recipe.frozen_stages=7", "recipe.frozen_stages=7: the network has 2 stages"),
        ("recipe.schedule=onecycle", "recipe.schedule=onecycle: did you mean 'one_cycle'?"),
        ("recipe.augmentation.policy=trivail", "recipe.augmentation.policy=trivail: did you mean 'trivial'?"),
    ],
)
def test_what_is_refused(zen: Zen, tmp_path: Path, override: str, message: str) -> None:
    ended = zen("task=train", f"arch={STRUCTURE}", override, *FAST, f"output_dir={tmp_path / 'out'}")
    assert (ended.code, message in ended.err, ended.err.count("\n")) == (2, True, 1), ended.err


def test_fine_tuning_to_other_classes(zen: Zen, tmp_path: Path) -> None:
    first = zl.train(STRUCTURE, "digits", epochs=1, limit=64, batch_size=16, resolution=8, folder=tmp_path / "first")
    from PIL import Image

    for name, colour in (("red", "red"), ("green", "green"), ("blue", "blue")):
        for part, count in (("train", 8), ("val", 2)):
            folder = tmp_path / "photos" / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (8, 8), colour).save(folder / f"{number}.png")
    ended = zen(
        "task=train",
        f"arch={tmp_path / 'first'}",
        f"weights={tmp_path / 'first'}",
        "recipe=finetune",
        "recipe.epochs=2",
        "recipe.warmup_epochs=0",
        "recipe.batch_size=8",
        "recipe.frozen_epochs=null",
        "recipe.frozen_norms=true",
        "dataset=image_folder",
        f"dataset.root={tmp_path / 'photos'}",
        "dataset.crop_ratio=null",
        "resolution=8",
        "trainer=cpu",
        f"output_dir={tmp_path / 'second'}",
    )
    assert ended.code == 0, ended.err
    assert "has 10 classes, the dataset 3: the classifier starts from fresh weights" in ended.out
    second = zl.load(tmp_path / "second")
    assert second.classes == ("blue", "green", "red")
    ours, theirs = second.network.state_dict(), first.network.state_dict()  # type: ignore[attr-defined]
    assert {key for key in theirs if not theirs[key].equal(ours[key])} == {"classifier.linear.weight", "classifier.linear.bias"}
