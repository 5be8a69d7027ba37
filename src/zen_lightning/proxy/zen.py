"""What the two estimators of the Zen-score share."""

from zen_lightning.errors import UserError, nearest

GAMMA = 0.01
"""Size of the perturbation in the paper and in the released code."""

BN_VARIANCES = ("batch", "running")
"""The two readings of a batch norm's variance: the paper's text, and the released code."""


def check_bn_variance(name: str) -> None:
    """Raise a UserError unless ``name`` is one of :data:`BN_VARIANCES`."""
    if name not in BN_VARIANCES:
        raise UserError(f"bn_variance={name!r}: expected 'batch' or 'running'{nearest(name, list(BN_VARIANCES))}")
