"""Files whose networks would take all memory: an error, and the machine goes on."""

import os
import resource
import zipfile
from pathlib import Path

import pytest
import torch

from zen_lightning.api.exported import exported_network
from zen_lightning.errors import UserError
from zen_lightning.nets.export import Exporter, OnnxExporter, OpenVinoExporter, TorchExporter
from zen_lightning.system.memory import available_memory, spared_memory


class Padded(torch.nn.Module):
    """A classifier that looks at an image in the midst of a terabyte of zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, 4, 3, padding=125_000)
        self.last = torch.nn.Linear(4, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.last(self.first(images).relu().mean((2, 3)))
        return logits


@pytest.mark.parametrize("kind", [pytest.param(OnnxExporter, marks=pytest.mark.long), TorchExporter, OpenVinoExporter])
def test_a_file_that_asks_for_all_memory_is_a_sentence(tmp_path: Path, kind: type[Exporter]) -> None:
    exporter = kind()
    if kind is OpenVinoExporter:
        pytest.importorskip("openvino")
    path = tmp_path / f"padded{exporter.suffix}"
    exporter.save(exporter.convert(Padded().eval(), torch.zeros(2, 3, 12, 12), True), path, {})
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(UserError, match=r"cannot classify an image of 12 pixels|not a file of format .* that can be run"):
        exported_network(path, exporter)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_calls_that_overlap_leave_the_limit_as_it_was() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    first, second, third = spared_memory(0.8), spared_memory(0.8), spared_memory(0.8)
    first.__enter__()
    limited = resource.getrlimit(resource.RLIMIT_DATA)
    second.__enter__()
    first.__exit__(None, None, None)
    assert resource.getrlimit(resource.RLIMIT_DATA) == limited != before
    third.__enter__()
    second.__exit__(None, None, None)
    third.__exit__(None, None, None)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_no_more_than_a_share_of_the_memory_is_taken() -> None:
    free = available_memory()
    assert free is not None
    asked = free // 32
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(MemoryError), spared_memory(0.01):
        bytearray(asked)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    with spared_memory(0.5):
        assert len(bytearray(asked)) == asked


def test_what_is_no_onnx_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx

    monkeypatch.setattr(onnx.checker, "check_model", lambda *_, **__: pytest.fail("it is read"))
    path = tmp_path / "model.onnx"
    for content in (b"", b"x" * 100, b'{"a": 1}', b"\0" * 100):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"not a file of format onnx .*it does not begin as a file of ONNX"):
            exported_network(path, OnnxExporter())


def test_weights_that_are_not_beside_their_network_are_missed_by_name(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    (tmp_path / "model.xml").write_text("<net/>")
    with pytest.raises(UserError, match=r"model\.bin cannot be read \(No such file or directory\)"):
        exported_network(tmp_path / "model.xml", OpenVinoExporter())


def test_compressed_parts_of_a_program_are_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "model.pt2"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("model/models/model.json", "model/version"):
            archive.writestr(name, "0" * 1000)
    with pytest.raises(UserError, match=r"not a file of format torch_export .*parts of it are compressed"):
        exported_network(path, TorchExporter())


def test_a_graph_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    (tmp_path / "model.bin").touch()
    (tmp_path / "model.xml").write_text("<net/>")
    os.truncate(tmp_path / "model.xml", 10**9)  # A hole, which takes no room.
    with pytest.raises(UserError, match=r"model\.xml is larger than 64 MiB"):
        exported_network(tmp_path / "model.xml", OpenVinoExporter())
