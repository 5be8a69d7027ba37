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
from zen_lightning.nets.export.program_operations import _NAMED, is_allowed
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


class Trusting(nn.Module):
    """Calls an operation that trusts the offsets it is given: run, it writes outside of its result."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rows", torch.tensor([0, 2]))
        self.register_buffer("columns", torch.tensor([7, 7]))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return anything."""
        return images + torch.ops.aten._convert_indices_from_csr_to_coo(self.rows, self.columns).sum()


class Many(nn.Module):
    """Layers and functions of the kinds that networks of images have."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU6(inplace=True), nn.MaxPool2d(2), nn.SiLU()
        )
        self.norms = nn.Sequential(nn.GroupNorm(2, 8), nn.Hardswish(), nn.Dropout(), nn.PixelUnshuffle(2), nn.ChannelShuffle(2))
        self.attention = nn.TransformerEncoderLayer(32, 2, 64, batch_first=True, norm_first=True)
        self.head = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 2))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        images = nn.functional.interpolate(images, scale_factor=2.0, mode="bicubic", antialias=True)
        found = self.norms(self.stem(nn.functional.pad(images, (1, 1, 1, 1), mode="reflect")))
        words = torch.roll(self.attention(found.flatten(2).transpose(1, 2)), 1, dims=1)
        return self.head(torch.einsum("b n c, b n -> b c", words, words.mean(2).softmax(1)).masked_fill(words[:, 0] > 9, 0.0))


class Rarer(nn.Module):
    """What some networks of images have: spectral norms, distances to prototypes, mixing by Fourier transforms."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 8, 3))
        self.prototypes = nn.Parameter(torch.rand(2, 8))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        words = self.stem(images).flatten(2).mT
        words = torch.fft.fft(torch.fft.fft(words, dim=-1), dim=-2).real.hsplit(2)[0].logaddexp(words.aminmax().max)
        return -nn.functional.pairwise_distance(words.mean(1).unsqueeze(1), self.prototypes)


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


def test_an_operation_that_trusts_its_inputs_is_refused(tmp_path: Path) -> None:
    exporter, path = TorchExporter(), tmp_path / "evil.pt2"
    exporter.save(exporter.convert(Trusting(), torch.zeros(2, 3, 8, 8), False), path, {})
    with pytest.raises(ValueError, match="_convert_indices_from_csr_to_coo"):
        check_program(path)


@pytest.mark.parametrize("network", [Many, Rarer])
def test_the_usual_layers_are_read(network: type[nn.Module], tmp_path: Path) -> None:
    exporter, path = TorchExporter(), tmp_path / "model.pt2"
    exporter.save(exporter.convert(network().eval(), torch.zeros(2, 3, 32, 32), True), path, {})
    check_program(path)


@pytest.mark.parametrize(
    "name",
    [
        *("_sparse_coo_tensor_unsafe.default", "_sparse_csr_tensor_unsafe.default", "_nested_view_from_buffer.default"),
        *("fbgemm_linear_int8_weight.default", "fbgemm_linear_fp16_weight.default", "set_.source_Storage_storage_offset"),
        *("quantized_lstm_cell.default", "mkldnn_rnn_layer.default", "_cudnn_rnn.default", "_native_batch_norm_legit.default"),
        *("max_pool2d_with_indices_backward.default", "_embedding_bag.default", "resize_.default", "empty.memory_format"),
        *("_upsample_bicubic2d_aa.default", "upsample_nearest2d.default", "add.out", "from_file.default", "chr.default"),
        *("__class__.default", "relu.nothing", "nothing.default", "_.default", "__init__.default"),
    ],
)
def test_operations_that_check_nothing_are_not_let_in(name: str) -> None:
    assert not is_allowed(f"torch.ops.aten.{name}")


def test_what_is_let_in_is_there() -> None:
    """A name that PyTorch has not would be one that is spelt wrongly."""
    assert [name for name in sorted(_NAMED) if not hasattr(torch.ops.aten, name)] == []
