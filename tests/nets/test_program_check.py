"""Exported programs are read only where nothing in them would run."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from zen_lightning.api.exported import read_exported
from zen_lightning.errors import UserError
from zen_lightning.nets.export.program_check import check_program
from zen_lightning.nets.export.torch_exporter import TorchExporter

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"


class Small(nn.Module):
    """A network with a convolution, sizes that are computed, and a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.head = nn.Linear(4, 2)
        self.register_buffer("scale", torch.ones(4))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.head(self.conv(images).mean((2, 3)) * self.scale + torch.tensor([1.0, 2.0, 3.0, 4.0]))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program as this project exports one, for images of any size."""
    exporter, path = TorchExporter(), tmp_path_factory.mktemp("program") / "model.pt2"
    exporter.save(exporter.convert(Small().eval(), torch.zeros(2, 3, 32, 32), True, True), path, {"resolution": "32"})
    return path


@pytest.fixture
def payloads(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The attempts of the campaign."""
    monkeypatch.syspath_prepend(CAMPAIGNS)
    spec = importlib.util.spec_from_file_location("folder_payloads", CAMPAIGNS / "folder_payloads.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "folder_payloads", module)
    spec.loader.exec_module(module)
    return module


def test_a_sound_program_is_read(sound: Path) -> None:
    check_program(sound)
    run, _, metadata = read_exported(sound, TorchExporter())
    assert run(torch.zeros(2, 3, 40, 40)).shape == (2, 2)
    assert metadata == {"resolution": "32"}


@pytest.mark.parametrize("how", range(12))
def test_what_pytorch_would_run_is_refused(sound: Path, payloads: ModuleType, tmp_path: Path, how: int) -> None:
    mark, path = tmp_path / "mark", tmp_path / "evil.pt2"
    path.write_bytes(payloads.Payloads(mark, tmp_path).program(sound.read_bytes(), how))
    with pytest.raises(UserError, match=r"evil\.pt2: not a file of format torch_export .*PyTorch might run"):
        read_exported(path, TorchExporter())
    assert not mark.exists()


def test_without_the_check_some_would_run(sound: Path, payloads: ModuleType, tmp_path: Path) -> None:
    mark, path = tmp_path / "mark", tmp_path / "evil.pt2"
    path.write_bytes(payloads.Payloads(mark, tmp_path).program(sound.read_bytes(), 2))
    with pytest.raises(AttributeError):
        torch.export.load(path)
    assert mark.exists()
