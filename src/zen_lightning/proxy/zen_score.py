"""The Zen-score in one call."""

from typing import TYPE_CHECKING, Any, Union

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError, nearest
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.system.checked import checked
from zen_lightning.system.value_types import Pixels, Seed

if TYPE_CHECKING:
    from torch import nn

_ESTIMATORS = ("closed_form", "monte_carlo")


@checked
def zen_score(
    architecture: Union[Architecture, "nn.Module", str],
    resolution: Pixels = 224,
    estimator: str = "closed_form",
    bn_variance: str = "running",
    seed: Seed = 0,
    **monte_carlo: Any,
) -> float:
    """Return the Zen-score (arXiv 2102.01063); higher is better.

    Args:
        architecture: an architecture, or its structure string; for ``monte_carlo`` also any convolutional module with batch
            norms.
        resolution: height and width of the images.
        estimator: ``closed_form`` (the expectation, no torch) or ``monte_carlo`` (as in the paper).
        bn_variance: ``running`` (the released code) or ``batch`` (the paper's text).
        seed: seed of the Monte-Carlo draws.
        monte_carlo: ``batch_size``, ``repeats``, ``gamma``, ``device``, ``in_channels`` of
            :class:`~zen_lightning.proxy.monte_carlo.ZenMonteCarlo`.

    Raises:
        CannotScoreError: the score is not defined for this network, or cannot be computed; the message says why.
        UserError: an unknown estimator or reading, or an option that the closed form does not have.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
        >>> zen_score(arch, resolution=32) < zen_score(arch, resolution=32, bn_variance="batch")
        True
    """
    if isinstance(architecture, str):
        architecture = Architecture.parse(architecture)
    if estimator == "closed_form":
        if monte_carlo:
            named = ", ".join(sorted(monte_carlo))
            raise UserError(f"the closed form has no {named}", key="estimator", remedy="ask for {estimator}='monte_carlo'")
        if not isinstance(architecture, Architecture):
            kind = type(architecture).__name__
            raise UserError(
                f"the closed form scores an Architecture, not a {kind}",
                key="estimator",
                remedy="ask for {estimator}='monte_carlo'",
            )
        if architecture.foreign_part is not None:
            rows = "rows of convolution, batch norm and relu"
            what = f"the closed form is defined for {rows}, not for {architecture.foreign_part.text}"
            raise UserError(what, key="estimator", remedy="ask for {estimator}='monte_carlo'")
        return ZenClosedForm(resolution, bn_variance).score(architecture).value
    if estimator != "monte_carlo":
        raise UserError(key="estimator", value=estimator, choices=_ESTIMATORS)
    from zen_lightning.proxy.monte_carlo import ZenMonteCarlo

    options = ("batch_size", "repeats", "gamma", "device", "in_channels")
    for name in monte_carlo:
        if name not in options:
            raise UserError(f"zen_score has no option {name!r}{nearest(name, options)}", key=name)
    return ZenMonteCarlo(resolution, bn_variance, **monte_carlo).score(architecture, seed).value
