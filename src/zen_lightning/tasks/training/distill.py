"""``task=distill``: a network trained with a teacher."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from zen_lightning.errors import keyed
from zen_lightning.nets import build_network
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.networks.architecture_source import read_setting
from zen_lightning.tasks.training.files import FILES, METRICS
from zen_lightning.tasks.training.fit import on_main_process, run_training
from zen_lightning.tasks.training.setup import KEYS, image_data, training_setup
from zen_lightning.tasks.training.teacher import read_distillation, read_teacher
from zen_lightning.tasks.training.train import TrainKeys
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.teachers.teacher import WEIGHTS_KEY

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks


@dataclass
class DistillKeys(TrainKeys):
    """The keys of ``task=distill``: those of a training, and how it distills."""

    distillation: dict[str, Any] = field(default_factory=dict)


class Distill(Task[DistillKeys]):
    """Trains a network with a teacher."""

    name = "distill"
    Keys = DistillKeys
    groups = ("dataset", "recipe", "trainer", "teacher")
    instead: ClassVar = {"device": "trainer.accelerator", "workers": "trainer.loader_workers"}
    files = FILES
    metrics = METRICS
    sections = ("request.answer", "training.training", "classes.classes", "network.network", "published.published")
    resumed_by_schedulers = True

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be trained."""
        from zen_lightning.tasks.training.checking import (
            check_training,
            fetches,
            teacher_without_weights,
        )

        architecture, recipe, source, size = check_training(checks)
        how = checks.ask("distillation", read_distillation)
        teacher = checks.ask("teacher", teacher_without_weights)
        if teacher is None:
            return
        node = checks.config.teacher
        fetched = "; its weights are downloaded where they are not yet" if fetches(node) else ""
        checks.tell("teacher", f"{node.name}, {teacher.num_classes} classes, {teacher.image_size} px{fetched}")
        if architecture is None or recipe is None or source is None or size is None or how is None:
            return
        named = checks.promised.get(checks.config.arch, checks.config.arch)
        use_se = read_setting(checks.config, self.command, named).use_se
        network = build_network(architecture, source.num_classes, use_se, initialise=False)
        with checks.problems.noted("distillation"), keyed(KEYS):
            Distiller(network, recipe, 1, teacher, 0, size, how)

    def run(self) -> float:
        """Train ``arch=`` on ``dataset=`` by ``recipe=``, taught by ``teacher=``.

        Images are loaded at the larger of both networks' sizes, and scaled to each.

        Returns:
            the best validation top-1 of the student in percent.

        Raises:
            UserError: something in the configuration, the images or the teacher cannot be used; nothing has been started then.
        """
        config, command = self.config, self.command
        with on_main_process():
            how = read_distillation(config)
            setup = training_setup(config, command)
            teacher = read_teacher(config)
            data = image_data(config, setup, max(setup.image_size, teacher.image_size))

            def module(train_images: int) -> ClassifierModule:
                mean, std = setup.source.mean, setup.source.std
                with keyed(KEYS):
                    return Distiller(
                        setup.network, setup.recipe, train_images, teacher, config.seed, setup.image_size, how, mean, std
                    )

            taught = {f"distillation.{key}": value for key, value in how.as_dict().items()}
            taught |= {f"teacher.{key}": config.teacher[key] for key in config.teacher if key not in ("_target_", "pretrained")}
            taught |= {WEIGHTS_KEY: teacher.weights_digest()}
            return run_training(self, setup, data, module, **taught)
