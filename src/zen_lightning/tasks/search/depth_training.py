"""The short training that chooses a depth, from the configuration."""

from omegaconf import DictConfig

from zen_lightning.api.depth_training import DepthTraining
from zen_lightning.config.plain import plain
from zen_lightning.config.schema import DepthConfig
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command import Command

GROUP = "depth"


def asked_training(config: DictConfig, command: Command, trains: bool) -> DepthTraining | None:
    """Return the training that chooses the depth; None where none does.

    Args:
        config: the composed configuration.
        command: what the command line said.
        trains: whether the budget asks for one.

    Raises:
        UserError: a value that cannot be used, no dataset with labels, or keys of a training that nothing reads.
    """
    if not trains:
        for key in sorted(command.keys):
            if key.partition(".")[0] == GROUP:
                remedy = "add budget.layers=auto budget.layers_by=training, or leave it out"
                raise UserError(f"{key} is for a training that chooses the depth", key=key, remedy=remedy)
        return None
    if "_target_" not in config.dataset:
        remedy = "add dataset=cifar10, dataset=digits or dataset=image_folder dataset.root=DIR"
        what = f"budget.layers_by=training needs images with labels: dataset={config.dataset.name} has none"
        raise UserError(what, key="dataset", remedy=remedy, involves=["budget.layers_by"])
    from zen_lightning.tasks.training.images import check_classes, make_source
    from zen_lightning.tasks.training.setup import read_recipe

    source = make_source(config)
    with keyed("dataset"):
        source.check()
    check_classes(config, command, source)
    with keyed(GROUP):
        numbers = {name: config.depth[name] for name in DepthConfig.__dataclass_fields__}
        known = plain(config.dataset)
        return DepthTraining(source, **numbers, augmentation=read_recipe(config)[1], identity=known, progress=True)
