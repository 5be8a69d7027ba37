"""Files of other formats give the logits of PyTorch, or do not appear."""

import copy
import errno
import json
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from golden import SHARED, needs_shared
from zen_lightning.arch import Architecture, CellArchitecture
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.nets import StagedNetwork, build_network, load_original_checkpoint
from zen_lightning.nets.export import (
    EXPORTERS,
    Exported,
    Exporter,
    OnnxExporter,
    TorchExporter,
    export_network,
    exporter_named,
)
from zen_lightning.nets.export.exporter import Runner
from zen_lightning.nets.export.onnx_exporter import OPSET

TEXT = "SuperConvK3BNRELU(3,4,2,1)SuperResK3K3(4,6,2,4,1)"
MOBILE = "SuperConvK3BNRELU(3,4,2,1)MBConvE3K3SE(4,4,1,2)MBConvE1K5(4,8,2,1)PreResK3K3(8,8,1,1)PreResK3K3(8,12,2,1)"
CELL = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"


def export_onnx(network: nn.Module, path: Path, resolution: int, opset: int = OPSET, **options: Any) -> Exported:
    return export_network(network, path, OnnxExporter(opset), resolution, **options)


def export_torch(network: nn.Module, path: Path, resolution: int, **options: Any) -> Exported:
    return export_network(network, path, TorchExporter(), resolution, **options)


EXPORT = {"onnx": export_onnx, "torch_export": export_torch}

EXACT = [
    pytest.param(
        exporter,
        id=exporter.name,
        marks=[
            pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")
            for package in exporter.packages
        ],
    )
    for exporter in EXPORTERS
    if not exporter.quantised
]


def network(use_se: bool = False, text: str = TEXT) -> StagedNetwork:
    torch.manual_seed(0)
    made = build_network((CellArchitecture if text == CELL else Architecture).parse(text), 5, use_se)
    for module in made.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
        elif isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return made


class Double(Exporter):
    """Keeps the program in memory; what it runs can be made wrong."""

    name = "double"
    suffix = ".double"
    change: Callable[[Tensor], Tensor] = staticmethod(lambda logits: logits)

    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        return network

    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        self.program = program
        path.write_text(json.dumps(dict(metadata)))

    def load(self, path: Path) -> Runner:
        return lambda images: self.change(self.program(images))

    def usage(self, path: Path, resolution: int) -> str:
        return ""


