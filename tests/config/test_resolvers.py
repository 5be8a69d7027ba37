"""What the names of folders are made of."""

from pathlib import Path

import pytest

from command_line import Zen


def test_searches_by_other_proxies_have_folders_of_their_own(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "proxy").mkdir(parents=True)
    (tmp_path / "mine" / "proxy" / "own.yaml").write_text(
        "_target_: zen_lightning.proxy.counts.Flops\nresolution: 32\nnum_classes: 10\n"
    )
    small = ("budget=params1M", "search.iterations=8", "search.population_size=4", "search.finalists=0")
    for words in (["search=evolution", "proxy=own", "--config-dir=mine"], ["search=flops"], ["search=evolution"]):
        ended = zen(*words, *small)
        assert ended.code == 0, ended.err
    names = ["evolution-own-params1M", "evolution-zen-params1M", "flops-params1M"]
    assert sorted(path.name for path in (tmp_path / "outputs" / "search").iterdir()) == names
