"""What OmegaConf refuses of a value, in the words of a user."""

import re
from collections.abc import Sequence

from omegaconf.errors import (
    ConfigTypeError,
    GrammarParseError,
    InterpolationKeyError,
    InterpolationResolutionError,
    InterpolationToMissingValueError,
    InterpolationValidationError,
    OmegaConfBaseException,
    UnsupportedInterpolationType,
)

from zen_lightning.errors import first_line, shortened, with_causes

_KEY_NOT_FOUND = re.compile(r"Interpolation key '(.+?)' not found")
"""What OmegaConf says of a reference; the error does not hold the key otherwise."""


def refused_value(error: OmegaConfBaseException, key: str) -> tuple[str, str]:
    """Return what is wrong with a value, and what was expected; either may be empty.

    Args:
        error: the error that OmegaConf raised.
        key: the key of the value.
    """
    if isinstance(error, InterpolationResolutionError | InterpolationValidationError):
        return _of_reference(error), ""
    if isinstance(error, ConfigTypeError):
        is_list = isinstance(error.object_type, type) and issubclass(error.object_type, Sequence)
        return "", "a list" if is_list else f"its keys, as in {key or 'KEY'}.NAME=VALUE"
    return shortened(str(error.msg or error).splitlines()[0]), ""


def _of_reference(error: OmegaConfBaseException) -> str:
    if isinstance(error, InterpolationValidationError):
        return "what it refers to is of another type"
    if isinstance(error, InterpolationToMissingValueError):
        return "what it refers to has no value"
    if isinstance(error, InterpolationKeyError):
        named = _KEY_NOT_FOUND.search(str(error))
        return f"it refers to {named[1]}, which is not there" if named else "it refers to a key that is not there"
    if isinstance(error, UnsupportedInterpolationType):
        return "it refers to a resolver that is not there"
    cause = next((one for one in with_causes(error) if not isinstance(one, InterpolationResolutionError)), None)
    if cause is None:
        return "it refers to itself"
    if isinstance(cause, GrammarParseError):
        return "its reference cannot be read"
    if isinstance(cause, KeyError) and cause.args:  # Of a variable of the environment.
        return str(cause.args[0])
    return shortened(first_line(cause))  # Such as a key below a value: no part of the error but this says which.