@pytest.mark.parametrize("exporter", EXACT)
@pytest.mark.parametrize(
    ("use_se", "text", "resolution"),
    [pytest.param(True, TEXT, 33, marks=pytest.mark.long), (False, CELL, 9), (False, MOBILE, 17)],
    ids=["squeeze-and-excitation", "cell", "mobile"],
)
def test_any_number_of_images(tmp_path: Path, exporter: type[Exporter], use_se: bool, text: str, resolution: int) -> None:
    net, path = network(use_se, text), tmp_path / f"model{exporter.suffix}"
    exported = export_network(net, path, exporter(), resolution)
    assert net.training, "the network is not touched"
    written = [path, *exporter().companions(path)]
    assert (exported.path, exported.size) == (path, sum(file.stat().st_size for file in written))
    assert exported.relative_difference < 1e-5
    assert exported.unfolded == (["last.0"] if text == CELL else [])
    assert set(tmp_path.glob("[!.]*")) == set(written)
    run = exporter().load(path)
    net.eval()
    for batch in (1, 4, 7):
        images = torch.randn(batch, 3, resolution, resolution)
        with torch.no_grad():
            torch.testing.assert_close(run(images), net(images), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("exporter", EXACT)
def test_one_image_at_a_time_with_its_norms(tmp_path: Path, exporter: type[Exporter]) -> None:
    path = tmp_path / f"model{exporter.suffix}"
    exported = export_network(network(), path, exporter(), 16, fold=False, dynamic_batch=False)
    assert len(exported.unfolded) == 4
    run = exporter().load(path)
    assert run(torch.zeros(1, 3, 16, 16)).shape == (1, 5)
    with pytest.raises(Exception, match=r"(?i)shape|dimension|size|rank"):
        run(torch.zeros(2, 3, 16, 16))


def test_what_an_onnx_file_says(tmp_path: Path) -> None:
    import onnx

    export_onnx(network(use_se=True), tmp_path / "model.onnx", 16, opset=20, metadata={"mean": "[0.5, 0.5, 0.5]"})
    model = onnx.load(tmp_path / "model.onnx")
    said = {prop.key: prop.value for prop in model.metadata_props}
    expected = {"architecture": TEXT, "num_classes": "5", "resolution": "16", "use_se": "true", "mean": "[0.5, 0.5, 0.5]"}
    assert said.items() >= expected.items()
    assert model.opset_import[0].version == 20
    (images,), (logits,) = model.graph.input, model.graph.output
    assert (images.name, logits.name) == ("images", "logits")
    assert images.type.tensor_type.shape.dim[0].dim_param == "batch"
    assert not {"BatchNormalization"} & {node.op_type for node in model.graph.node}
    assert str(Path(__file__).parents[2]).encode() not in (tmp_path / "model.onnx").read_bytes(), "no paths of this machine"


def test_what_a_torch_program_says(tmp_path: Path) -> None:
    export_torch(network(), tmp_path / "model.pt2", 16)
    extra = {"metadata.json": ""}
    program = torch.export.load(tmp_path / "model.pt2", extra_files=extra)
    assert json.loads(extra["metadata.json"])["architecture"] == TEXT
    assert not any("batch_norm" in str(node.target) for node in program.graph.nodes)
    assert str(Path(__file__).parents[2]).encode() not in (tmp_path / "model.pt2").read_bytes()


@pytest.mark.parametrize("name", EXPORT)
def test_nothing_is_printed_and_the_same_network_is_the_same_file(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (EXPORT[name](network(), tmp_path / file, 16) for file in ("one.pt2", "two.pt2"))
    assert capfd.readouterr() == ("", "")
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda logits: logits + 0.01 * (len(logits) == 3), r"differ by up to 0\.01 from .* \(\S+ of the largest; 0\.0001 is"),
        (lambda logits: logits * float("nan"), "differ by up to nan"),
        (lambda logits: logits[:1], "differ by up to inf"),
    ],
    ids=["for three images", "nan", "another shape"],
)
def test_other_logits_leave_no_file(tmp_path: Path, change: Callable[[Tensor], Tensor], message: str) -> None:
    exporter, path = Double(), tmp_path / "model.double"
    exporter.change = change
    with pytest.raises(UserError, match=rf"model\.double: nothing was written, .*{message}"):
        export_network(network(), path, exporter, 16)
    assert list(tmp_path.iterdir()) == []
    path.write_text("earlier")
    with pytest.raises(UserError):
        export_network(network(), path, exporter, 16)
    assert path.read_text() == "earlier"
    if message.startswith("differ by up to 0"):
        assert export_network(network(), path, exporter, 16, tolerance=0.5).difference == pytest.approx(0.01, rel=1e-3)


def test_a_file_of_other_weights_does_not_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zen_lightning.nets.export import export

    def fold_wrongly(net: nn.Module) -> nn.Module:
        folded = copy.deepcopy(net)
        folded.classifier.linear.weight.data[2] += 0.01
        return folded

    monkeypatch.setattr(export, "fold_batch_norms", fold_wrongly)
    with pytest.raises(UserError, match="the logits of the torch_export file differ"):
        export_torch(network(), tmp_path / "model", 16)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EXPORT)
def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "model"
    path.write_text("earlier")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # A file that can grow no further, as on a full disk.
    try:
        with pytest.raises(UserError, match=r"model: cannot be written \(File too large\)"):
            EXPORT[name](network(), path, 16)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "earlier"
    assert list(tmp_path.glob("[!.]*")) == [path]


class Amplifies(nn.Module):
    """Rounds its logits to multiples of 2**-10, in float32 alone."""

    def forward(self, images: Tensor) -> Tensor:
        return (images[:, :, 0, 0] + 10_000) - 10_000


