"""Networks side by side."""

from zen_lightning.arch import Architecture
from zen_lightning.report.block_facts import block_facts
from zen_lightning.report.stage_comparison import stage_comparison, stage_facts

ONE = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,2)SuperResIDWE6K5(16,32,2,16,1)")
OTHER = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)")


def test_stages_hold_all_that_the_network_costs() -> None:
    stages = stage_facts(block_facts(ONE, 64, 10), 64)
    assert [(stage.name, stage.resolution) for stage in stages] == [("1/2", 32), ("1/4", 16), ("classifier", 1)]
    assert (stages[0].blocks, stages[0].kernels, stages[0].widths, stages[0].layers) == ("conv, residual", "3", "8, 16", 3)
    assert stages[1].blocks == "inverted e6"
    assert sum(stage.params for stage in stages) == ONE.num_params(10)
    assert sum(stage.flops for stage in stages) == ONE.flops(64, 10)


def test_networks_of_different_resolution_are_aligned_by_how_far_they_went_down() -> None:
    both = [("one", stage_facts(block_facts(ONE, 64, 10), 64)), ("other", stage_facts(block_facts(OTHER, 32, 10), 32))]
    table = stage_comparison(both)
    assert [(row[0], row[1]) for row in table.rows] == [
        ("1/1", "other"),
        ("1/2", "one"),
        ("", "other"),
        ("1/4", "one"),
        ("classifier", "one"),
        ("", "other"),
    ]
    assert table.sections == {0, 2, 3, 5}
