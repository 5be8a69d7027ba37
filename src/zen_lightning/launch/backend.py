"""What runs jobs: the classes that ``launcher=`` names."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence

from zen_lightning.errors import UserError
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended

Tell = Callable[[str], None]
"""Called with a sentence about something that went wrong and was mended, such as a machine that died."""


class Backend(ABC):
    """Runs jobs somewhere.

    Attributes:
        where: jobs run, as a phrase: "2 at a time on this machine".
    """

    where: str

    @abstractmethod
    def run(self, jobs: Sequence[Job], tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        """Run jobs, and yield each with what became of it as it ends; none that fails stops another.

        A job whose process or machine died is run again. When the generator is closed, or Ctrl-C reaches it, all jobs are
        stopped, and none is left behind.

        Args:
            jobs: to run.
            tell: of deaths.

        Raises:
            UserError: the jobs cannot be run as the launcher is configured.
        """


def check_at_least(key: str, value: int | None, least: int) -> None:
    """Raise a UserError where a number of the launcher is too small; None is left to the launcher."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise UserError(f"launcher.{key}={value}: expected a whole number, {least} or more")
