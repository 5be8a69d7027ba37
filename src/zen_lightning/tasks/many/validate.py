"""``task=validate``: added to a command, it lists all that is wrong with it; see :mod:`zen_lightning.cli.validation`."""

from dataclasses import dataclass
from typing import NoReturn

from zen_lightning.errors import UserError
from zen_lightning.tasks.base import Task


@dataclass
class ValidateKeys:
    """The keys of ``task=validate``: none of its own."""


class Validate(Task[ValidateKeys]):
    """Refuses to be one job of a sweep: commands are validated before Hydra starts anything."""

    name = "validate"
    Keys = ValidateKeys

    def run(self) -> NoReturn:
        """Raise a UserError, always."""
        remedy = "-m ... task=validate"
        raise UserError("task=validate is added to a whole command, and cannot be one of the values of a sweep", remedy=remedy)
