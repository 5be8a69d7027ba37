"""The part of ``benchmarks/small_budgets.py`` that takes seconds."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from small_budgets import Drawn, draw, is_smallest, outcome
from zen_lightning.arch import Architecture


@pytest.mark.parametrize("one", draw(8, seed=1), ids=lambda one: f"{one.space}-{one.resolution}")
@pytest.mark.parametrize("task", ["search", "front"])
def test_a_small_budget_ends_within_it_or_with_the_smallest_network(one: Drawn, task: str) -> None:
    assert outcome(one, task, iterations=150, tries=300) in ("within", "smallest")


def test_the_check_of_the_smallest_can_fail() -> None:
    one = Drawn("resnet", params=2_000, flops=10**9, resolution=32, num_classes=10)
    wide = Architecture.parse("SuperConvK3BNRELU(3,32,1,1)SuperResK3K3(32,32,2,16,2)")
    assert not is_smallest(one, wide, tries=300)
