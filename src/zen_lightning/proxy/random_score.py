"""A random number as a score: the baseline of a search without a proxy."""

import math
from random import Random

from zen_lightning.proxy.base import Proxy, Scorable, Score


class RandomScore(Proxy):
    """A standard normal draw, fixed by the seed and the text of the architecture.

    In a search a structure has the same score in every worker. Only ``Random.random()`` is called, which Python keeps the
    same on every platform and version.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
        >>> RandomScore().score(arch, seed=1) == RandomScore().score(arch, seed=1) != RandomScore().score(arch, seed=2)
        True
    """

    name = "random"
    cheap = True

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the draw.

        Args:
            architecture: an architecture; or a module, whose printed form is the text.
            seed: seed of the draw.
        """
        rng = Random(f"{seed}/{architecture}")
        radius = math.sqrt(-2 * math.log(1 - rng.random()))
        return Score(radius * math.cos(2 * math.pi * rng.random()), None)
