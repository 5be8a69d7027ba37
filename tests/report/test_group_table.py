from zen_lightning.report.group_table import group_table
from zen_lightning.report.statistics import Row, grouped


def test_one_group_of_everything() -> None:
    runs = [Row((), {"score": value}) for value in (1.0, 3.0)]
    assert group_table([], grouped(runs, ["score"]), ["score"]) == (["", "runs", "score"], [["all", "2", "2.0 ± 1.4"]])


def test_says_how_many_have_a_metric_that_some_lack() -> None:
    runs = [Row(("zen",), {"top1": 96.0, "score": 1.0}), Row(("zen",), {"top1": None, "score": None})]
    columns, cells = group_table(["proxy"], grouped(runs, ["top1", "score"]), ["top1", "score"])
    assert columns == ["proxy", "runs", "top1", "score"]
    assert cells == [["zen", "2", "96.00 (n=1)", "1 (n=1)"]]


def test_nothing_is_said_where_no_run_has_it() -> None:
    assert group_table(["proxy"], grouped([Row(("zen",), {})], ["top1"]), ["top1"])[1] == [["zen", "1", ""]]
