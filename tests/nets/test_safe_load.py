"""Files of ``torch.save`` are read so that nothing in them is executed."""

import argparse
import collections
import os
import pickle
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

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


def test_classes_of_plain_data(tmp_path: Path) -> None:
    content = {
        "state_dict": {"weight": torch.arange(3)},
        "args": argparse.Namespace(lr=0.1, output=Path("/runs/one"), nested=argparse.Namespace(epochs=[1, 2])),
        "numbers": (np.float64(2.5), np.float32(0.5), np.int64(7), np.bool_(True)),
        "array": np.arange(4.0),
        "counted": collections.defaultdict(list, {"a": [1]}),
        "config": OmegaConf.create({"model": {"width": 8, "name": "net"}, "out": Path("/runs"), "rates": [0.1, None, True]}),
        "best": 91.5,
    }
    torch.save(content, tmp_path / "file")
    read = load_safely(tmp_path / "file")
    assert torch.equal(read["state_dict"]["weight"], torch.arange(3))
    assert (read["args"].lr, read["args"].output, read["args"].nested.epochs) == (0.1, PurePosixPath("/runs/one"), [1, 2])
    assert read["numbers"] == content["numbers"]
    assert np.array_equal(read["array"], content["array"])
    assert (read["counted"], read["best"]) == ({"a": [1]}, 91.5)


def test_plain_data_does_not_let_code_in(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    class Malice:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (f"touch {mark}",)

    for content in (argparse.Namespace(a=Malice()), collections.defaultdict(list, {"a": Malice()}), [np.float64(1), Malice()]):
        torch.save({"args": content}, tmp_path / "file")
        with pytest.raises(
            UserError, match=r"it holds \w+\.system, .*: where it was made, save its weights alone: torch\.save"
        ):
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


def test_compressed_members_are_refused_before_they_are_read(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(8)}, tmp_path / "sound.pt")
    with (
        zipfile.ZipFile(tmp_path / "sound.pt") as sound,
        zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in sound.namelist():
            bomb.writestr(name, b"\0" * 10_000_000 if name.endswith("data/0") else sound.read(name))
    assert (tmp_path / "bomb.pt").stat().st_size < 20_000
    with pytest.raises(UserError, match="parts of it are compressed"):
        load_safely(tmp_path / "bomb.pt")
    assert load_safely(tmp_path / "sound.pt")["weight"].shape == (8,)
