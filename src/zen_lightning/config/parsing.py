"""Overrides as Hydra reads them."""

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException


def as_hydra_reads(override: str) -> Override | None:
    """Return an override as Hydra's grammar has it; None where it cannot be read, which composing says.

    Example:
        >>> as_hydra_reads("seed=1,2").is_sweep_override(), as_hydra_reads("seed=" + "9" * 5000)
        (True, None)
    """
    try:
        return OverridesParser.create().parse_override(override)
    except (HydraException, RecursionError, ValueError):  # The last of a number of over 4,300 digits.
        return None
