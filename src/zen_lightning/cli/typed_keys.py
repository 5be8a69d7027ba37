"""Errors about the keys of a command line as they were typed there: some stand for another key, or are told by their group."""

from collections.abc import Mapping, Sequence

from zen_lightning.cli.arguments import options_and_overrides
from zen_lightning.config.moved import meant_key
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import Override


def with_typed_keys(error: UserError, arguments: Sequence[str]) -> UserError:
    """Return an error about the keys that were typed.

    ``params=200k`` sets ``budget.params``, and ``trainer.early_stopping=5`` its ``patience``. An error about a group in which
    its name has a part is about ``dataset.name``, say, where that was typed and not ``dataset``.

    Args:
        error: as the task raised it.
        arguments: of the command line, as they were typed.

    Example:
        >>> error = UserError(key="budget.params", value="x", expected="a positive count")
        >>> print(with_typed_keys(error, ["params=x"]))
        params=x: expected a positive count
    """
    return _with_keys(error, _typed(arguments))


def _typed(arguments: Sequence[str]) -> dict[str, str]:
    """Return the overrides of a command line by their keys."""
    return {Override.parse(one).key: one for one in options_and_overrides(list(arguments))[1]}


def _with_keys(error: UserError, typed: Mapping[str, str]) -> UserError:
    written = {meant_key(one): key for key, one in typed.items()}
    written |= {key.removesuffix(".name"): key for key in typed if key.endswith(".name") and key in error.involves}
    return error.renamed(lambda key: key if key in typed else written.get(key, key))


def named_sentence(error: UserError, arguments: Sequence[str]) -> str:
    """Return the sentence of an error, with the key in front where it was typed and is not in it.

    Args:
        error: as the task raised it.
        arguments: of the command line, as they were typed.

    Example:
        >>> named_sentence(UserError("3 digits at position 3", key="arch", expected="6 digits"), ["arch=123"])
        'arch: 3 digits at position 3: expected 6 digits'
    """
    typed = _typed(arguments)
    told = _with_keys(error, typed)
    sentence = str(told)
    return f"{told.key}: {sentence}" if told.key in typed and not _has_word(sentence, told.key) else sentence


def _has_word(sentence: str, key: str) -> bool:
    words = "".join(sign if sign.isalnum() or sign in "._" else " " for sign in sentence).split()
    return key in (word.strip(".") for word in words)
