"""The errors a user can cause: one clear sentence each, no traceback on the command line."""


class UserError(ValueError):
    """What a user gave cannot be used; the message says what, where and what to do."""


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message holds the command that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}: pip install 'zen-lightning[{extra}]'",
            name=package,
        )
        self._arguments = (package, extra, purpose)

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), self._arguments


def nearest(word: str, known: list[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word closest to ``word``, or nothing.

    Example:
        >>> nearest("resnt", ["resnet", "mobilenet"])
        "; did you mean 'resnet'?"
    """
    import difflib

    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""
