"""What cannot be solved exactly is answered by a sentence that names evolution."""

from dataclasses import replace

import pytest

from zen_lightning.arch import Architecture, CellArchitecture
from zen_lightning.budget import Budget, Effectiveness, FlopsLimit, LayersLimit, Limit
from zen_lightning.errors import UserError
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.random_score import RandomScore
from zen_lightning.search.exact.chain import NoTablesError
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

DEEP = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,5)SuperConvK1BNRELU(16,128,1,1)"


class Odd(Limit):
    """A limit of one's own."""

    name = "odd"

    def measure(self, architecture: object) -> float:
        return 0.0


def test_the_chain_of_a_preset(setup: SearchSetup) -> None:
    request = request_of(setup, 32)
    assert [cost.name for cost in request.costs] == ["params"]
    assert [move.stride for move in request.chain.steps] == [1, 1, 2, 2, 2, 1]
    assert [move.place.size for move in request.chain.steps] == [32, 32, 32, 16, 8, 4]
    assert [extra is not None for extra in request.chain.extra] == [False, True, True, True, True, False]
    # 12 layers, 2 of them convolutions: 10 - 6 + 2 blocks by splits.
    assert (request.chain.layers, request.chain.blocks) == (12, 6)


def test_score_without_tables(setup: SearchSetup) -> None:
    with pytest.raises(NoTablesError, match=r"the score 'random' states no tables of what each block adds"):
        request_of(replace(setup, proxy=RandomScore()), 32)


def test_effectiveness_of_deepmad_is_a_limit(setup: SearchSetup) -> None:
    request = request_of(replace(setup, proxy=DeepMad(32, rho=0.1)), 32)
    assert [cost.name for cost in request.costs] == ["params", "convolutions", *["log_width"] * 3]
    accepts = request.chain.rules.accepts
    assert accepts is not None
    assert accepts(setup.start)
    assert not accepts(Architecture.parse(DEEP))
    free = request_of(replace(setup, proxy=DeepMad(32, rho=None)), 32)
    assert [cost.name for cost in free.costs] == ["params"]
    assert free.chain.rules.accepts is None


def test_the_smaller_effectiveness_counts(setup: SearchSetup) -> None:
    def limits(rho: float | None, most: float) -> list[int]:
        budget = Budget(setup.budget.limits, [Effectiveness(most)])
        return [cost.tangent for cost in request_of(replace(setup, proxy=DeepMad(32, rho=rho), budget=budget), 32).costs]

    assert limits(0.3, 0.4) == limits(0.4, 0.3) == limits(None, 0.3) != limits(0.4, 0.4)


def test_space_without_tables(setup: SearchSetup) -> None:
    space = search_space("nas_bench_201")
    start = CellArchitecture.parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    with pytest.raises(NoTablesError, match=r"'nas_bench_201' states no tables of its blocks"):
        request_of(replace(setup, space=space, start=start), 32)


def test_limit_that_does_not_add_up(setup: SearchSetup) -> None:
    with pytest.raises(NoTablesError, match=r"the limit on odd does not add up over blocks"):
        request_of(replace(setup, budget=Budget([LayersLimit(9), Odd(3)])), 32)


def test_no_limit_on_layers(setup: SearchSetup) -> None:
    with pytest.raises(UserError, match=r"needs a limit on layers"):
        request_of(replace(setup, budget=Budget([FlopsLimit(10**7, 32, 10)])), 32)


def test_fixed_convolution_of_the_mobilenet_space(setup: SearchSetup) -> None:
    start = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperConvK1BNRELU(16,100,1,1)")
    chain = request_of(replace(setup, space=search_space("mobilenet"), start=start), 32).chain
    assert chain.fixed_widths == (100,)
    assert chain.steps[1].names[0].startswith("SuperResIDW")
