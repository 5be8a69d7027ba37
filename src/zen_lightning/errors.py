"""The errors a user can cause: values from which one sentence is made, here; no traceback on the command line."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self


class UserError(ValueError):
    """What a user gave cannot be used.

    The sentence says what, where and what to do. A class of the library names its own parameters by ``key``; who built it from
    configuration says by :func:`keyed` which key that was.

    Args:
        what: is wrong. Where ``value`` is given it follows ``key=value``; else it is the whole first part of the sentence.
        key: of the configuration, or the name of a parameter, that the error is about.
        value: that was given for it.
        expected: what would be right: ``"1 or more"``.
        choices: what may be chosen instead; the nearest is proposed.
        remedy: what to do.
        involves: more keys whose values have a part in it.

    Attributes:
        key: as above; empty where the error is about no key.
        involves: as above.
        what: the first part of the sentence: what is wrong.
        remedy: the rest of it: what to do; empty where there is nothing to say.

    Example:
        >>> print(UserError(key="batch_size", value=0, expected="1 or more"))
        batch_size=0: expected 1 or more
        >>> print(UserError(key="format", value="onx", choices=["onnx", "torch_export"]))
        format=onx: did you mean 'onnx'? Choose from: onnx, torch_export
        >>> print(UserError("the budget has no limit", key="budget", remedy="set budget.params or budget.flops"))
        the budget has no limit: set budget.params or budget.flops
    """

    def __init__(
        self,
        what: str = "",
        *,
        key: str = "",
        value: Any = ...,
        expected: str = "",
        choices: Sequence[str] = (),
        remedy: str = "",
        involves: Sequence[str] = (),
    ) -> None:
        super().__init__(what)
        self._said, self._value = what, value
        advice = (f"expected {expected}" if expected else "", _choose(str(value), choices), remedy)
        self.remedy = "; ".join(filter(None, advice))
        self.key = key
        self.involves = tuple(involves)

    @property
    def what(self) -> str:
        """The first part of the sentence."""
        if self._value is ...:
            return self._said
        named = f"{self.key}={self._value}"
        return f"{named}: {self._said}" if self._said else named

    def __str__(self) -> str:
        between = "; " if self._value is not ... and self._said else ": "
        return between.join(filter(None, (self.what, self.remedy)))

    def at(self, key: str) -> Self:
        """Return the same error about another key."""
        moved = copy.copy(self)
        moved.key = key
        return moved


@contextmanager
def keyed(keys: str | Mapping[str, str]) -> Iterator[None]:
    """Let errors about parameters be errors about keys of the configuration.

    Args:
        keys: the group whose keys are called like the parameters, or the key of each parameter. An error about something else
            stays as it is; one that is about no parameter is about the group.

    Example:
        >>> with keyed("recipe"):
        ...     raise UserError(key="batch_size", value=0, expected="1 or more")
        Traceback (most recent call last):
        zen_lightning.errors.UserError: recipe.batch_size=0: expected 1 or more
    """
    try:
        yield
    except UserError as error:
        if isinstance(keys, str):
            raise error.at(f"{keys}.{error.key}" if error.key else keys) from error
        raise error.at(keys.get(error.key, error.key)) from error


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message holds the command that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.what = f"{purpose} needs the package {package!r}"
        self.remedy = f"pip install 'zen-lightning[{extra}]'"
        super().__init__(f"{self.what}: {self.remedy}", name=package)
        self._arguments = (package, extra, purpose)

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), self._arguments


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word closest to ``word``, or nothing.

    Example:
        >>> nearest("resnt", ["resnet", "mobilenet"])
        "; did you mean 'resnet'?"
    """
    import difflib

    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""


def _choose(word: str, choices: Sequence[str]) -> str:
    if not choices:
        return ""
    hint = nearest(word, choices).removeprefix("; ")
    return f"{hint} Choose from: {', '.join(choices)}" if hint else f"choose from: {', '.join(choices)}"
