"""Files of ``torch.save`` are read so that nothing in them is executed."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from zen_lightning.errors import UserError
from zen_lightning.nets.safe_load import load_safely


def test_tensors_and_plain_values(tmp_path: Path) -> None:
    torch.save({"a": torch.arange(3), "b": [1, "two"]}, tmp_path / "file")
    content = load_safely(tmp_path / "file")
    assert torch.equal(content["a"], torch.arange(3))
    assert content["b"] == [1, "two"]


def test_anything_else_is_refused_by_name(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    class Malice:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (f"touch {mark}",)

    (tmp_path / "file").write_bytes(pickle.dumps({"a": Malice()}, protocol=2))
    with pytest.raises(UserError, match=r"read safely: it holds \w+\.system, which is neither .* nothing of it was executed"):
        load_safely(tmp_path / "file")
    assert not mark.exists()


@pytest.mark.parametrize("left", [0, 100, 1500])
def test_what_is_cut_short(tmp_path: Path, left: int) -> None:
    torch.save({"a": torch.randn(1000)}, tmp_path / "file")
    (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:left])
    with pytest.raises(UserError, match="read safely: it is damaged, cut short, or a file of another kind"):
        load_safely(tmp_path / "file")
    with pytest.raises(UserError, match="no such checkpoint"):
        load_safely(tmp_path / "none")
