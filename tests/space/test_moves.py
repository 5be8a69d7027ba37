"""Tied moves, and that the original ones are what they were."""

import hashlib
import itertools
from random import Random

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.space import MobileNetSpace, ResNetSpace, search_space

MOBILENET = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE1K7(32,48,2,24,2)SuperConvK1BNRELU(48,2048,1,1)"
RESNET = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK1K5K1(16,32,2,16,3)SuperConvK1BNRELU(32,128,1,1)"

WALKS = {"mobilenet": MOBILENET, "resnet": RESNET}


def walk(space: str, text: str) -> list[str]:
    """Return networks of a walk of mutations, back to the start whenever one is deeper than 30 layers."""
    chosen, rng, start = search_space(space), Random("walk"), Architecture.parse(text)
    arch, texts = start, []
    for positions in itertools.islice(itertools.cycle((1, 2, 3)), 2_000):
        arch = chosen.mutate(arch, rng, positions).split()
        texts.append(str(arch))
        if arch.num_layers > 30:
            arch = start
    return texts


DIGESTS = {"mobilenet": "9f9d16dd12540da8", "resnet": "511a0bdd0efe7fbc"}
"""Of walks from before there were other moves."""


@pytest.mark.parametrize("space", WALKS)
def test_original_moves_are_the_default_of_a_space_and_what_they_were(space: str) -> None:
    texts = walk(space, WALKS[space])
    assert hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16] == DIGESTS[space]
    assert type(search_space(space))().mutate(Architecture.parse(WALKS[space]), Random(1)) == search_space(
        space, moves="original"
    ).mutate(Architecture.parse(WALKS[space]), Random(1))


def test_the_former_name_of_the_original_moves_is_taken() -> None:
    assert [search_space(space, moves="independent").moves for space in WALKS] == ["original", "original"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("space", WALKS)
def test_tied_moves_tie_in_three_of_four_replacements(space: str) -> None:
    tied, free = search_space(space, moves="tied"), search_space(space)
    arch = Architecture.parse(WALKS[space])
    plain, odds = free.odds(arch, 1), tied.odds(arch, 1)
    assert set(plain) < set(odds)
    equal = {text for text in odds if is_tied(text, arch.blocks[1].in_channels)}
    alone = sum(share for text, share in plain.items() if text in equal)
    assert sum(odds[text] for text in equal) == pytest.approx(0.75 + alone / 4)
    assert all(odds[text] == pytest.approx(plain[text] / 4) for text in set(odds) - equal)


def is_tied(text: str, in_channels: int) -> bool:
    block = Architecture.parse(text, in_channels).blocks[0]
    return bool(block.out_channels == block.bottleneck_channels)  # type: ignore[attr-defined]


@pytest.mark.parametrize("space", WALKS)
def test_convolutions_have_no_bottleneck_to_tie(space: str) -> None:
    arch = Architecture.parse(WALKS[space])
    for index in (0, 3):
        assert search_space(space, moves="tied").odds(arch, index) == search_space(space).odds(arch, index)


@pytest.mark.parametrize("space", [MobileNetSpace, ResNetSpace])
def test_unknown_moves_are_refused(space: type[MobileNetSpace | ResNetSpace]) -> None:
    with pytest.raises(UserError, match=r"moves=.?tide.?.*did you mean 'tied'"):
        space("tide")
