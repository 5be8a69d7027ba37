"""A family from outside that states its channels is searched as exactly as those of the project."""

from typing import Any

import pytest

from brute_force import Share, compare, small
from zen_lightning.arch import Conv, Residual, SuperBlock, super_block
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.budget import FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.proxy.random_score import RandomScore
from zen_lightning.search.exact.chain import NoTablesError
from zen_lightning.search.exact.request import request_of
from zen_lightning.space.blocks import FreeArguments, Replacements
from zen_lightning.space.chained import Chained
from zen_lightning.testing import check_block


@super_block("OwnWideK{kernel_size}", kernel_size=(3, 5))
class OwnWide(SuperBlock):
    """Per sub-layer: k x k to the sum of both widths, with a gate, then 1 x 1; a projection where widths differ."""

    channels_by_input = True
    kernel_size: int

    def expand(self) -> tuple[Residual, ...]:
        first = self._unit(self.in_channels, self.stride)
        return (first, *(self._unit(self.out_channels, 1) for _ in range(self.sub_layers - 1)))

    def _unit(self, arrives: int, stride: int) -> Residual:
        inner, out = arrives + self.out_channels, self.out_channels
        body = Conv(arrives, inner, self.kernel_size, stride, gate_channels=arrives // 2), Conv(inner, out, 1, relu=False)
        projects = stride > 1 or arrives != out
        return Residual(body, Conv(arrives, out, 1, stride, bias=True, relu=False) if projects else None)

    def stated_channels(self, arrives: Any, out: Any, bottleneck: Any) -> tuple[tuple[Any, ...], ...]:
        return (((arrives + out, arrives // 2), out),)


@super_block("OwnSilentK{kernel_size}", kernel_size=(3,))
class OwnSilent(OwnWide):
    """The same, stating nothing."""

    stated_channels = SuperBlock.stated_channels


class OwnSpace(Chained):
    name = "own"
    residual_names = ("OwnWideK3", "OwnWideK5")
    max_channels = 64

    def is_fixed(self, block: SuperBlock) -> bool:
        return False

    def replacements(self, block: SuperBlock) -> Replacements:
        names = (block.name,) if isinstance(block, SuperConv) else self.residual_names
        return Replacements(block, names, FreeArguments())


class SilentSpace(OwnSpace):
    residual_names = ("OwnSilentK3",)


START = "SuperConvK3BNRELU(3,8,2,1)OwnWideK3(8,8,1,1)OwnWideK3(8,16,2,1)SuperConvK1BNRELU(16,16,1,1)"


def test_it_holds_the_requirements() -> None:
    check_block(OwnWide)


def test_wrong_channels_are_found() -> None:
    @super_block("OwnWrongK{kernel_size}", kernel_size=(3,))
    class OwnWrong(OwnWide):
        def stated_channels(self, arrives: Any, out: Any, bottleneck: Any) -> tuple[tuple[Any, ...], ...]:
            return (((arrives + out, arrives // 4), out),)

    with pytest.raises(AssertionError, match="a gate of 16 channels is stated"):
        check_block(OwnWrong)


@pytest.mark.parametrize("share", [0.3, *(pytest.param(share, marks=pytest.mark.long) for share in (0.0, 0.05, 1.0))])
def test_its_optimum(share: Share) -> None:
    limits = [LayersLimit(5), ParamsLimit(1, 10), FlopsLimit(1, 32, 10)]
    compare(small(OwnSpace(), START, limits), OwnSpace.residual_names, {ParamsLimit: share, FlopsLimit: 0.7})


def test_a_family_that_states_nothing() -> None:
    setup = small(SilentSpace(), START, [LayersLimit(5), ParamsLimit(10**5, 10)])
    with pytest.raises(NoTablesError, match=r"the super-block OwnSilentK3 states no tables"):
        request_of(setup, 32)


def test_a_score_that_states_nothing() -> None:
    setup = small(OwnSpace(), START, [LayersLimit(5), ParamsLimit(10**5, 10)], proxy=RandomScore())
    with pytest.raises(NoTablesError, match=r"the score 'random' states no tables"):
        request_of(setup, 32)
