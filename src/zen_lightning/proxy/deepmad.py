"""DeepMAD's entropy and effectiveness in closed form. CVPR 2023, https://arxiv.org/abs/2303.02165. Pure Python."""

import math
from collections.abc import Sequence

from zen_lightning.budget.stages import depth_over_width
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.checks import check_counts, check_stage_weights
from zen_lightning.proxy.entropy_stages import STAGE_WEIGHTS, Sums, cumulative_stages, weighted
from zen_lightning.system.value_types import From0, Pixels, Positive


class DeepMad(Proxy):
    """The weighted entropy of a network that is not too deep for its width.

    The entropy of stage k, with r x r outputs of c channels, and convolutions i of in channels c_i, kernel k_i, groups g_i:

        H_k = ln(r^2 c) * sum over convolutions up to its end of ln(c_i k_i^2 / g_i)

    The effectiveness rho is the number of convolutions over the geometric mean of their widths c_i k_i^2 / g_i. The paper
    bounds it, since information is lost in a network that is deep and narrow. Its other guidelines (stages of uniform depth,
    widths that never fall) are limits of a search and not part of this score.

    Args:
        resolution: height and width of the images.
        stage_weights: weights of the entropies, the last stage's last.
        rho: the largest effectiveness; None for no limit. A network above it has no score, and a search rejects it. The
            default is that of the released configurations for inverted bottlenecks; for bottlenecks they have 0.3.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
        >>> DeepMad(resolution=32).score(arch).value == 8 * math.log(32 * 32 * 8) * math.log(3 * 9)
        True
    """

    name = "deepmad"
    cheap = True

    def __init__(
        self, resolution: Pixels = 224, stage_weights: Sequence[From0] = STAGE_WEIGHTS, rho: Positive | None = 0.5
    ) -> None:
        check_counts({"resolution": resolution})
        if rho is not None and not 0 < rho < math.inf:
            raise UserError(key="rho", value=rho, expected="a number above 0, or {None} for no limit")
        self.resolution = resolution
        self.stage_weights = check_stage_weights(stage_weights)
        self.rho = rho

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score; there is no noise, so ``seed`` changes nothing.

        Raises:
            CannotScoreError: it is not a row of super-blocks, or its effectiveness is above the limit.
        """
        stages = cumulative_stages(architecture, self.resolution, self.name)
        if not self._is_within(stages):
            raise CannotScoreError(
                f"deepmad bounds depth over mean width (rho) by {self.rho:g}, and the network is above that",
                key="rho",
                remedy="raise {rho}, or set it to {None}",
            )
        entropies = [math.log(stage.resolution**2 * stage.channels) * stage.log_width for stage in stages]
        return Score(weighted(entropies, self.stage_weights), 0.0)

    def within_rho(self, architecture: Scorable) -> bool:
        """Return whether the network is not too deep for its width.

        Raises:
            CannotScoreError: it is not a row of super-blocks.
        """
        return self._is_within(cumulative_stages(architecture, self.resolution, self.name))

    def _is_within(self, stages: Sequence[Sums]) -> bool:
        return self.rho is None or effectiveness(stages[-1]) <= self.rho


def effectiveness(whole: Sums) -> float:
    """Return rho: convolutions over the geometric mean of their widths, the paper's effectiveness.

    Args:
        whole: sums over the whole network.

    Example:
        >>> round(effectiveness(Sums(8, 16, 4, 4 * math.log(100), 0.0)), 9)
        0.04
    """
    return depth_over_width(whole.convolutions, whole.log_width)
