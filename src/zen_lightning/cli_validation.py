"""The name that :mod:`zen_lightning.cli.validation` had in 0.1.0, which scripts import."""

from zen_lightning.cli.validation import asks_validation, run_validation

__all__ = ["asks_validation", "run_validation"]
