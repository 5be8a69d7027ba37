"""What OmegaConf refuses is told in the words of a user."""

from pathlib import Path

import pytest

from command_line import Zen

LIBRARY = ("DictConfig", "ListConfig", "interpolation", "Interpolation", "dereferencing", "raised while", "'list'")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("~search.iterations", "the key cannot be left out"),
        ("=5", "there is no key in front of ="),
        ("depth=[1]", "expected its keys, as in depth.NAME=VALUE"),
        ("search.rerank=[]", "expected its keys, as in search.rerank.NAME=VALUE"),
        ("recipe.decay_epochs={a:1}", "expected a list"),
        ("search.moves.mobilenet=[null]", "expected text"),
        ("trainer=${x}", "it refers to no choice of another group"),
        ("seed=${seed}", "it refers to itself"),
        ("seed=${x}", "it refers to x, which is not there"),
        ("seed=${search.nothing}", "it refers to search.nothing, which is not there"),
        ("resolution=${seed.x}", "node `seed` is not a container"),
        ("seed=${search.name}", "seed"),
        ("seed=${nope:1}", "it refers to a resolver that is not there"),
        ("seed=${oc.env:NO_SUCH_VARIABLE}", "Environment variable 'NO_SUCH_VARIABLE' not found"),
        ("seed=${oc.decode:'['}", "its reference cannot be read"),
    ],
)
@pytest.mark.parametrize("more", [(), ("task=validate",)])
def test_no_words_of_the_library(
    override: str, said: str, more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen("search=zen", "budget=params1M", override, *more)
    told = ended.out + ended.err
    assert ended.code != 0
    assert said in told
    assert override.partition("=")[0].lstrip("~") in told
    assert not [word for word in LIBRARY if word in told.replace(override, "")]
