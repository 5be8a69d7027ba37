"""TinyNAS' multi-scale entropy in closed form. MAE-DET, ICML 2022, https://arxiv.org/abs/2111.13336, Section 4. Pure Python."""

from collections.abc import Sequence
from math import log

from zen_lightning.proxy.base import Proxy, Scorable, Score
from zen_lightning.proxy.checks import check_counts, check_stage_weights
from zen_lightning.proxy.entropy_stages import STAGE_WEIGHTS, cumulative_stages, weighted
from zen_lightning.system.value_types import From0, Pixels


class MultiScaleEntropy(Proxy):
    """A weighted sum over stages of the entropy of their outputs, with normal weights and images.

        sum over stages k of weight_k * ( sum over convolutions up to its end of 1/2 ln(v) + ln C_k )

    Up to a constant, the differential entropy of a Gaussian feature is the logarithm of its standard deviation. Each
    convolution multiplies the variance by v (docs/closed_form.md, section 1, without border and heavy tails). C_k are the
    output channels of stage k, as in the code released with the paper.

    Args:
        resolution: height and width of the images; it only decides where stages begin.
        stage_weights: weights of the last stages, the last one last. 1,1,1,1,8 is for classification; the paper has 0,0,1,1,6
            for object detection. Stages before those with a weight take the first weight.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK1BNRELU(3,8,1,1)SuperConvK3BNRELU(8,16,2,1)")
        >>> one, two = log(3) / 2, log(8 * 9 * 0.340845) / 2
        >>> abs(MultiScaleEntropy(32).score(arch).value - (one + log(8) + 8 * (one + two + log(16)))) < 1e-4
        True
    """

    name = "entropy"
    cheap = True

    def __init__(self, resolution: Pixels = 224, stage_weights: Sequence[From0] = STAGE_WEIGHTS) -> None:
        check_counts({"resolution": resolution})
        self.resolution = resolution
        self.stage_weights = check_stage_weights(stage_weights)

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score; there is no noise, so ``seed`` changes nothing.

        Raises:
            CannotScoreError: it is not a row of super-blocks.
        """
        stages = cumulative_stages(architecture, self.resolution, self.name)
        return Score(weighted([stage.log_deviation + log(stage.channels) for stage in stages], self.stage_weights), 0.0)
