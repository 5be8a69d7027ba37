"""``task=export``."""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.nets import StagedNetwork, build_network, save_weights

TEXT = "SuperConvK3BNRELU(3,4,2,1)SuperResK3K3(4,6,2,4,1)"


@pytest.fixture
def network() -> StagedNetwork:
    torch.manual_seed(0)
    network = build_network(Architecture.parse(TEXT), num_classes=7, use_se=True)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return network


@pytest.fixture
def training(tmp_path: Path, network: StagedNetwork) -> Path:
    """Give the folder of a training, as it leaves it."""
    folder = tmp_path / "training"
    save_weights(network, folder / "weights.safetensors", resolution=20)
    (folder / "architecture.txt").write_text(f"{TEXT}\n")
    record = {"weights": "weights.safetensors", "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.25]}
    (folder / "result.json").write_text(json.dumps(record))
    return folder


def usages(out: str) -> list[str]:
    """Return the examples that were printed."""
    return re.findall(r"any number of images:\n\n(.*?)\n\n", out, re.DOTALL)


def test_both_formats_of_a_training(zen: Zen, tmp_path: Path, training: Path, network: StagedNetwork) -> None:
    import onnx

    out = tmp_path / "out"
    ended = zen("task=export", f"arch={training}", "format=[onnx,torch_export]", f"output_dir={out}")
    assert ended.code == 0, ended.err
    assert ended.err == ""
    left = {"model.onnx", "model.pt2", "result.json", "report.html", "network.svg"}
    assert {path.name for path in out.iterdir() if not path.name.startswith(".")} == left
    result = json.loads((out / "result.json").read_text())
    expected = {"structure": TEXT, "resolution": 20, "num_classes": 7, "use_se": True, "fold": True}
    assert result.items() >= expected.items()
    assert result["params"] == sum(parameter.numel() for parameter in network.parameters())
    assert {"torch", "onnx", "onnxruntime"} <= result["versions"].keys()
    for file in result["files"]:
        content = (out / file["file"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert 0 <= file["relative_difference"] < 1e-5
        assert (file["unfolded"], file.get("opset")) == ([], 18 if file["format"] == "onnx" else None)
        assert f"{file['size']:,}" in ended.out
    props = {prop.key: prop.value for prop in onnx.load(out / "model.onnx").metadata_props}
    assert json.loads(props["mean"]) == [0.5, 0.4, 0.3]
    assert str(tmp_path) not in str(props)

    images = torch.randn(3, 3, 20, 20)
    with torch.no_grad():
        expected_logits = network.eval()(images).numpy()
    for text in usages(ended.out):
        assert len(text.splitlines()) == 3
        scope: dict[str, Any] = {}
        exec(text, scope)
        assert tuple(scope["logits"].shape) == (2, 7)
        logits = (
            scope["session"].run(["logits"], {"images": images.numpy()})[0]
            if "session" in scope
            else scope["network"](images).detach().numpy()
        )
        np.testing.assert_allclose(logits, expected_logits, rtol=1e-4, atol=1e-5)
    assert len(usages(ended.out)) == 2


def test_a_file_of_weights_with_its_norms(zen: Zen, tmp_path: Path, training: Path) -> None:
    source = training / "weights.safetensors"
    ended = zen("task=export", f"arch={source}", "format=torch_export", "fold=false", "resolution=9", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["resolution"], result["fold"], len(result["files"][0]["unfolded"])) == (9, False, 6)


def test_fresh_weights_tell_images_apart(zen: Zen, tmp_path: Path) -> None:
    command = ("task=export", f"arch={TEXT}", "random_weights=true", "format=torch_export", "resolution=16", "num_classes=3")
    sums = []
    for number, seed in enumerate((1, 1, 2)):
        out = tmp_path / str(number)
        ended = zen(*command, f"seed={seed}", f"output_dir={out}")
        assert ended.code == 0, ended.err
        sums.append(json.loads((out / "result.json").read_text())["files"][0]["sha256"])
    assert sums[0] == sums[1] != sums[2]
    assert "fresh weights, drawn by seed=2" in ended.out
    logits = torch.export.load(out / "model.pt2").module()(torch.randn(8, 3, 16, 16))
    assert logits.std(dim=0).min() > 0.01


def test_the_norm_of_a_cell_that_stays_is_named(zen: Zen, tmp_path: Path) -> None:
    cell = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|skip_connect~2|"
    ended = zen(
        "task=export", f"arch={cell}", "random_weights=true", "format=torch_export", "resolution=8", f"output_dir={tmp_path}"
    )
    assert ended.code == 0, ended.err
    said = "these batch norms are not folded, as no convolution directly precedes them: last.0"
    assert said in " ".join(ended.out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "task=export needs arch="),
        (["arch={text}"], r"a structure has no weights: .*train it: task=train; .* random_weights=true exports fresh weights$"),
        (["arch={folder}/architecture.txt"], r"train it: .*random_weights=true"),
        (
            ["arch={folder}", "format=onxx"],
            r"format=onxx: there is no such format; did you mean 'onnx'\? Choose from: onnx, onnx_int8, torch_export, ",
        ),
        (["arch={folder}", "format=[torch_export,pt]"], "format=pt: there is no such format"),
        (["arch={folder}", "format=[]"], r"format=\[\]: expected the name of a format, or a list"),
        (["arch={folder}", "format=3"], "format=3: there is no such format; choose from: onnx"),
        (["arch={folder}", "output_dir={folder}"], "is the folder of the run that is exported"),
        (["arch={text}", "random_weights=true", "weights=a.pth"], "weights=a.pth random_weights=true: choose one of them"),
        (["arch={folder}", "num_classes=3"], "num_classes"),
        (["arch={folder}", "resolution=0"], "resolution=0: expected 1 or more"),
    ],
)
def test_one_sentence(zen: Zen, tmp_path: Path, training: Path, arguments: list[str], message: str) -> None:
    filled = [argument.format(text=TEXT, folder=training) for argument in arguments]
    before = (training / "result.json").read_text()
    ended = zen("task=export", f"output_dir={tmp_path / 'out'}", *filled)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert re.search(message, ended.err)
    assert not list(tmp_path.rglob("model.*"))
    assert (training / "result.json").read_text() == before


def test_a_package_that_is_missing_is_said_first(
    zen: Zen,
    tmp_path: Path,
    training: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    ended = zen("task=export", f"arch={training}", "format=[torch_export,onnx]", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert "pip install 'zen-lightning[export]'" in ended.err
    assert not list(tmp_path.rglob("model.*"))


def test_a_full_disk_is_one_sentence(
    zen: Zen,
    tmp_path: Path,
    training: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from zen_lightning.nets.export import TorchExporter

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TorchExporter, "save", full)
    ended = zen("task=export", f"arch={training}", "format=torch_export", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert re.fullmatch(r"error: .*model\.pt2: cannot be written \(No space left on device\)\n", ended.err)
    assert not list((tmp_path / "out").glob("[!.]*"))
