"""``zl.evaluate``: of a training, of exported files, of files of others."""

from pathlib import Path

import numpy as np
import pytest
import torch

import zen_lightning as zl
from training_commands import STRUCTURE
from zen_lightning.api.exported import exported_network, exporter_of
from zen_lightning.api.trained import Said
from zen_lightning.errors import UserError
from zen_lightning.nets.export import OnnxExporter, TorchExporter
from zen_lightning.nets.export.exporter import Exporter
from zen_lightning.training.trainer import Machine

CPU = Machine(accelerator="cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    zl.train(STRUCTURE, "digits", epochs=2, batch_size=16, limit=400, resolution=8, folder=folder, machine=CPU)
    zl.export(str(folder), folder, ["onnx", "torch_export"])
    return folder


def test_all_of_it_is_returned(run: Path) -> None:
    found = zl.evaluate(run, "digits", machine=CPU)
    assert found.images == 359 == found.confusion.sum()
    right = sum(one.correct for one in found.per_class)
    assert 100 * right / found.images == pytest.approx(found.val_top1, abs=1e-4)
    assert [one.name for one in found.per_class] == list("0123456789")
    assert found.worst_classes[0].top1 == min(one.top1 or 0.0 for one in found.per_class)
    assert found.without_images == []
    assert sum(pair.images for pair in found.confused_pairs) == found.images - right
    assert found.mean_class_top1 == pytest.approx(np.mean([one.top1 for one in found.per_class]))
    assert 0 <= found.calibration_error <= 100
    assert sum(one.images for one in found.calibration) == found.images
    assert found.images_per_second > 0
    assert found.peak_memory is None or found.peak_memory > 2**20


@pytest.mark.parametrize("file", ["model.onnx", "model.pt2"])
def test_an_exported_file_is_as_good_as_its_training(run: Path, file: str) -> None:
    one, other = (zl.evaluate(arch, "digits", machine=CPU) for arch in (run, run / file))
    assert np.array_equal(one.confusion, other.confusion)
    assert other.val_loss == pytest.approx(one.val_loss, rel=1e-4)
    assert other.resolution == 8


class Foreign(torch.nn.Module):
    """A classifier of 10 classes for images of any size."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, 4, 3)
        self.last = torch.nn.Linear(4, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.last(self.first(images).relu().mean((2, 3)))
        return logits


@pytest.mark.parametrize("exporter", [OnnxExporter(), TorchExporter()])
@pytest.mark.parametrize("batch", [None, 4])
def test_files_of_others_are_brought_what_they_take(exporter: Exporter, batch: int | None, tmp_path: Path) -> None:
    network, path = Foreign().eval(), tmp_path / f"foreign{exporter.suffix}"
    exporter.save(exporter.convert(network, torch.zeros(batch or 2, 3, 12, 12), batch is None), path, {})
    found = exported_network(path, exporter)
    assert (found.setting.resolution, found.setting.num_classes, found.preprocessing) == (12, 10, None)
    images = torch.randn(6, 3, 12, 12)
    assert torch.allclose(found.network(images), network(images), atol=1e-5)
    assert zl.evaluate(path, "digits", machine=CPU).images == 359
    with pytest.raises(UserError, match="takes images of 12 pixels"):
        exported_network(path, exporter, Said(resolution=16))
    with pytest.raises(UserError, match="the file has num_classes=10, not 7"):
        exported_network(path, exporter, Said(num_classes=7))


def test_a_file_without_a_size_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "any.onnx"
    axes = {"images": {0: "batch", 2: "height", 3: "width"}}
    torch.onnx.export(
        Foreign().eval(), (torch.zeros(1, 3, 12, 12),), path, input_names=["images"], dynamic_axes=axes, dynamo=False
    )
    exporter = exporter_of(path)
    assert exporter is not None
    with pytest.raises(UserError, match="does not say how large its images are"):
        exported_network(path, exporter)
    assert exported_network(path, exporter, Said(resolution=16)).setting.resolution == 16


def test_what_returns_no_logits_is_refused(tmp_path: Path) -> None:
    exporter, path = TorchExporter(), tmp_path / "features.pt2"
    exporter.save(exporter.convert(torch.nn.Conv2d(3, 4, 3).eval(), torch.zeros(2, 3, 8, 8), True), path, {})
    with pytest.raises(UserError, match="no logits of shape"):
        exported_network(path, exporter)


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (Machine(accelerator="gpu"), "an exported file runs on the CPU"),
        (Machine(accelerator="cpu", precision="bf16-true"), "an exported file takes float32"),
    ],
)
def test_machines_that_it_cannot_run_on(run: Path, machine: Machine, message: str) -> None:
    with pytest.raises(UserError, match=message):
        zl.evaluate(run / "model.onnx", "digits", machine=machine)
