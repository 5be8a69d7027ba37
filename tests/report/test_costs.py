"""Names of files and costs."""

from zen_lightning.budget import BaseLatencyLimit, FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.report.costs import cost_names


def test_names_sort_as_the_costs_do() -> None:
    for kind, costs in (
        (FlopsLimit, [1_234_000, 38_000_000, 38_200_000, 1_250_000_000]),
        (ParamsLimit, [59_000, 122_000, 993_000]),
        (BaseLatencyLimit, [0.0811, 0.0814, 1.5, 12.0]),
        (LayersLimit, [6, 14, 101]),
    ):
        names = cost_names(kind, costs)
        assert sorted(set(names)) == names


def test_two_digits_of_the_least_are_told() -> None:
    assert cost_names(FlopsLimit, [2_410_000, 19_300_000]) == ["flops_02.4M", "flops_19.3M"]
    assert cost_names(FlopsLimit, [9_960_000, 600_000_000]) == ["flops_010.0M", "flops_600.0M"]
    assert cost_names(BaseLatencyLimit, [0.0811, 12.0]) == ["latency_ms_00.081", "latency_ms_12.000"]
    assert cost_names(ParamsLimit, [700, 9_000]) == ["params_0700", "params_9000"]


def test_suffixes_follow_the_largest() -> None:
    assert cost_names(ParamsLimit, [59_000, 993_000]) == ["params_0059k", "params_0993k"]
    assert cost_names(FlopsLimit, [250e6]) == ["flops_0250M"]
    assert cost_names(LayersLimit, [6, 14]) == ["layers_0006", "layers_0014"]
