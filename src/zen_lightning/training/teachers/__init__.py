"""Teachers: trained networks that others learn from. A teacher of your own is one class and one YAML."""

from zen_lightning.training.teachers.staged_teacher import StagedTeacher, trained_teacher, zoo_teacher
from zen_lightning.training.teachers.teacher import Teacher
from zen_lightning.training.teachers.timm_teacher import TimmTeacher

__all__ = ["StagedTeacher", "Teacher", "TimmTeacher", "trained_teacher", "zoo_teacher"]
