"""Overrides of keys that hold text or a flag, whose values Hydra and OmegaConf read as something else than was typed."""

from collections.abc import Sequence

from zen_lightning.config.schema import schema_type
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import Override
from zen_lightning.system.annotations import range_of
from zen_lightning.system.numbers import is_number
from zen_lightning.system.schema import FLAG
from zen_lightning.system.value_ranges import is_text

_FLAGS = ("true", "false")


def with_text_values(overrides: Sequence[str]) -> list[str]:
    """Return overrides in which true and false are texts where the schema asks for text: OmegaConf makes ``False`` of them.

    Raises:
        UserError: a flag is given a number, which OmegaConf takes for true unless it is 0.

    Example:
        >>> with_text_values(["latency.dtype=false", "debug.profile=true"])
        ["latency.dtype='false'", 'debug.profile=true']
    """
    return [_as_text(override) for override in overrides]


def _as_text(override: str) -> str:
    one = Override.parse(override)
    wanted = None if override.startswith("-") or not one.text else range_of(schema_type(one.key))
    for part in one.text.split(",") if wanted == FLAG else ():  # Several of a sweep.
        if is_number(part) and float(part) not in (0, 1):
            raise UserError(key=one.key, value=part, expected=FLAG.phrase(part))
    is_flag = one.text.lower() in _FLAGS
    return f"{one.sign}{one.key}='{one.text}'" if is_flag and wanted is not None and is_text(wanted) else override
