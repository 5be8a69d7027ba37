"""The table of proxies, beside the published one."""

from zen_lightning.report.proxy_comparison import Trained, compare_proxies, comparison_columns, comparison_rows

SEEDS = [Trained("zen", "cifar10", 96.0), Trained("zen", "cifar10", 96.4), Trained("params", "cifar100", 70.0)]


def test_measured_stands_beside_published() -> None:
    comparison = compare_proxies(SEEDS)
    assert comparison_columns(comparison) == [
        "proxy",
        "CIFAR-10",
        "n",
        "CIFAR-10 published",
        "CIFAR-100",
        "n",
        "CIFAR-100 published",
    ]
    rows = {row[0]: row[1:] for row in comparison_rows(comparison)}
    assert rows["zen"] == ["96.20 ± 0.28", "2", "96.2", "-", "0", "80.1"]
    assert rows["params"] == ["-", "0", "-", "70.00", "1", "-"]
    assert rows["te_nas"] == ["-", "0", "96.1", "-", "0", "77.2"]
    assert list(rows) == ["zen", "flops", "grad_norm", "synflow", "te_nas", "naswot", "random", "params"]


def test_other_datasets_have_nothing_published() -> None:
    comparison = compare_proxies([Trained("mine", "digits", 90.0)])
    assert (comparison_columns(comparison), comparison_rows(comparison)) == (["proxy", "digits", "n"], [["mine", "90.00", "1"]])
    assert not comparison.with_published
