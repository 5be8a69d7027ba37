"""Overrides of keys that hold text, whose values Hydra reads as something else: the text is what was typed."""

from collections.abc import Sequence

from zen_lightning.config.schema import schema_type
from zen_lightning.runs.overrides import Override
from zen_lightning.system.annotations import range_of
from zen_lightning.system.value_ranges import is_text

_FLAGS = ("true", "false")


def with_text_values(overrides: Sequence[str]) -> list[str]:
    """Return overrides in which true and false are texts where the schema asks for text: OmegaConf makes ``False`` of them.

    Example:
        >>> with_text_values(["latency.dtype=false", "debug.profile=true"])
        ["latency.dtype='false'", 'debug.profile=true']
    """
    return [_as_text(override) for override in overrides]


def _as_text(override: str) -> str:
    one = Override.parse(override)
    if override.startswith("-") or one.text.lower() not in _FLAGS:
        return override
    wanted = range_of(schema_type(one.key))
    return f"{one.sign}{one.key}='{one.text}'" if wanted is not None and is_text(wanted) else override
