"""Images of any size, OpenVINO's two files, and int8: each file is checked before it appears."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from zen_lightning.api.exported import read_exported
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.export import (
    EXPORTERS,
    Calibration,
    Exporter,
    OnnxExporter,
    OnnxInt8Exporter,
    OpenVinoExporter,
    TorchExporter,
    export_network,
)
from zen_lightning.nets.export.calibration import measure_accuracy

TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,12,2,8,1)SuperResK3K3(12,16,1,12,1)"
SIZE = 16


def needs(exporter: type[Exporter]) -> Any:
    missing = [name for name in exporter.packages if find_spec(name) is None]
    return pytest.param(
        exporter, id=exporter.name, marks=pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")
    )


ALL = [needs(exporter) for exporter in EXPORTERS]
EXACT = [needs(exporter) for exporter in EXPORTERS if not exporter.quantised]
INT8 = [needs(exporter) for exporter in EXPORTERS if exporter.quantised]
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")


@pytest.fixture(scope="module")
def network() -> StagedNetwork:
    torch.manual_seed(0)
    made = build_network(Architecture.parse(TEXT), 5, use_se=True)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
    return made.eval()


@pytest.fixture(scope="module")
def images() -> Calibration:
    generator = torch.Generator().manual_seed(1)
    drawn = torch.randn(96, 3, SIZE, SIZE, generator=generator) + torch.randn(96, 3, 1, 1, generator=generator)
    return Calibration([drawn[:32]], [(drawn[32:], None)], "32 images", "64 other images", 10.0)


@pytest.mark.parametrize("exporter", ALL)
def test_images_of_any_size(tmp_path: Path, network: StagedNetwork, images: Calibration, exporter: type[Exporter]) -> None:
    path = tmp_path / f"model{exporter.suffix}"
    export_network(network, path, exporter(), SIZE, dynamic_size=True, calibration=images)
    run = exporter().load(path)
    for shape in ((1, 3, 16, 16), (3, 3, 33, 20), (2, 3, 48, 64)):
        batch = torch.randn(shape)
        with torch.no_grad():
            expected = network(batch)
        if exporter.quantised:
            assert (run(batch) - expected).abs().max() < 0.3 * expected.abs().max()
        else:
            torch.testing.assert_close(run(batch), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("exporter", EXACT)
def test_one_size_is_kept_where_it_is_not_free(tmp_path: Path, network: StagedNetwork, exporter: type[Exporter]) -> None:
    path = tmp_path / f"model{exporter.suffix}"
    export_network(network, path, exporter(), SIZE)
    with pytest.raises(Exception, match=r"(?i)shape|dimension|size|16"):
        exporter().load(path)(torch.zeros(1, 3, 20, 16))


class Flattens(nn.Module):
    """Takes images of one size alone."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3 * SIZE * SIZE, 4)

    def forward(self, images: Tensor) -> Tensor:
        return self.linear(images.flatten(1))


@pytest.mark.parametrize("exporter", [OnnxExporter, TorchExporter])
def test_a_network_of_one_size_is_refused(tmp_path: Path, exporter: type[Exporter]) -> None:
    with pytest.raises(UserError, match=r"images of another size") as refused:
        export_network(Flattens(), tmp_path / "model", exporter(), SIZE, dynamic_size=True)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_names_of_the_axes(tmp_path: Path, network: StagedNetwork) -> None:
    import onnx

    for opset in (13, 18):
        export_network(network, tmp_path / "model.onnx", OnnxExporter(opset), SIZE, dynamic_size=True)
        (taken,) = onnx.load(tmp_path / "model.onnx").graph.input
        dims = taken.type.tensor_type.shape.dim
        assert [dim.dim_param or dim.dim_value for dim in dims] == ["batch", 3, "height", "width"]


