"""Kendall at equal cost and the share of the possible gain, by the library's own functions, as text."""

from typing import TYPE_CHECKING

import numpy as np

from zen_lightning.correlate.banded_kendall import banded_kendall
from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.covariates import without_effect
from zen_lightning.correlate.regret import regret

if TYPE_CHECKING:
    from calibrated_data import Array

RESAMPLES = 400


def kendall_within(scores: "Array", truth: "Array", costs: "Array", tolerance: float, resamples: int = RESAMPLES) -> Estimate:
    """Return Kendall's tau-b over pairs whose costs differ by at most this share, with a 95% interval over networks."""
    band = Band.of({"cost": f"{100 * tolerance:g}%"})
    found = banded_kendall(scores.tolist(), truth.tolist(), band, [costs.tolist()], resamples)
    assert found.kendall is not None, "scores and accuracies differ within the band"
    return found.kendall


def gain_share(scores: "Array", truth: "Array", costs: "Array", budget: float) -> str:
    """Return what the 10 best by score gain over the mean of 85 to 100% of a budget, relative to the 10 best there are."""
    found = regret(scores.tolist(), truth.tolist(), costs.tolist(), "flops", budget, resamples=RESAMPLES)
    assert found is not None
    assert found.share is not None
    value, low, high = found.share
    assert low is not None
    assert high is not None
    return f"{100 * value:.0f}% [{100 * low:.0f}, {100 * high:.0f}] of {found.networks}"


def without(values: "Array", covariates: "list[Array]") -> "Array":
    """Return values less the linear effect of covariates; the mean stays."""
    return np.array(without_effect(values.tolist(), [covariate.tolist() for covariate in covariates]))


def shown(found: Estimate) -> str:
    """Return a figure with its interval as text."""
    return f"{found.value:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"
