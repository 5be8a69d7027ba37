"""What a training is set up with: every shipped recipe, and values that do not fit."""

import pytest

from command_line import choices, composed
from zen_lightning.errors import UserError
from zen_lightning.tasks.training import setup as training_setup
from zen_lightning.tasks.training.setup import read_recipe

# (epochs, weight decay, crop, AutoAugment policy, lighting), as published; the others are the project's own or cite theirs.
RECIPES = {
    "cifar": (1440, 5e-4, "pad", "cifar10", 0.0),
    "imagenet": (480, 4e-5, "resized", "imagenet", 0.1),
    "digits": (12, 5e-4, "pad", None, 0.0),
    "small": (30, 5e-4, "pad", None, 0.0),
    "finetune": (20, 1e-4, "pad", None, 0.0),
    "modern_cifar": (200, 5e-4, "pad", "trivial", 0.0),
    "modern_imagenet": (300, 0.02, "resized", "rand", 0.0),
}


@pytest.mark.parametrize("name", choices("recipe"))
def test_recipes(name: str) -> None:
    recipe, augmentation = read_recipe(composed("task=train", f"recipe={name}"))
    numbers = (recipe.epochs, recipe.weight_decay, augmentation.crop, augmentation.policy, augmentation.lighting)
    assert numbers == RECIPES[name]
    if name in ("cifar", "imagenet"):
        assert (recipe.lr, recipe.batch_size, recipe.momentum, recipe.nesterov) == (0.1, 64, 0.9, True)
        assert (recipe.label_smoothing, recipe.mixup, recipe.bn_momentum) == (0.1, 0.2, 0.01)
        assert (augmentation.flip, augmentation.erasing, augmentation.padding) == (0.5, 0.5, 4)
        assert augmentation.interpolation == ("bicubic" if name == "imagenet" else "bilinear")


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("recipe.batch_size=0", "recipe.batch_size=0: expected 1 or more"),
        ("recipe.warmup_epochs=-1", "recipe.warmup_epochs=-1: expected 0 or more"),
        ("recipe.augmentation.flip=2", "recipe.augmentation.flip=2: expected 0 or more and 1 or less"),
        ("trainer.loader_prefetch=0", "trainer.loader_prefetch=0: expected 1 or more"),
        ("trainer.loader_workers=-1", "trainer.loader_workers=-1: expected auto, or 0 or more"),
        ("limit=0", "limit=0: expected 1 or more"),
    ],
)
def test_errors_name_keys_of_the_command_line(override: str, sentence: str) -> None:
    shape = "arch='SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)'"
    config = composed(
        "task=train", shape, "dataset=digits", "trainer=cpu", "recipe.epochs=2", "recipe.warmup_epochs=1", override
    )
    with pytest.raises(UserError) as caught:
        training_setup.image_data(config, training_setup.training_setup(config))
    assert str(caught.value).startswith(sentence)


def test_a_warm_up_longer_than_the_training_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    shape = "arch='SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)'"
    for epochs, kept in ((2, 1), (1, 0)):
        config = composed("task=train", shape, "dataset=digits", "trainer=cpu", f"recipe.epochs={epochs}")
        config.recipe.warmup_epochs = 5
        assert training_setup.training_setup(config).recipe.warmup_epochs == kept
        assert f"recipe.warmup_epochs=5 is shortened to {kept}: the training has {epochs} epoch" in capsys.readouterr().err
    whole = composed("task=train", shape, "dataset=digits", "trainer=cpu", "recipe.epochs=9", "recipe.warmup_epochs=5")
    assert training_setup.training_setup(whole).recipe.warmup_epochs == 5
    assert "shortened" not in capsys.readouterr().err


def test_too_few_steps_for_the_statistics_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    shape = "arch='SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)'"
    command = ("task=train", shape, "dataset=digits", "trainer=cpu")
    training_setup.training_setup(composed(*command, "recipe=cifar", "recipe.epochs=2"))
    said = capsys.readouterr().err
    left = "in validation, their running statistics would still be 64% initial values"
    assert f"2 epochs of 1,438 images are too few for batch norms with recipe.bn_momentum=0.01: {left}" in said
    assert "recipe=small" in said
    for enough in (["recipe=cifar"], ["recipe=small"], ["recipe=cifar", "recipe.epochs=20"]):
        training_setup.training_setup(composed(*command, *enough))
        assert "too few" not in capsys.readouterr().err
