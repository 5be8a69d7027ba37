"""All that is wrong with something, collected instead of reported one by one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from zen_lightning.errors import MissingExtraError, UserError


class Problem(NamedTuple):
    """Something wrong.

    Attributes:
        key: the key of the configuration, or the group it is about.
        what: is wrong.
        remedy: what to do; empty where the error does not say.
    """

    key: str
    what: str
    remedy: str = ""


class Problems:
    """Collects problems, each once.

    Args:
        told: what is told of an error in its place: the same about the keys that the user typed.

    Attributes:
        found: so far, in the order in which they were found.

    Example:
        >>> problems = Problems()
        >>> with problems.noted("budget"):
        ...     raise UserError(key="budget.flops", value="abc", expected="a positive count such as 600M")
        >>> problems.found
        [Problem(key='budget.flops', what='budget.flops=abc', remedy='expected a positive count such as 600M')]
    """

    def __init__(self, told: Callable[[UserError], UserError] = lambda error: error) -> None:
        self._told = told
        self.found: list[Problem] = []
        self._messages: set[str] = set()

    def add(self, error: UserError | MissingExtraError, key: str) -> None:
        """Add a problem.

        Args:
            error: the error that was raised for it.
            key: what it is about, where the error does not say.
        """
        error = self._told(error) if isinstance(error, UserError) else error
        if str(error) in self._messages:
            return
        self._messages.add(str(error))
        known = error.key if isinstance(error, UserError) else ""
        self.found.append(Problem(known or key, error.what, error.remedy))

    @contextmanager
    def noted(self, key: str) -> Iterator[None]:
        """Let what goes wrong in this context be a problem, and go on after it."""
        try:
            yield
        except (UserError, MissingExtraError) as error:
            self.add(error, key)
