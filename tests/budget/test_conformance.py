"""Every limit that counts, and some from outside the package, are run through the suite of limits."""

from functools import partial

import pytest

from own_limits import ConvolutionsLimit, Flops320, WeightsLimit
from zen_lightning.budget import Limit
from zen_lightning.budget.kinds import COUNTED
from zen_lightning.testing import check_limit


@pytest.mark.parametrize("kind", [*COUNTED, WeightsLimit, ConvolutionsLimit, Flops320], ids=lambda kind: kind.__name__)
def test_it_conforms(kind: type[Limit]) -> None:
    settings = {"resolution": 32, "num_classes": 10}
    known = {key: value for key, value in settings.items() if key in kind.__init__.__code__.co_varnames}
    check_limit(partial(kind, **known))


class Fickle(Limit):
    """Measures more each time."""

    name = "fickle"

    def __init__(self, maximum: float) -> None:
        super().__init__(maximum)
        self.calls = 0

    def measure(self, architecture: object) -> float:
        self.calls += 1
        return self.calls


def test_one_that_differs_each_time_must_say_so() -> None:
    with pytest.raises(AssertionError, match="one that is repeatable measures the same each time"):
        check_limit(Fickle)
