"""What is said where nothing could be compared."""

from collections import Counter

from zen_lightning.correlate.question import Question
from zen_lightning.correlate.scoring import ProxyScores
from zen_lightning.correlate.study import ProxyResult, examined
from zen_lightning.report.terminal.equal_cost_table import empty_budgets, regret_rows

COSTS = {"flops": [float(number) * 1e6 for number in range(80, 101)]}


def results(budgets: list[tuple[str, float]], best: int) -> list[ProxyResult]:
    scores = ProxyScores([float(number) for number in range(21)], 0.0, Counter())
    accuracies = [50.0 + number for number in range(21)]
    return [ProxyResult("zen", {}, scores, examined(scores, accuracies, COSTS, Question([], budgets, best, 0, 0)))]


def test_budgets_without_enough_networks_are_named_once_for_each_cost() -> None:
    budgets = [("flops", 1e8), ("flops", 2e8), ("flops", 3e8)]
    found = results(budgets, best=2)
    assert empty_budgets(found, budgets, COSTS, 2) == [
        "the regret is not computed at flops 200M, 300M: fewer than 4 networks, twice best=2, cost 85 to 100% of that; "
        "all of them cost 80.0M to 100M"
    ]
    rows = regret_rows(found)
    assert rows is not None
    assert rows.columns == ["proxy", "flops 100M"]


def test_nothing_is_said_where_all_have_enough_or_none_was_asked_for() -> None:
    budgets = [("flops", 1e8)]
    assert empty_budgets(results(budgets, best=2), budgets, COSTS, 2) == []
    assert empty_budgets(results([], best=2), [], COSTS, 2) == []
    assert empty_budgets([], budgets, COSTS, 2) == []
