"""The formulas of residual blocks beside their expansion: equal, over thousands of random blocks."""

from random import Random
from typing import Any

import pytest

from zen_lightning.arch import Architecture, SuperBlock, make_block
from zen_lightning.arch.counting import count_block
from zen_lightning.arch.super_res import SuperRes, SuperResIDW
from zen_lightning.proxy import closed_form
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.space import MobileNetSpace, ResNetSpace

NAMES = (*MobileNetSpace.residual_names, *ResNetSpace.residual_names)


def random_blocks(count: int, seed: str) -> list[SuperBlock]:
    """Return residual blocks of all names, odd widths and strides among them."""
    rng = Random(seed)

    def width() -> int:
        return rng.choice((rng.randint(1, 64), 8 * rng.randint(1, 256)))

    return [
        make_block(NAMES[number % len(NAMES)], width(), width(), rng.choice((1, 1, 2, 3)), width(), rng.randint(1, 5))
        for number in range(count)
    ]


def by_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every family be read through its units, from nothing that was computed before."""
    for name in NAMES:
        monkeypatch.setattr(type(make_block(name, 8, 8, 1, 8, 1)), "by_formula", False)


def test_the_integers_are_those_of_the_units() -> None:
    for block in random_blocks(3_000, "units"):
        assert isinstance(block, SuperRes)
        assert block.by_formula
        shapes = block.all_shapes()
        assert len(shapes) == len(block.units)
        for unit, shape in zip(block.units, shapes, strict=True):
            convs = unit.backbone
            widths = [(conv.fan_in, conv.out_channels) for conv in convs]
            kernels = [(conv.kernel_size, conv.stride, conv.relu_first, conv.relu) for conv in convs]
            kind = block.kind
            assert widths == list(closed_form.conv_widths(kind, shape))
            assert kernels == list(closed_form.conv_kernels(kind, *shape[3:]))


def test_counts_by_formula_are_those_of_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random("resolutions")
    cases = [(block, rng.choice((1, 2, 7, 15, 32, 65, 224))) for block in random_blocks(3_000, "counts")]
    formula = []
    for block, resolution in cases:
        block.cache.clear()
        formula.append(tuple(count_block(block, resolution)))
    by_units(monkeypatch)
    for (block, resolution), found in zip(cases, formula, strict=True):
        block.cache.clear()
        assert tuple(count_block(block, resolution)) == found
        block.cache.clear()


def chains(count: int) -> list[Architecture]:
    """Return random rows of one to four blocks whose widths fit."""
    rng, found = Random("chains"), []
    blocks = iter(random_blocks(4 * count, "chained"))
    for _ in range(count):
        row: list[SuperBlock] = []
        arrives = 3
        for block in [next(blocks) for _ in range(rng.randint(1, 4))]:
            row.append(block.with_in_channels(arrives))
            arrives = block.out_channels
        found.append(Architecture(tuple(row)))
    return found


def test_scores_by_formula_are_those_of_the_units_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = chains(1_000)
    proxies = [ZenClosedForm(resolution) for resolution in (32, 65, 224)]

    def scores() -> list[Any]:
        for network in networks:
            for block in network.blocks:
                block.cache.clear()
        closed_form._steps.clear()
        return [proxies[place % 3].readings(network) for place, network in enumerate(networks)]

    formula = scores()
    by_units(monkeypatch)
    assert scores() == formula


def test_a_family_with_units_of_its_own_is_read_by_them() -> None:
    class Own(SuperResIDW):
        def sub_layer(self, in_channels: int, stride: int, project: bool) -> Any:
            return super().sub_layer(in_channels, stride, project)[:1]

    class Wider(SuperResIDW):
        expansion = 3

    assert (SuperResIDW.by_formula, Own.by_formula, Wider.by_formula) == (True, False, True)
