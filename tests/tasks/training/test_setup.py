"""Every shipped recipe, trainer, logger and teacher composes, and its objects are made."""

import pytest
from hydra.utils import get_object
from omegaconf import OmegaConf

from command_line import composed
from zen_lightning.config import build, conf_dir
from zen_lightning.tasks.tracking import read_trackers
from zen_lightning.tasks.training import setup as training_setup
from zen_lightning.tasks.training.setup import _OWN_KEYS, read_machine, read_recipe
from zen_lightning.training.trainer import Machine


def choices(group: str) -> list[str]:
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))


# (epochs, weight decay, crop, AutoAugment policy, lighting), as published; digits are the project's own.
RECIPES = {
    "cifar": (1440, 5e-4, "pad", "cifar10", 0.0),
    "imagenet": (480, 4e-5, "resized", "imagenet", 0.1),
    "digits": (12, 5e-4, "pad", None, 0.0),
}


@pytest.mark.parametrize("name", choices("recipe"))
def test_recipes(name: str) -> None:
    recipe, augmentation = read_recipe(composed("task=train", f"recipe={name}"))
    numbers = (recipe.epochs, recipe.weight_decay, augmentation.crop, augmentation.policy, augmentation.lighting)
    assert numbers == RECIPES[name]
    if name != "digits":
        assert (recipe.lr, recipe.batch_size, recipe.momentum, recipe.nesterov) == (0.1, 64, 0.9, True)
        assert (recipe.label_smoothing, recipe.mixup, recipe.bn_momentum) == (0.1, 0.2, 0.01)
        assert (augmentation.flip, augmentation.erasing, augmentation.padding) == (0.5, 0.5, 4)
        assert augmentation.interpolation == ("bicubic" if name == "imagenet" else "bilinear")


@pytest.mark.parametrize("name", choices("trainer"))
def test_trainers(name: str) -> None:
    node = OmegaConf.to_container(composed(f"trainer={name}").trainer)
    assert isinstance(node, dict)
    own = {key: node.pop(key) for key in _OWN_KEYS}
    machine = build({"_target_": "zen_lightning.training.trainer.Machine", **node}, "trainer")
    assert isinstance(machine, Machine)
    assert (machine.strategy == "ddp") == name.startswith("ddp")
    assert own["checkpoint_minutes"] == 10


@pytest.mark.parametrize(("more", "strategy"), [((), "auto"), (("trainer.devices=2",), "ddp")])
def test_several_processes_are_those_of_ddp(more: tuple[str, ...], strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TORCHELASTIC_RUN_ID", "SLURM_NTASKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(training_setup, "said_keys", set)
    assert read_machine(composed("task=train", "trainer=cpu", *more)).strategy == strategy


@pytest.mark.parametrize("name", choices("teacher"))
def test_teachers(name: str) -> None:
    node = composed("task=distill", f"teacher={name}", "dataset=digits").teacher
    assert node.name == name
    assert name == "none" or callable(get_object(node._target_))


@pytest.mark.parametrize("name", choices("logger"))
def test_loggers(name: str) -> None:
    trackers = read_trackers(composed(f"logger={name}"))
    assert list(trackers) == ([] if name in ("csv", "none") else [name])


def test_several_loggers() -> None:
    assert list(read_trackers(composed("logger=[wandb,csv,tensorboard]"))) == ["wandb", "tensorboard"]
    assert composed("logger=[wandb,csv]", "logger.wandb.group=mine").logger.wandb.group == "mine"
