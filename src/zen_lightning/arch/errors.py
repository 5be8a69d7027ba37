"""The errors of the architecture language; that of a text points at the position."""

from typing import Any

from zen_lightning.errors import UserError

_CONTEXT = 60
"""Characters shown on each side of the position. A choice: both sides fit on a wide terminal."""


class UnknownCountError(UserError):
    """A language does not say how much of something its networks have."""


class NoBackboneError(UserError):
    """Something is defined for rows of convolution, batch norm and relu only."""


class ArchitectureError(UserError):
    """A structure string that cannot be read.

    Attributes:
        position: the first character that cannot be read, counted from 0 in the text as given.
        expected: what is accepted there.
    """

    def __init__(self, problem: str, text: str, position: int, expected: str = "") -> None:
        self.problem = problem
        self.text = text
        self.position = position
        self.expected = expected
        super().__init__(f"{problem} at position {position}", expected=expected)

    @property
    def what(self) -> str:
        """The first part of the sentence; the key or parameter that the text was given by is in front of it."""
        return ": ".join(filter(None, (self.key, super().what)))

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.pointer()}"

    def pointer(self) -> str:
        """Return two lines: the text around the position, and a caret under it."""
        start = max(0, self.position - _CONTEXT)
        stop = self.position + _CONTEXT
        head = "..." if start else ""
        tail = "..." if stop < len(self.text) else ""
        window = "".join(c if c.isprintable() else "?" for c in self.text[start:stop])
        caret = " " * (len(head) + self.position - start) + "^"
        return f"  {head}{window}{tail}\n  {caret}"

    def __reduce__(self) -> tuple[type, tuple[str, str, int, str], dict[str, Any]]:
        return type(self), (self.problem, self.text, self.position, self.expected), self.__dict__
