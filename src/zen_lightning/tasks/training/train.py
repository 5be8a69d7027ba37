"""``task=train``: from a structure to a trained network."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from zen_lightning.system.value_types import Classes, Count, OneNetwork, Pixels
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.training.files import FILES, METRICS
from zen_lightning.tasks.training.fit import on_main_process, run_training
from zen_lightning.tasks.training.setup import image_data, training_setup
from zen_lightning.training.classifier import ClassifierModule

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks


@dataclass
class TrainKeys:
    """The keys of ``task=train``."""

    arch: OneNetwork | None = None
    weights: str | None = None
    limit: Count | None = None
    use_se: bool | None = None
    resolution: Pixels = 32
    num_classes: Classes = 10


class Train(Task[TrainKeys]):
    """Trains a network."""

    name = "train"
    Keys = TrainKeys
    groups = ("dataset", "recipe", "trainer")
    instead: ClassVar = {
        "device": "trainer.accelerator",
        "workers": "trainer.loader_workers",
        "teacher": "task=distill",
    }
    files = FILES
    metrics = METRICS
    sections = ("request.answer", "training.training", "classes.classes", "network.network", "published.published")
    resumed_by_schedulers = True

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be trained."""
        from zen_lightning.tasks.training.checking import check_training

        check_training(checks)

    def run(self) -> float:
        """Train ``arch=`` on ``dataset=`` by ``recipe=``.

        Returns:
            the best validation top-1 in percent.

        Raises:
            UserError: something in the configuration or among the images cannot be used; nothing has been started then.
        """
        config, command = self.config, self.command
        with on_main_process():
            setup = training_setup(config, command)
            data = image_data(config, setup)

            def module(train_images: int) -> ClassifierModule:
                return ClassifierModule(setup.network, setup.recipe, train_images, config.seed, setup.image_size)

            return run_training(self, setup, data, module)
