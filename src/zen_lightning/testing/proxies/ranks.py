"""Requirements on proxies whose scores are combined by ranks."""

import math
from collections.abc import Sequence
from random import Random

from zen_lightning.proxy import RankedProxy
from zen_lightning.testing.networks import MOBILENET, RESNET
from zen_lightning.testing.proxies.suite import PROXY, Make


@PROXY.add
def _what_is_combined_are_ranks(factory: Make) -> None:
    proxy = factory()
    if not isinstance(proxy, RankedProxy):
        assert proxy.score(RESNET, seed=1).parts == ()
        return
    scores = [proxy.score(architecture, seed=1) for architecture in (RESNET, MOBILENET)]
    for score in scores:
        assert len(score.parts) == len(proxy.part_names)
        assert all(type(part) is float and math.isfinite(part) for part in score.parts)
        assert score.value == proxy.combine([score.parts])[0]
    rng = Random(1)
    parts = [tuple(float(rng.randrange(6)) for _ in proxy.part_names) for _ in range(12)]
    combined = proxy.combine(parts)
    assert len(combined) == len(parts)
    assert all(math.isfinite(value) for value in combined)
    order = rng.sample(range(12), 12)
    assert _close(proxy.combine([parts[index] for index in order]), [combined[index] for index in order])
    if getattr(proxy, "variant", "paper") == "paper":
        assert _close(proxy.combine([tuple(math.exp(part) for part in row) for row in parts]), combined)
    _check_order(proxy)


def _check_order(proxy: RankedProxy) -> None:
    """Equal networks have one score; a network that is better in every part is better."""
    width = len(proxy.part_names)
    worst, middle, same, best = proxy.combine([(-7.0,) * width, (1.0,) * width, (1.0,) * width, (9.0,) * width])
    assert worst < middle == same < best
    for index in range(width):
        better = tuple(2.0 if part == index else 1.0 for part in range(width))
        one, two = proxy.combine([(1.0,) * width, better])
        assert one < two


def _close(one: Sequence[float], two: Sequence[float]) -> bool:
    return len(one) == len(two) and all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) for a, b in zip(one, two, strict=True))
