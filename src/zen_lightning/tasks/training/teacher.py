"""The teacher that ``teacher=`` names."""

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import build, make
from zen_lightning.errors import UserError
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.teachers import Teacher


def read_teacher(config: DictConfig) -> Teacher:
    """Return the teacher of a run, with its weights.

    Args:
        config: the composed configuration; its node ``teacher`` has a ``name``, a ``_target_`` and the arguments of that.

    Raises:
        MissingExtraError: a package that it needs is not installed.
        UserError: there is no teacher, a key is missing, or its weights cannot be had.
    """
    return build(teacher_node(config), "teacher", Teacher, without=["name"])


def teacher_node(config: DictConfig) -> DictConfig:
    """Return the node ``teacher``, of which a teacher is built.

    Raises:
        UserError: there is no teacher, or a key is missing.
    """
    node: DictConfig = config.teacher
    if node.get("_target_") is None:
        remedy = (
            "teacher=efficientnet_b3_ns, teacher=timm teacher.model=NAME, teacher=zoo teacher.arch=NAME, or teacher=checkpoint "
            "teacher.arch=DIR"
        )
        raise UserError(f"task={config.task.name} needs a teacher", key="teacher", remedy=remedy)
    for key in sorted(OmegaConf.missing_keys(node)):
        raise UserError(f"teacher={node.get('name')} needs {key}=", key=key)
    return node


def read_distillation(config: DictConfig) -> Distillation:
    """Return how a run distills, from its node ``distillation``.

    Raises:
        UserError: a key that there is not, or a value that cannot be used.
    """
    node = OmegaConf.to_container(config.distillation, resolve=True)
    assert isinstance(node, dict)
    return make(Distillation, {str(key): value for key, value in node.items()}, "distillation")
