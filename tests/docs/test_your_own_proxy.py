"""The worked example of docs/your_own_proxy.md, run as it stands there, and through what every proxy keeps to."""

import math
import re
import shlex
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from command_line import Zen
from zen_lightning.proxy import CannotScoreError
from zen_lightning.proxy.catalogue import score
from zen_lightning.proxy.network_proxy import NetworkProxy
from zen_lightning.testing.networks import CELLS, RESNET
from zen_lightning.testing.proxies import PROXY

DOC = (Path(__file__).resolve().parents[2] / "docs" / "your_own_proxy.md").read_text()


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def spread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[NetworkProxy]:
    """Give the class of the document, in a folder of its own with the configuration."""
    monkeypatch.chdir(tmp_path)
    for language in ("python", "yaml"):
        text = block(language)
        path = Path(text.splitlines()[0].removeprefix("# "))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "my_proxies", raising=False)
    found: type[NetworkProxy] = import_module("my_proxies").Spread
    return found


def test_it_is_short() -> None:
    lines = [line for line in (block("python") + block("yaml")).splitlines() if line.strip()]
    assert len(lines) <= 30


@pytest.mark.parametrize("check", PROXY.checks)
def test_it_keeps_to_what_every_proxy_does(check: str, spread: type[NetworkProxy]) -> None:
    PROXY.checks[check](partial(spread, resolution=16, num_classes=10, batch_size=4))


def test_it_measures_what_the_text_says(spread: type[NetworkProxy]) -> None:
    class Line(nn.Module):
        """Sends everything the same way, further or less far."""

        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 6)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.linear(images.mean((2, 3)))[:, :1] * torch.ones(6)

    settings: dict[str, Any] = {"resolution": 8, "num_classes": 6, "batch_size": 64}
    assert score(Line(), spread, **settings).value == pytest.approx(1)
    flat = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 6))
    assert 1 < score(flat, spread, **settings).value <= 3
    assert score(RESNET, spread, **settings).value <= 6
    with pytest.raises(CannotScoreError, match="have the same logits"):
        score(CELLS[1], spread, **settings)


def test_its_command_lines(spread: type[NetworkProxy], zen: Zen) -> None:
    export, scoring, searching = block("sh").splitlines()
    assert export == "export PYTHONPATH=."
    done = zen(*shlex.split(scoring)[1:], "resolution=16", "num_classes=10")
    assert done.code == 0, done.err
    assert "spread" in done.out
    assert "naswot" in done.out
    small = ["search.iterations=3", "search.population_size=4", "resolution=8", "proxy.batch_size=4", "output_dir=found"]
    words = [word for word in shlex.split(searching)[1:] if not word.startswith("search.iterations")]
    done = zen(*words, *small)
    assert done.code == 0, done.err
    assert math.isfinite(float(re.findall(r'"score": ([\d.]+)', Path("found/result.json").read_text())[0]))
