"""Overrides of whole numbers that are written with a decimal point or an exponent: ``seed=1.0``, ``search.iterations=1e5``.

Programs that draw values write them so. Most keys are read after Hydra has composed the configuration, as
:mod:`~zen_lightning.config.ranges` has it; those that the schema types are refused by OmegaConf before.
"""

import re
from collections.abc import Sequence

from zen_lightning.config.schema import schema_type
from zen_lightning.runs.overrides import Override
from zen_lightning.system.annotations import range_of
from zen_lightning.system.whole_numbers import whole_where_asked

_DIGITS = r"\d+(?:_\d+)*"
_FLOAT = re.compile(rf"[+-]?({_DIGITS}\.?({_DIGITS})?|\.{_DIGITS})([eE][+-]?\d{{1,3}})?", re.ASCII)
"""A number as Python reads it; digits of other scripts are none to Hydra."""


def with_whole_numbers(overrides: Sequence[str]) -> list[str]:
    """Return overrides with numbers without fraction as whole ones, where the schema asks for whole ones.

    Example:
        >>> with_whole_numbers(["seed=1.0,2", "search.iterations=1e5", "seed=1.5", "recipe.lr=1.0"])
        ['seed=1,2', 'search.iterations=100000', 'seed=1.5', 'recipe.lr=1.0']
    """
    return [_whole(override) for override in overrides]


def _whole(override: str) -> str:
    one = Override.parse(override)
    wanted = None if override.startswith("-") or not one.text else range_of(schema_type(one.key))
    if wanted is None:
        return override
    parts = []
    for part in one.text.split(","):
        written = part.strip()
        is_float = _FLOAT.fullmatch(written) is not None and not written.lstrip("+-").replace("_", "").isdecimal()
        value = whole_where_asked(wanted, float(written)) if is_float else None
        parts.append(str(value) if isinstance(value, int) else part)
    return f"{one.whole[: len(one.whole) - len(one.text)]}{','.join(parts)}"