@pytest.mark.parametrize(("error", "agrees"), [(0.0005, True), (0.05, False)])
def test_what_float32_loses_is_allowed(tmp_path: Path, error: float, agrees: bool) -> None:
    exporter = Double()
    exporter.change = lambda logits: logits + error
    path = tmp_path / "model.double"
    if not agrees:
        with pytest.raises(UserError, match=r"differ by up to 0\.0\d+ from"):
            export_network(Amplifies(), path, exporter, 4)
        return
    exported = export_network(Amplifies(), path, exporter, 4)
    assert 1e-4 < exported.rounding < 1e-3
    assert exported.relative_difference > 1e-4


def test_a_file_that_cannot_be_run_again(tmp_path: Path) -> None:
    class Unreadable(Double):
        def load(self, path: Path) -> Runner:
            raise RuntimeError("unsupported version 99\nat line 3")

    with pytest.raises(UserError, match=r"the double file cannot be run again, so it is not written: unsupported version 99$"):
        export_network(network(), tmp_path / "model.double", Unreadable(), 16)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_last_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    path = tmp_path / "model.double"
    path.write_text("earlier")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UserError, match=r"model\.double: cannot be written \(No space left on device\)"):
        export_network(network(), path, Double(), 16)
    assert path.read_text() == "earlier"
    assert list(tmp_path.glob("[!.]*")) == [path]


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    net = network()
    net.classifier.linear.bias.data[1] = float("nan")
    with pytest.raises(UserError, match="gives logits that are not finite"):
        export_network(net, tmp_path / "model", Double(), 16)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EXPORT)
def test_a_module_that_cannot_be_traced(tmp_path: Path, name: str) -> None:
    class Fickle(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            logits = images.mean((2, 3))
            return logits if logits.sum() > 0 else -logits

    with pytest.raises(UserError, match=rf"^the Fickle cannot be exported as {name}: \S"):
        EXPORT[name](Fickle(), tmp_path / "model", 16)
    assert list(tmp_path.iterdir()) == []


def test_an_opset_that_torch_does_not_write(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^opset=99: torch .* cannot write .*; it can write 18|cannot be exported as onnx"):
        export_onnx(network(), tmp_path / "model.onnx", 16, opset=99)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_one_onnx_file_cannot_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zen_lightning.nets.export import onnx_exporter

    monkeypatch.setattr(onnx_exporter, "_PROTOBUF_LIMIT", 100)
    with pytest.raises(UserError, match="more than the 2 GB that one ONNX file can hold"):
        export_onnx(network(text="SuperConvK1BNRELU(3,4,2,1)"), tmp_path / "model.onnx", 4)


def test_a_package_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        MissingExtraError, match=r"'onnx' needs the package 'onnxruntime': pip install 'zen-lightning\[export\]'"
    ):
        export_onnx(network(), tmp_path / "model.onnx", 16)
    assert export_torch(network(), tmp_path / "model.pt2", 16).size


def test_names() -> None:
    assert isinstance(exporter_named("onnx"), OnnxExporter)
    assert isinstance(exporter_named("torch_export"), TorchExporter)
    with pytest.raises(UserError, match=r"^name=onxx: .*; did you mean 'onnx'\? Choose from: onnx, onnx_int8, torch_export, "):
        exporter_named("onxx")


@pytest.mark.parametrize("resolution", [0, -3])
def test_no_resolution(tmp_path: Path, resolution: int) -> None:
    with pytest.raises(UserError, match=f"resolution={resolution}: expected 1 or more"):
        export_torch(network(), tmp_path / "model.pt2", resolution)


@needs_shared
@pytest.mark.parametrize("exporter", EXACT)
def test_golden_logits(tmp_path: Path, exporter: type[Exporter]) -> None:
    golden = torch.load(SHARED / "original_checkpoint_se.pt", weights_only=True)
    torch.save(golden["checkpoint"], tmp_path / "original.pth")
    net = build_network(Architecture.parse(golden["structure"]), golden["num_classes"], golden["use_se"])
    load_original_checkpoint(net, tmp_path / "original.pth")
    exported = export_network(net, tmp_path / f"model{exporter.suffix}", exporter(), golden["input"].shape[-1])
    logits = exporter().load(exported.path)(golden["input"])
    torch.testing.assert_close(logits, golden["logits"], rtol=1e-4, atol=1e-5)
