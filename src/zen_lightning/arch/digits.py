"""Codes of digits, one digit for each part of a network."""

from collections.abc import Sequence

from zen_lightning.arch.errors import ArchitectureError


def read_digits(text: str, allowed: Sequence[str], fewest: int, most: int, what: str) -> tuple[str, ...]:
    """Return the digits of a code.

    Args:
        text: the code; white space around the digits is allowed.
        allowed: the digits that may occur.
        fewest: the smallest number of digits.
        most: the largest number of digits.
        what: what the digits stand for, for the error.

    Raises:
        ArchitectureError: with the position and what was expected there.

    Example:
        >>> read_digits(" 120 ", "012", 3, 3, "an example")
        ('1', '2', '0')
    """
    start, code = len(text) - len(text.lstrip()), text.strip()
    length = str(most) if fewest == most else f"{fewest} to {most}"
    expected = f"{length} digits, each one of {', '.join(allowed)}, for {what}"
    for offset, digit in enumerate(code[: most + 1]):
        if offset == most:
            raise ArchitectureError(f"{len(code)} characters", text, start + offset, expected)
        if digit not in allowed:
            raise ArchitectureError(f"{digit!r} is no such digit", text, start + offset, expected)
    if len(code) < fewest:
        raise ArchitectureError(f"{len(code)} digit{'s' * (len(code) != 1)}", text, start + len(code), expected)
    return tuple(code)
