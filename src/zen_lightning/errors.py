"""The errors a user can cause: values from which one sentence is made, here; no traceback on the command line."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

_YAML_WORDS = {"{None}": "null", "{True}": "true", "{False}": "false"}

_LONGEST, _SHOWN = 4_000, 200
"""Characters of a value that is told in full, and of the beginning of a longer one. Choices: structures and paths are told."""


class UserError(ValueError):
    """What a user gave cannot be used.

    The sentence says what, where and what to do. A class of the library names its own parameters by ``key``; who built it from
    configuration says by :func:`keyed` which key that was.

    Args:
        what: is wrong. Where ``value`` is given it follows ``key=value``; else it is the first part of the sentence. In it,
            in ``expected`` and in ``remedy``, a name in braces (``"{epochs}"``) that is ``key`` or one of ``involves`` becomes
            its key, and ``{None}``, ``{True}`` and ``{False}`` become words of Python, or of YAML once :meth:`renamed`.
        key: of the configuration, or the name of a parameter, that the error is about.
        value: that was given for it; told as a user writes it, see :func:`as_yaml`.
        expected: what would be right: ``"1 or more"``.
        choices: what may be chosen instead; the nearest is proposed.
        remedy: what to do.
        involves: more keys whose values have a part in it.

    Attributes:
        key: as above; empty where the error is about no key.

    Example:
        >>> print(UserError(key="batch_size", value=0, expected="1 or more"))
        batch_size=0: expected 1 or more
        >>> print(UserError(key="format", value="onx", choices=["onnx", "torch_export"]))
        format=onx: did you mean 'onnx'? Choose from: onnx, torch_export
        >>> print(UserError("the budget has no limit", key="budget", remedy="set budget.params or budget.flops"))
        the budget has no limit: set budget.params or budget.flops
        >>> with keyed("recipe"):
        ...     raise UserError(key="warmup_epochs", value=5, what="not below {epochs}=5", involves=["epochs"])
        Traceback (most recent call last):
        zen_lightning.errors.UserError: recipe.warmup_epochs=5: not below recipe.epochs=5
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
        self._said, self._value, self._expected = what, value, expected
        advice = (f"expected {expected}" if expected else "", _choose(str(value), choices), remedy)
        self._advice = "; ".join(filter(None, advice))
        self.key = key
        self._keys = {name: name for name in involves}
        self._parameter = key
        self._is_configured = False

    @property
    def involves(self) -> tuple[str, ...]:
        """More keys whose values have a part in it."""
        return tuple(self._keys.values())

    @property
    def what(self) -> str:
        """The first part of the sentence."""
        if self._value is ...:
            return self.said
        named = f"{self.key}={shortened(as_yaml(self._value))}"
        return f"{named}: {self.said}" if self.said else named

    @property
    def said(self) -> str:
        """What is wrong, without the key and its value."""
        return self._named(self._said)

    @property
    def remedy(self) -> str:
        """The rest of the sentence; empty where there is nothing to say."""
        return self._named(self._advice)

    @property
    def expectation(self) -> str:
        """What would be right, as ``expected`` was given; empty where that is not said."""
        return self._named(self._expected)

    def __str__(self) -> str:
        between = "; " if self._value is not ... and self._said else ": "
        return between.join(filter(None, (self.what, self.remedy)))

    def renamed(self, key_of: Callable[[str], str]) -> Self:
        """Return the same error about other keys, of the configuration."""
        moved = copy.copy(self)
        moved.key = key_of(self.key)
        moved._keys = {name: key_of(key) for name, key in self._keys.items()}
        moved._is_configured = True
        return moved

    def referring(self, key: str) -> Self:
        """Return the same error, which says that the value is that of another key."""
        moved = self.advised(f"it refers to {key}")
        moved._keys = {**self._keys, key: key}
        return moved

    def advised(self, remedy: str) -> Self:
        """Return the same error, which says one thing more that is to be done."""
        moved = copy.copy(self)
        moved._advice = "; ".join(filter(None, (self._advice, remedy)))
        return moved

    def _named(self, text: str) -> str:
        for name, key in {self._parameter: self.key, **self._keys}.items():
            text = text.replace(f"{{{name}}}", key) if name else text
        for word, in_yaml in _YAML_WORDS.items():
            text = text.replace(word, in_yaml if self._is_configured else word[1:-1])
        return text


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
            raise error.renamed(lambda key: f"{keys}.{key}" if key else keys) from error
        raise error.renamed(lambda key: keys.get(key, key)) from error


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message holds the command that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.what = f"{purpose} needs the package {package!r}"
        self.remedy = f"pip install 'zen-lightning[{extra}]'"
        super().__init__(f"{self.what}: {self.remedy}", name=package)
        self._arguments = (package, extra, purpose)

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), self._arguments


def with_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those that it was raised from or while handling, each once.

    Python lets them stand in a ring: an error that is raised again while one that it caused is handled.

    Example:
        >>> one, other = ValueError("one"), ValueError("other")
        >>> one.__cause__, other.__context__ = other, one
        >>> [str(error) for error in with_causes(one)]
        ['one', 'other']
    """
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def first_line(error: BaseException) -> str:
    r"""Return the first line of what an error of a library says, or its kind where it says nothing.

    Example:
        >>> first_line(ValueError("no such layer\nat 0x7f")), first_line(AssertionError())
        ('no such layer', 'AssertionError')
    """
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def as_yaml(value: Any) -> str:
    """Return a value as a user writes it on the command line: null, true and false are words, texts have no quotation marks.

    Example:
        >>> as_yaml(None), as_yaml([True, None, "x"]), as_yaml({"flops": None}), as_yaml(0.1)
        ('null', '[true, null, x]', '{flops: null}', '0.1')
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{as_yaml(name)}: {as_yaml(item)}' for name, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_yaml, value))}]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def shortened(text: str) -> str:
    """Return a text, or the beginning of a long one: nobody reads a hundred thousand characters.

    Example:
        >>> shortened("net.txt"), shortened("x" * 100_000)[-25:]
        ('net.txt', 'x... (100,000 characters)')
    """
    return text if len(text) <= _LONGEST else f"{text[:_SHOWN]}... ({len(text):,} characters)"


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word closest to ``word``, or nothing. Case does not count.

    Example:
        >>> nearest("resnt", ["resnet", "mobilenet"]), nearest("CIFAR-10", ["cifar10", "cifar100"])
        ("; did you mean 'resnet'?", "; did you mean 'cifar10'?")
    """
    import difflib

    plain = {one.lower().replace("-", "_"): one for one in reversed(known)}
    matches = difflib.get_close_matches(word.lower().replace("-", "_"), list(plain), n=1, cutoff=0.6)
    return f"; did you mean {plain[matches[0]]!r}?" if matches else ""


def _choose(word: str, choices: Sequence[str]) -> str:
    if not choices:
        return ""
    hint = nearest(word, choices).removeprefix("; ")
    return f"{hint} Choose from: {', '.join(choices)}" if hint else f"choose from: {', '.join(choices)}"
