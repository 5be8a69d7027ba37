"""Limits, several at once, and how counts are written."""

import contextlib

import pytest

from golden import GoldenArchitecture, architecture, architectures
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit, ParamsLimit, parse_count
from zen_lightning.errors import UserError


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("600000000", 600_000_000),
        ("600e6", 600_000_000),
        ("600E+6", 600_000_000),
        ("600M", 600_000_000),
        ("0.6G", 600_000_000),
        ("0.6B", 600_000_000),
        ("600_000k", 600_000_000),
        ("600K", 600_000),
        ("600m", 600_000_000),
        ("0.6g", 600_000_000),
        (".5M", 500_000),
        (" 1.5 M ", 1_500_000),
        ("1.1M", 1_100_000),
        ("2.", 2),
        (18, 18),
        (600e6, 600_000_000),
        (1e16, 10**16),
    ],
)
def test_counts_that_can_be_read(written: str | float, count: int) -> None:
    value = parse_count(written, "budget.flops")
    assert value == count
    assert type(value) is int


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "many",
            "M",
            "-5",
            "-600M",
            "0",
            "0.0",
            "0.1",
            "1e-3",
            "600MB",
            "6 0",
            "1,000",
            "1e",
            "1e1e1",
            "0x10",
        ),
        *("nan", "inf", "٣", "1\n2", "None", "True", "1e999"),
        *(0, -1, float("nan"), float("inf"), 1e-9),
    ],
)
def test_counts_that_cannot_be_read(written: str | float) -> None:
    with pytest.raises(UserError, match=r"expected a positive count such as 600000000, 600e6, 600K, 0\.6G or 600M") as caught:
        parse_count(written, "budget.flops")
    assert str(caught.value).startswith("budget.flops=")


def test_an_absurdly_large_count() -> None:
    with contextlib.suppress(UserError):
        assert parse_count("9" * 400, "budget.flops") == 10**400 - 1


def limits(golden: GoldenArchitecture, less: int = 0) -> list[Limit]:
    return [
        LayersLimit(golden.layers - less),
        ParamsLimit(golden.params - less, golden.num_classes),
        FlopsLimit(golden.macs - less, golden.resolution, golden.num_classes),
    ]


@pytest.mark.parametrize("golden", architectures(), ids=lambda golden: golden.name)
def test_a_value_equal_to_its_limit_passes(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    assert Budget(limits(golden)).violated(arch) is None
    Budget(limits(golden)).check(arch, "the start")
    for limit in limits(golden, less=1):
        assert Budget([limit]).violated(arch) is limit


def test_the_first_limit_that_is_passed_is_named() -> None:
    golden = architecture("resnet_cifar_20")
    arch = Architecture.parse(golden.structure)
    layers, params, flops = limits(golden, less=1)
    enough = LayersLimit(golden.layers)
    assert Budget([enough, flops, params]).violated(arch) is flops
    assert Budget([enough, params, flops, layers]).violated(arch) is params
    assert Budget([]).violated(arch) is None


def test_check_lists_all_that_are_passed() -> None:
    golden = architecture("resnet_cifar_20")
    arch = Architecture.parse(golden.structure)
    layers, _, flops = limits(golden, less=1)
    budget = Budget([layers, ParamsLimit(golden.params, golden.num_classes), flops])
    with pytest.raises(UserError, match=r"^the start is already over its budget: ") as caught:
        budget.check(arch, "the start")
    message = str(caught.value)
    assert "layers 6 > 5" in message
    assert "flops " in message
    assert "params" not in message


def test_check_tells_close_values_apart() -> None:
    golden = architecture("zennet_cifar_model_size1M_res32")
    with pytest.raises(UserError) as caught:
        Budget([ParamsLimit(golden.params - 1, golden.num_classes)]).check(Architecture.parse(golden.structure), "the start")
    measured, maximum = str(caught.value).split("params ")[1].split(". Raise")[0].split(" > ")
    assert measured != maximum


def test_classes_and_resolution_count() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
    assert ParamsLimit(1, num_classes=100).measure(arch) - ParamsLimit(1, num_classes=10).measure(arch) == 90 * 9
    assert FlopsLimit(1, 32, num_classes=100).measure(arch) - FlopsLimit(1, 32, num_classes=10).measure(arch) == 90 * 8
    assert FlopsLimit(1, 32, 10).measure(arch) - FlopsLimit(1, 16, 10).measure(arch) == 3 * 8 * 9 * (32**2 - 16**2)


def test_a_limit_of_ones_own() -> None:
    class Width(Limit):
        name = "width"

        def measure(self, architecture: Architecture) -> float:
            return max(block.out_channels for block in architecture.blocks)

    arch = Architecture.parse("SuperConvK3BNRELU(3,64,1,1)")
    assert Budget([Width(64)]).violated(arch) is None
    with pytest.raises(UserError, match="width 64 > 63"):
        Budget([Width(63)]).check(arch, "it")