@needs_openvino
def test_what_an_openvino_model_says(tmp_path: Path, network: StagedNetwork, capfd: pytest.CaptureFixture[str]) -> None:
    import openvino

    said = {"classes": json.dumps(["grey, white <owl>", "Ä"]), "mean": "[0.5, 0.4, 0.3]"}
    found = export_network(network, tmp_path / "net.xml", OpenVinoExporter(), SIZE, metadata=said)
    assert capfd.readouterr() == ("", "")
    assert set(found.companions) == {"net.bin"}
    read = OpenVinoExporter().read_metadata(tmp_path / "net.xml")
    assert read.items() >= {**said, "architecture": TEXT, "resolution": str(SIZE), "use_se": "true"}.items()
    model = openvino.Core().read_model(tmp_path / "net.xml")
    assert (model.inputs[0].any_name, model.outputs[0].any_name) == ("images", "logits")
    assert OpenVinoExporter().input_shape(tmp_path / "net.xml") == (None, 3, 16, 16)
    assert str(Path(__file__).parents[2]) not in (tmp_path / "net.xml").read_text()


@needs_openvino
def test_an_openvino_model_that_fails_leaves_the_earlier_pair(
    tmp_path: Path, network: StagedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.xml"
    export_network(network, path, OpenVinoExporter(), SIZE)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("[!.]*")}
    monkeypatch.setattr(OpenVinoExporter, "load", lambda self, path: lambda images: torch.zeros(len(images), 5))
    with pytest.raises(UserError, match=r"net\.xml: nothing was written, since the logits of the openvino file differ"):
        export_network(network, path, OpenVinoExporter(), SIZE)
    assert {file.name: file.read_bytes() for file in tmp_path.glob("[!.]*")} == before


@needs_openvino
def test_no_graph_stands_without_its_weights(tmp_path: Path, network: StagedNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between the two files leaves neither a graph without weights nor one of other weights."""
    path = tmp_path / "net.xml"
    export_network(network, path, OpenVinoExporter(), SIZE)
    placed: list[Path] = []
    replace = Path.replace

    def ended(self: Path, target: Path) -> Path:
        if placed:
            raise OSError(28, "No space left on device")
        if target.parent == path.parent:  # No checksum, which is in a folder of its own.
            placed.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", ended)
    with pytest.raises(UserError, match=r"No space left on device"):
        export_network(network, path, OpenVinoExporter(), SIZE)
    assert placed == [path.with_suffix(".bin")]
    assert not path.exists()


@needs_openvino
def test_a_full_disk_for_openvino(tmp_path: Path, network: StagedNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenVINO's words for it, of a process that may write no file of more than 40 KB."""

    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("basic_ios::clear: iostream error")

    monkeypatch.setattr("openvino.save_model", full)
    with pytest.raises(UserError, match=r"net\.xml: cannot be written \(is the disk full\? OpenVINO says: basic_ios::clear"):
        export_network(network, tmp_path / "net.xml", OpenVinoExporter(), SIZE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exporter", INT8)
def test_int8_is_small_and_says_what_it_is(
    tmp_path: Path, network: StagedNetwork, images: Calibration, exporter: type[Exporter]
) -> None:
    path = tmp_path / f"model{exporter.suffix}"
    found = export_network(network, path, exporter(), SIZE, calibration=images)
    assert found.accuracy is not None
    assert (found.accuracy.images, found.accuracy.labelled, found.accuracy.float32) == (64, False, 100.0)
    assert found.relative_difference > 1e-4, "8 bits are no float32"
    texts = exporter().read_metadata(path)
    assert texts["architecture"] == TEXT
    assert texts["quantisation"] == "int8, weights per channel, activations by 32 images"


def test_weights_of_int8_have_a_scale_for_each_channel(tmp_path: Path, network: StagedNetwork, images: Calibration) -> None:
    import onnx
    from onnx.numpy_helper import to_array

    export_network(network, tmp_path / "m.onnx", OnnxInt8Exporter(), SIZE, calibration=images)
    graph = onnx.load(tmp_path / "m.onnx").graph
    held = {tensor.name: tensor for tensor in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) == sum(isinstance(module, nn.Conv2d) for module in network.modules())
    made_by = {name: node for node in graph.node for name in node.output}
    for node in convolutions:
        dequantised = made_by[node.input[1]]
        weights, scales = (to_array(held[name]) for name in dequantised.input[:2])
        assert weights.dtype.name == "int8"
        assert scales.shape == (len(weights),)
    assert not any(node.op_type == "BatchNormalization" for node in graph.node)


def test_int8_that_loses_too_much_does_not_appear(tmp_path: Path, network: StagedNetwork, images: Calibration) -> None:
    """By ranges from far too bright images, all activations of others are rounded to the same few values."""
    bright = Calibration([1e4 * images.batches[0]], images.held_out, "32 images", "64 other images", 1.0)
    with pytest.raises(UserError, match=r"m\.onnx: nothing was written, since int8 names .* of 64 other images, and 1 points"):
        export_network(network, tmp_path / "m.onnx", OnnxInt8Exporter(), SIZE, calibration=bright)
    assert list(tmp_path.iterdir()) == []


def test_int8_without_images(tmp_path: Path, network: StagedNetwork) -> None:
    with pytest.raises(UserError, match=r"onnx_int8 needs images: .*name a folder of images, or a dataset"):
        export_network(network, tmp_path / "m.onnx", OnnxInt8Exporter(), SIZE)


def test_int8_of_an_opset_without_scales_for_channels(tmp_path: Path, network: StagedNetwork, images: Calibration) -> None:
    with pytest.raises(UserError, match=r"opset=12: .*expected 13 or newer"):
        export_network(network, tmp_path / "m.onnx", OnnxInt8Exporter(12), SIZE, calibration=images)


def test_accuracy_of_labelled_images() -> None:
    logits = torch.eye(4)[torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])]
    network = nn.Flatten()
    held: list[tuple[Tensor, Tensor | None]] = [
        (logits[:5].reshape(5, 4, 1, 1), torch.tensor([0, 1, 2, 3, 3])),
        (logits[5:].reshape(3, 4, 1, 1), torch.tensor([1, 2, 3])),
    ]
    found = measure_accuracy(
        network, lambda batch: batch.flatten(1).roll(-1, 1), Calibration([], held, "", "8 validation images of x")
    )
    assert (found.images, found.float32, found.quantised) == (8, 87.5, 12.5)
    assert str(found) == "int8 12.5%, float32 87.5% on 8 validation images of x"
    assert found.difference == 1.0
    assert not found.within(1.0)
    same = measure_accuracy(network, lambda batch: batch.flatten(1), Calibration([], held, "", "8 validation images of x"))
    assert (same.loss, same.within(0.0)) == (0.0, True)


