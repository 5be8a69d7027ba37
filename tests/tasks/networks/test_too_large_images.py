"""Images that no memory holds are refused before anything is made of them."""

from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.system import memory

ARCH = "arch=zennet_cifar10_model_size05M_res32"


@pytest.mark.parametrize("more", [(), ("task=validate",)])
@pytest.mark.parametrize("words", [("task=export", "random_weights=true"), ("task=train", "dataset=digits")])
def test_one_image_is_too_large(
    words: tuple[str, ...], more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(memory, "available_memory", lambda: 10**9)
    ended = zen(*words, ARCH, "resolution=65536", *more)
    assert ended.code != 0
    assert "resolution=65536: for one image it needs 51,540 MB of memory, and 1,000 MB are free" in ended.out + ended.err
