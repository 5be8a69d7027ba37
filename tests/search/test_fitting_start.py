"""A start that has the shape asked for."""

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersEachStage, LayersLimit, ParamsLimit, RisingWidths, Shape
from zen_lightning.errors import UserError
from zen_lightning.search.fitting_start import shallow_start, shaped_start
from zen_lightning.space import search_space

SPACE = search_space("mobilenet")
START = Architecture.parse(
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,48,2,32,1)SuperResIDWE6K3(48,40,2,48,1)"
    "SuperResIDWE6K3(40,128,2,40,1)SuperConvK1BNRELU(128,2048,1,1)"
)


@pytest.mark.parametrize(
    "shapes", [[RisingWidths()], [LayersEachStage(2, 4, 224)], [RisingWidths(), LayersEachStage(3, None, 224)]]
)
def test_the_start_has_the_shape_and_keeps_to_the_limits(shapes: list[Shape]) -> None:
    budget = Budget([LayersLimit(14), FlopsLimit(600e6, 224, 1000)], shapes)
    found = shaped_start(SPACE, budget, START)
    budget.check(found, "the start")
    assert found == shaped_start(SPACE, budget, START)


def test_a_start_that_fits_is_kept_and_one_over_a_limit_is_left_to_the_search() -> None:
    assert shaped_start(SPACE, Budget([LayersLimit(14)]), START) is START
    assert shaped_start(SPACE, Budget([LayersLimit(14)], [LayersEachStage(1, None, 224)]), START) is START
    assert shaped_start(SPACE, Budget([ParamsLimit(10, 10)], [RisingWidths()]), START) is START


def test_a_shallow_start_has_as_few_layers_as_the_shape_allows() -> None:
    budget = Budget([FlopsLimit(600e6, 224, 1000)], [LayersEachStage(2, 5, 224)])
    found = shallow_start(SPACE, budget, START)
    budget.check(found, "the start")
    assert found.num_layers == 4 * 2 + 2 < shaped_start(SPACE, budget, START).num_layers
    assert shallow_start(SPACE, Budget(budget.limits), START) is START


def test_a_shape_out_of_reach_is_said() -> None:
    budget = Budget([LayersLimit(7)], [LayersEachStage(3, None, 224)])
    with pytest.raises(UserError, match=r"no network of this shape was found within the limits \(layers_each_stage "):
        shaped_start(SPACE, budget, START)
