"""A conformance suite: named checks that whatever is of a kind must pass."""

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Suite(Generic[T]):
    """Checks of one kind of thing, run one by one or all at once.

    Args:
        kind: what is checked: ``"proxy"``.

    Attributes:
        checks: the checks, by name; each takes what is checked and raises an AssertionError where it fails.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.checks: dict[str, Callable[[T], None]] = {}

    def add(self, check: Callable[[T], None]) -> Callable[[T], None]:
        """Add a check; its name says what holds."""
        self.checks[check.__name__.lstrip("_")] = check
        return check

    def run(self, subject: T) -> None:
        """Run every check.

        Raises:
            AssertionError: some fail; it names each, with the line that failed.
        """
        failed = []
        for name, check in self.checks.items():
            try:
                check(subject)
            except Exception as error:  # Whatever a foreign class raises is a failure of the check.
                failed.append(f"- {name.replace('_', ' ')}: {_reason(error)}")
        if failed:
            raise AssertionError(
                f"{len(failed)} of {len(self.checks)} things that hold for every {self.kind} do not hold:\n" + "\n".join(failed)
            )


class Raised(NamedTuple):
    """What a block raised, in ``errors``, once the block is over."""

    errors: list[Exception]


@contextmanager
def raises(kind: type[Exception], pattern: str = "") -> Iterator[Raised]:
    """Fail unless the block raises an error of ``kind`` in whose message ``pattern`` is found."""
    raised = Raised([])
    try:
        yield raised
    except kind as error:
        raised.errors.append(error)
    assert raised.errors, f"expected a {kind.__name__}"
    assert re.search(pattern, str(raised.errors[0])), f"the error says {str(raised.errors[0])!r}; expected {pattern!r}"


def _reason(error: Exception) -> str:
    if isinstance(error, AssertionError) and str(error):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}; "
    return f"{what}{frame.line} ({frame.filename}, line {frame.lineno})"
