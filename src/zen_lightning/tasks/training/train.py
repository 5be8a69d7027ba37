"""``task=train``: from a structure to a trained network."""

from pathlib import Path

from omegaconf import DictConfig

from zen_lightning.tasks.training.fit import fit, on_main_process
from zen_lightning.tasks.training.setup import image_data, training_setup
from zen_lightning.training.classifier import Classifier


def run(config: DictConfig, folder: Path) -> float:
    """Train ``arch=`` on ``dataset=`` by ``recipe=``.

    Returns:
        the best validation top-1 in percent.

    Raises:
        UserError: something in the configuration or among the images cannot be used; nothing has been started then.
    """
    with on_main_process():
        setup = training_setup(config)
        data = image_data(config, setup)

        def module(train_images: int) -> Classifier:
            return Classifier(setup.network, setup.recipe, train_images, config.seed, setup.image_size)

        return fit(config, folder, setup, data, module)
