"""All that is wrong with something, collected instead of told one by one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from zen_lightning.errors import MissingExtraError, UserError

_KEY = re.compile(r"(?:unknown key |\w+=\S+ needs (?:[a-z ]+: )?)?([a-z_]\w*(?:\.\w+)*)(?==\S| is missing|[;.:] |$)")
_ADVICE = re.compile(r": (?=expected |choose |pip install |use |add )|; |(?<=\w)\. (?=[A-Z])")


class Problem(NamedTuple):
    """Something wrong.

    Attributes:
        key: of the configuration, or the group it is about.
        what: is wrong.
        remedy: what to do; empty where the sentence does not say.
    """

    key: str
    what: str
    remedy: str = ""


class Problems:
    """Collects problems, each once.

    Attributes:
        found: so far, in the order in which they were found.

    Example:
        >>> problems = Problems()
        >>> with problems.noted("budget"):
        ...     raise UserError("budget.flops=abc: expected a positive count such as 600M")
        >>> problems.found
        [Problem(key='budget.flops', what='budget.flops=abc', remedy='expected a positive count such as 600M')]
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._messages: set[str] = set()

    def add(self, message: str, key: str, known: str | None = None) -> None:
        """Add a problem.

        Args:
            message: a sentence, as errors have it.
            key: what it is about, where the sentence does not begin with a key.
            known: the whole key, where it is known.
        """
        if message in self._messages:
            return
        self._messages.add(message)
        named = _KEY.match(message)
        what, remedy = _parts(message)
        self.found.append(Problem(known or (named.group(1) if named else key), what, remedy))

    @contextmanager
    def noted(self, key: str) -> Iterator[None]:
        """Let what goes wrong in this context be a problem, and go on after it."""
        try:
            yield
        except (UserError, MissingExtraError) as error:
            self.add(str(error), key)


def _parts(message: str) -> tuple[str, str]:
    """Return what is wrong, and what to do about it."""
    if "\n" in message:  # A structure, with a mark below the place.
        return message, ""
    advice = _ADVICE.search(message)
    return (message[: advice.start()], message[advice.end() :]) if advice else (message, "")