@pytest.mark.parametrize("kind", EXACT)
def test_no_flipped_bit_of_an_exported_file_is_evaluated(
    tmp_path: Path, network: StagedNetwork, kind: type[Exporter], capfd: pytest.CaptureFixture[str]
) -> None:
    """A weight that is another one is a file as good as any to every one of these formats."""
    exporter = kind()
    path = tmp_path / f"model{exporter.suffix}"
    export_network(network, path, exporter, 32)
    read_exported(path, exporter)
    for one in (path, *exporter.companions(path)):
        sound = bytearray(one.read_bytes())
        for at in (len(sound) // 3, len(sound) // 2, len(sound) - 1):
            damaged = sound.copy()
            damaged[at] ^= 4
            one.write_bytes(damaged)
            with pytest.raises(UserError, match=rf"{one.name} is not as it was written .* if none has, it is damaged"):
                read_exported(path, exporter)
        one.write_bytes(sound)
    assert "Traceback" not in capfd.readouterr().err


@needs_openvino
@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        ("<net><layers>", "Start-end tags mismatch at offset"),
        ("<net></net>", "it has no input or no output"),
        ("no graph", "No document element found at offset"),
    ],
)
def test_a_damaged_openvino_model_is_one_sentence(
    tmp_path: Path, network: StagedNetwork, damaged: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """OpenVINO would try the formats of other frameworks, too, whose readers write to the terminal."""
    path = tmp_path / "net.xml"
    export_network(network, path, OpenVinoExporter(), SIZE)
    path.write_text(damaged)
    shutil.rmtree(tmp_path / ".sha256")
    with pytest.raises(UserError) as refused:
        read_exported(path, OpenVinoExporter())
    assert str(refused.value).startswith(f"{path}: not a file of format openvino that can be run ({said}")
    assert capfd.readouterr() == ("", "")
