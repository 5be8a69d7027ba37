"""Teachers: trained networks that others learn from. A teacher of your own is one class and one YAML."""

from typing import TYPE_CHECKING, Any

from zen_lightning.system.lazy import lazy_name
from zen_lightning.training.teachers.teacher import Teacher

if TYPE_CHECKING:
    from zen_lightning.training.teachers.staged_teacher import StagedTeacher, trained_teacher, zoo_teacher
    from zen_lightning.training.teachers.timm_teacher import TimmTeacher

__all__ = ["StagedTeacher", "Teacher", "TimmTeacher", "trained_teacher", "zoo_teacher"]

_LAZY = {
    "StagedTeacher": "staged_teacher",
    "TimmTeacher": "timm_teacher",
    "trained_teacher": "staged_teacher",
    "zoo_teacher": "staged_teacher",
}


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _LAZY, name)
