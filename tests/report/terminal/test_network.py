"""Tables of a network."""

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, LayersLimit, ParamsLimit
from zen_lightning.report.terminal.network import budget_table, stage_table

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)")


def test_stages_end_where_the_resolution_changes() -> None:
    table = stage_table(ARCH, 32, 10)
    assert [row[1] for row in table.rows] == ["1", "1", "2", "", ""]
    assert table.sections == {1, 2, 3}
    assert table.rows[-1][0] == "total"
    assert table.rows[2][2] == "32 x 16²"


def test_the_budget_is_shown_exactly() -> None:
    budget = Budget([LayersLimit(6), ParamsLimit(20_000, num_classes=10)])
    rows = budget_table(ARCH, budget).rows
    assert rows[0] == ["layers", "3", "6", "50.0%"]
    assert f"({ARCH.num_params(10):,})" in rows[1][1]


def test_plain_text_holds_every_cell() -> None:
    text = stage_table(ARCH, 32, 10).plain()
    for block in ARCH.blocks:
        assert block.text in text
