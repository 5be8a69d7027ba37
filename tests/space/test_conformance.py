"""Every search space keeps to what every space does. A new space joins by one line in SPACES."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from zen_lightning.arch import CodedArchitecture
from zen_lightning.space import search_space
from zen_lightning.testing.spaces import SPACE, SpaceCase, parts_of


def digits(child: CodedArchitecture, parent: CodedArchitecture) -> list[str]:
    """Return the six digits of a child, 0 after its last module."""
    return [*child.parts, *"000000"][:6]


def case(
    space: str, text: str, small: str, parts: Callable[[Any, Any], list[str]] = parts_of, **settings: Any
) -> tuple[str, SpaceCase]:
    return space, SpaceCase(partial(search_space, space, **settings), text, small, parts)


RESNET = (
    "resnet",
    "SuperConvK3BNRELU(3,8,1,2)SuperResK3K3(8,16,1,8,1)SuperResK1K5K1(16,32,2,16,3)SuperConvK1BNRELU(32,128,1,1)",
    "SuperResK3K3(3,16,1,8,1)",
)
MOBILENET = (
    "mobilenet",
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE1K7(32,48,2,32,2)SuperConvK1BNRELU(48,2048,1,1)",
    "SuperResIDWE4K5(3,8,2,8,2)",
)

SPACES = [
    case(*RESNET),
    case(*RESNET, moves="tied"),
    case(*MOBILENET),
    case(*MOBILENET, moves="tied"),
    case(
        "mbconv",
        "SuperConvK3BNRELU(3,16,2,1)MBConvE1K3(16,16,1,1)MBConvE4K5SE(16,24,2,3)SuperConvK1BNRELU(24,640,1,1)",
        "MBConvE6K5SE(3,16,2,2)",
    ),
    case(
        "nas_bench_201",
        "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|",
        "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|none~1|none~2|",
    ),
    case(
        "accel_nasbench",
        "e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s1-e6k5l2s0-e1k3l4s0-e1k3l2s0",
        "-".join(["e1k3l1s0"] * 7),
    ),
    case("nas_bench_macro", "01201212", "00000000"),
    case("transnas_macro", "14213", "1242", digits),
]

IDS = ["-".join([name, *map(str, case.make.keywords.values())]) for name, case in SPACES]  # type: ignore[attr-defined]


@pytest.mark.parametrize("check", SPACE.checks)
@pytest.mark.parametrize(("name", "case"), SPACES, ids=IDS)
def test_it_keeps_to_what_every_space_does(name: str, case: SpaceCase, check: str) -> None:
    SPACE.checks[check](case)


@pytest.mark.parametrize(("name", "case"), SPACES, ids=IDS)
def test_a_space_knows_its_name(name: str, case: SpaceCase) -> None:
    assert case.make().name == name
