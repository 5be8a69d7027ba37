"""``task=distill``: a network trained with a teacher."""

from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import make
from zen_lightning.errors import keyed
from zen_lightning.tasks.training.fit import fit, on_main_process
from zen_lightning.tasks.training.setup import KEYS, image_data, training_setup
from zen_lightning.tasks.training.teacher import read_teacher
from zen_lightning.training.classifier import Classifier
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distiller import Distiller


def run(config: DictConfig, folder: Path) -> float:
    """Train ``arch=`` on ``dataset=`` by ``recipe=``, taught by ``teacher=``.

    Images are loaded at the larger of both networks' sizes, and scaled to each.

    Returns:
        the best validation top-1 of the student in percent.

    Raises:
        UserError: something in the configuration, the images or the teacher cannot be used; nothing has been started then.
    """
    with on_main_process():
        node = OmegaConf.to_container(config.distillation, resolve=True)
        assert isinstance(node, dict)
        how = make(Distillation, {str(key): value for key, value in node.items()}, "distillation")
        setup = training_setup(config)
        teacher = read_teacher(config)
        data = image_data(config, setup, max(setup.image_size, teacher.image_size))

        def module(train_images: int) -> Classifier:
            mean, std = setup.source.mean, setup.source.std
            with keyed(KEYS):
                return Distiller(
                    setup.network, setup.recipe, train_images, teacher, config.seed, setup.image_size, how, mean, std
                )

        taught = {f"distillation.{key}": value for key, value in how.as_dict().items()}
        taught |= {f"teacher.{key}": config.teacher[key] for key in config.teacher if key not in ("_target_", "pretrained")}
        return fit(config, folder, setup, data, module, **taught)
