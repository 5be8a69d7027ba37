"""What the two estimators of the Zen-score share."""

from zen_lightning.errors import UserError, nearest

GAMMA = 0.01
"""Size of the perturbation in the paper and in the released code."""

BN_VARIANCES = ("batch", "running")
"""The two readings of a batch norm's variance: the paper's text, and the released code."""


def check_zen(resolution: int, bn_variance: str, gamma: float) -> None:
    """Raise a UserError unless the Zen-score is defined for these: a resolution, one of :data:`BN_VARIANCES`, a gamma."""
    if resolution < 1:
        raise UserError(f"resolution={resolution}: expected 1 or more")
    if not 0 < gamma < float("inf"):
        raise UserError(f"gamma={gamma}: expected a number above 0")
    name = bn_variance
    if name not in BN_VARIANCES:
        raise UserError(f"bn_variance={name!r}: expected 'batch' or 'running'{nearest(name, list(BN_VARIANCES))}")
