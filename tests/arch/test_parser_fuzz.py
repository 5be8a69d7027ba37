"""Valid strings with random damage: an architecture or an ArchitectureError, nothing else."""

import pickle
from random import Random

import pytest

from golden import architectures
from zen_lightning.arch import Architecture, ArchitectureError

ALPHABET = "SuperConvResIDWEKBNLU0123456789(),|. \t\n\0_-+é٣²\ufeff\ud800"
SNIPPETS = ["SuperResK3K3(", "SuperConvK1BNRELU(8,8,1,1)", "label|", "999999999", "((((", "))", ",,", "00", "None"]


def damage(text: str, rng: Random) -> str:
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        stop = min(len(text), start + rng.choice((0, 1, 1, 2, 20)))
        new = rng.choice(("", rng.choice(ALPHABET), rng.choice(SNIPPETS), text[start:stop] * 2))
        text = text[:start] + new + text[stop:]
    return text


@pytest.mark.parametrize("seed", range(4))
def test_every_outcome_is_an_architecture_or_its_error(seed: int) -> None:
    rng = Random(seed)
    texts = [golden.structure for golden in architectures()]
    read: list[Architecture] = []
    refused: list[tuple[str, ArchitectureError]] = []
    for _ in range(750):
        text = damage(rng.choice(texts), rng)
        try:
            arch = Architecture.parse(text)
        except ArchitectureError as error:
            refused.append((text, error))
        else:
            read.append(arch)
    assert len(read) > 10
    assert len(refused) > 500
    for arch in read:
        assert Architecture.parse(str(arch)) == arch
        assert arch.num_layers == sum(block.args[-1] for block in arch.blocks)
    for text, error in refused:
        assert 0 <= error.position <= len(text)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
