"""Short searches at several depths."""

import os
from dataclasses import replace
from typing import NoReturn

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, LayersLimit, ParamsLimit, RisingWidths
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.depths import at_depth, best_at_depths
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

START = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperConvK1BNRELU(16,64,1,1)")
SETUP = SearchSetup(
    search_space("resnet"),
    ZenClosedForm(32),
    Budget([LayersLimit(99), ParamsLimit(60_000, 10)], [RisingWidths()]),
    START,
    iterations=150,
    population_size=20,
)


def test_a_depth_replaces_the_limit_and_keeps_all_others() -> None:
    budget = at_depth(SETUP, 7).budget
    assert [(limit.name, limit.maximum) for limit in budget.limits] == [("layers", 7), ("params", 60_000)]
    assert [shape.name for shape in budget.shapes] == ["widths"]


def test_the_best_of_each_depth_are_distinct_and_sorted_whatever_the_processes() -> None:
    found = best_at_depths(SETUP, [2, 5, 9], count=4, restarts=2)
    assert found[0] == []  # The start itself is deeper.
    for limit, candidates in zip((5, 9), found[1:], strict=True):
        assert 4 <= len(candidates) <= 8
        assert all(one.architecture.num_layers <= limit for one in candidates)
        scores = [one.score for one in candidates]
        assert scores == sorted(scores, reverse=True)
    assert found == best_at_depths(SETUP, [2, 5, 9], count=4, restarts=2, processes=2)


def test_without_memory_to_share_one_comes_after_the_other(request: pytest.FixtureRequest) -> None:
    found = best_at_depths(SETUP, [5, 9], processes=2)
    request.getfixturevalue("no_shared_memory")
    assert best_at_depths(SETUP, [5, 9], processes=2) == found


class Deadly(ZenClosedForm):
    """Ends the process that scores by it."""

    def score(self, *_: object) -> NoReturn:  # type: ignore[override]
        os._exit(9)


def test_a_process_that_dies_is_a_sentence() -> None:
    deadly = replace(SETUP, proxy=Deadly(32))
    said = r"a process beside the search was killed: start it again with processes=1, which needs less memory; in a script"
    with pytest.raises(UserError, match=said):
        best_at_depths(deadly, [5, 9], processes=2)
