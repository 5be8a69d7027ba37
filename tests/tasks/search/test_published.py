"""Which published networks a front is compared with."""

from typing import Any

import pytest

from zen_lightning.api.search_result import Searches
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.counts import Flops
from zen_lightning.report.published import short_name
from zen_lightning.search.front import FrontSetup
from zen_lightning.search.objectives import objectives
from zen_lightning.space import search_space
from zen_lightning.tasks.search.published import published_points

START = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,64,1,1)")


def names(space: str, resolution: int, num_classes: int, proxy: Any = None) -> list[str]:
    budget = Budget([FlopsLimit(600e6, resolution, num_classes)])
    costs = objectives(["flops"], budget, resolution, num_classes)
    setup = FrontSetup(search_space(space), proxy or ZenClosedForm(resolution), budget, START, objectives=costs)
    found = Searches((), setup, resolution, num_classes, "evolution", 0.0, {})
    return [short_name(point.name) for point in published_points(found)]


def test_those_of_the_same_space_resolution_and_classes() -> None:
    assert names("mobilenet", 224, 1000) == ["flops400M_SE", "flops600M_SE", "flops900M_SE"]
    assert names("resnet", 32, 100) == ["model_size05M", "model_size1M", "model_size2M"]
    assert names("resnet", 224, 1000)[0] == "latency01ms"
    assert names("mobilenet", 160, 1000) == []


def test_a_proxy_that_takes_long_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Flops, "cheap", False)
    assert names("mobilenet", 224, 1000, Flops(224, 1000)) == []
