"""What makes the loop quicker leaves every search as it was: digests of histories from before such changes."""

import hashlib

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

RESNET = (
    "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,64,2,32,1)"
    "SuperResK3K3(64,64,2,32,1)SuperConvK1BNRELU(64,128,1,1)"
)
MOBILENET = (
    "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE4K5(16,24,2,24,1)SuperResIDWE4K5(24,48,2,48,1)SuperResIDWE4K5(48,72,2,72,1)"
    "SuperResIDWE4K5(72,96,1,96,1)SuperResIDWE4K5(96,192,2,192,1)SuperConvK1BNRELU(192,1280,1,1)"
)
SETUPS = {
    "resnet": (RESNET, ZenClosedForm(32), Budget([LayersLimit(12), ParamsLimit(400_000, num_classes=100)])),
    "mobilenet": (MOBILENET, ZenClosedForm(224), Budget([LayersLimit(14), FlopsLimit(3e8, 224, num_classes=1000)])),
}
DIGESTS = {
    ("resnet", 0): "fc7d8b72c9073589",
    ("resnet", 1): "97aad60186ff37f2",
    ("resnet", 2): "87993c2e426dd986",
    ("mobilenet", 0): "e8c6c36cce2bc29b",
    ("mobilenet", 1): "0fd9ad473e5cc835",
    ("mobilenet", 2): "5868693f32ca7e33",
}


def digest(space: str, seed: int) -> str:
    start, proxy, budget = SETUPS[space]
    setup = SearchSetup(search_space(space), proxy, budget, Architecture.parse(start), seed=seed, population_size=64)
    evolution = setup.evolution(0)
    evolution.advance(4_000)
    members = [(member.serial, str(member.architecture)) for member in evolution.population.members]
    state = [members, sorted(evolution.rejected.items()), evolution.accepted, evolution.rng.random()]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


@pytest.mark.parametrize(("space", "seed"), DIGESTS)
def test_the_history_is_what_it_was(space: str, seed: int) -> None:
    assert digest(space, seed) == DIGESTS[space, seed]
