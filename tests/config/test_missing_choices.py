"""Choices of a group that there are not, and keys beside others that there are not."""

from pathlib import Path

import pytest

from command_line import Zen

NET = "arch=SuperConvK3BNRELU(3,8,1,1)"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dataset=mnist",), "for images of your own write dataset=image_folder dataset.root=FOLDER"),
        (("dataset=photos",), "for a folder of images write dataset=image_folder dataset.root=photos"),
        (("dataset=data/photos",), "for a folder of images write dataset=image_folder dataset.root=data/photos"),
        (("dataset=my photos",), "for a folder of images write dataset=image_folder 'dataset.root=my photos'"),
        (("dataset=cifar-10",), "did you mean 'cifar10'?"),
        (("dataset=digits", "dropuot=1", "callbacks=x", "model.lr=3"), "unknown key model.lr; did you mean 'recipe.lr'?"),
        (("dataset=digits", "callbacks=x", "dataset.imagesize=3"), "did you mean 'image_size'?"),
    ],
)
def test_what_is_said(words: tuple[str, ...], said: str, zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "my photos").mkdir()
    (tmp_path / "data" / "photos").mkdir(parents=True)
    ended = zen("task=train", NET, *words, "task=validate")
    assert ended.code == 1
    assert said in ended.out
    assert "'noise'" not in ended.out


def test_a_budget_of_ones_own(zen: Zen) -> None:
    assert "for limits of your own write budget=custom params=200k flops=20M" in zen("budget=1M", "task=validate").out
