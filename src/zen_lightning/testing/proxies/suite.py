"""The suite of proxies, and what its checks share."""

import inspect
import math
from collections.abc import Callable

from zen_lightning.proxy import CannotScoreError, Proxy, Score
from zen_lightning.proxy.base import Scorable
from zen_lightning.testing.suite import Suite

Make = Callable[..., Proxy]

PROXY: Suite[Make] = Suite("proxy")
"""The checks; each takes what makes a proxy, and makes several with options of their own."""


def options_of(factory: Make) -> list[str]:
    """Return the names of the arguments of a proxy."""
    return list(inspect.signature(type(factory())).parameters)


def scored_or_reason(proxy: Proxy, network: Scorable) -> Score | None:
    """Return the score, which is finite; or None where a sentence says why there is none."""
    try:
        score = proxy.score(network, seed=1)
    except CannotScoreError as error:
        reason = str(error)
    else:
        assert all(math.isfinite(value) for value in (score.value, *score.parts)), f"{score} is not finite"
        return score
    assert len(reason.split()) > 4, f"a sentence says why there is no score, not {reason!r}"
    return None
