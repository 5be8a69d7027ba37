"""A device that is none is refused by the command and by its check; one that is not here, where something computes on it."""

from pathlib import Path

import pytest
import torch

from command_line import Zen

SMALL = ("budget.params=200k", "resolution=32", "num_classes=10", "search.iterations=2", "search.population_size=2")
NETWORK = "arch=SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)"


@pytest.mark.parametrize("more", [(), ("task=validate",)])
@pytest.mark.parametrize("device", ["abacus", "9" * 60])
def test_no_device(device: str, more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen("task=compare", "arch=[a,b]", f"device={device}", *more)
    assert ended.code != 0
    assert f"device={device}" in ended.out + ended.err


@pytest.mark.parametrize("more", [(), ("task=validate",)])
@pytest.mark.parametrize(
    "words",
    [
        ("search=zen", *SMALL, "search.finalists=0"),
        ("search=zen", *SMALL, "search.rerank.device=cpu"),
        ("task=score", NETWORK, "proxies=[zen]"),
    ],
)
def test_closed_forms_need_no_device(
    words: tuple[str, ...], more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ended = zen(*words, "device=cuda", "output_dir=out", *more)
    assert ended.code == 0, ended.out + ended.err


@pytest.mark.parametrize("more", [(), ("task=validate",)])
@pytest.mark.parametrize(
    "words", [("search=zen_monte_carlo", *SMALL), ("search=zen", *SMALL), ("task=score", NETWORK, "proxies=[naswot]")]
)
def test_networks_need_it(
    words: tuple[str, ...], more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ended = zen(*words, "device=cuda", "output_dir=out", *more)
    assert ended.code != 0
    assert "PyTorch finds no CUDA GPU here" in ended.out + ended.err
    assert not Path("out/history.csv").exists()  # The finalists come last, and are asked for first.


def test_a_cluster_has_its_own(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ended = zen("search=zen_monte_carlo", *SMALL, "search.finalists=0", "device=cuda", "workers=ray", "task=validate")
    assert ended.code == 0, ended.out
