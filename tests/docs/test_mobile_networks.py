"""The networks and the code of docs/mobile_networks.md are what the page says they are."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from zen_lightning.arch import Architecture
from zen_lightning.nets.module_counts import count_multiply_adds, count_parameters
from zen_lightning.nets.named_modules import named_module

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mobile_networks.md").read_text()
PUBLISHED = re.findall(r": ([\d,]+) params, ([\d,]+) FLOPs, as torchvision's `(\w+)`\n\n    (\S+)\n", PAGE)


def test_there_are_three() -> None:
    assert [name for _, _, name, _ in PUBLISHED] == ["mobilenet_v2", "mnasnet1_0", "efficientnet_b0"]


@pytest.mark.parametrize(("params", "flops", "name", "text"), PUBLISHED, ids=[name for _, _, name, _ in PUBLISHED])
def test_counts_are_those_of_torchvision(params: str, flops: str, name: str, text: str) -> None:
    arch = Architecture.parse(text)
    written = int(params.replace(",", "")), int(flops.replace(",", ""))
    assert (arch.num_params(), arch.flops(224)) == written
    theirs = named_module(f"torchvision:{name}")
    assert (count_parameters(theirs), count_multiply_adds(theirs, 224)) == written


def test_the_code_runs() -> None:
    names: dict[str, Any] = {}
    first, second = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(first, names)  # the documentation's own code
    assert names["net"](torch.zeros(1, 3, 64, 64)).shape == (1, 37)
    exec(second, names)
    assert names["net"](torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert str(names["arch"]) == "01201202"
