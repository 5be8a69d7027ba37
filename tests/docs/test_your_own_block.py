"""The worked example of docs/your_own_block.md, run as it stands there."""

import re
import sys
from pathlib import Path

import pytest

from zen_lightning.testing import check_block

DOC = Path(__file__).resolve().parents[2] / "docs" / "your_own_block.md"


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    (tmp_path / "my_blocks.py").write_text(blocks[0])
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "my_blocks", raising=False)
    names: dict[str, object] = {}
    exec(blocks[1], names)  # the documentation's own code
    arch, net = names["arch"], names["net"]
    assert arch.num_layers == 4  # type: ignore[attr-defined]
    check_block(names["my_blocks"].SuperResX, bottleneck_channels=32)  # type: ignore[attr-defined]  # As the page says.
    exec(blocks[2], names)
    best = names["best"]
    assert best.optimum.gap < 1e-5  # type: ignore[attr-defined]
    assert {block.name for block in best.architecture.blocks[1:-1]} <= {"SuperResX8K3", "SuperResX8K5"}  # type: ignore[attr-defined]
    weights = sum(p.numel() for p in net.parameters())  # type: ignore[attr-defined]
    assert weights == arch.num_params()  # type: ignore[attr-defined]
