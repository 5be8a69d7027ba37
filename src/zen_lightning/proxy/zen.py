"""Constants and checks of both estimators of the Zen-score."""

from zen_lightning.errors import UserError

GAMMA = 0.01
"""Size of the perturbation in the paper and in the released code."""

BN_VARIANCES = ("batch", "running")
"""The two readings of a batch norm's variance: the paper's text, and the released code."""


def check_zen(resolution: int, bn_variance: str, gamma: float) -> None:
    """Raise a UserError unless the Zen-score is defined for a resolution, one of :data:`BN_VARIANCES` and a gamma."""
    if resolution < 1:
        raise UserError(key="resolution", value=resolution, expected="1 or more")
    if not 0 < gamma < float("inf"):
        raise UserError(key="gamma", value=gamma, expected="a number above 0")
    if bn_variance not in BN_VARIANCES:
        raise UserError(key="bn_variance", value=bn_variance, choices=BN_VARIANCES)
