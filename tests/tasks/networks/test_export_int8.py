"""``task=export`` in int8, to OpenVINO, and for images of any size."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.numpy_helper import to_array
from PIL import Image

import zen_lightning as zl
from command_line import Zen
from zen_lightning.data import Digits

TEXT = "SuperConvK3BNRELU(3,16,1,1)SuperResK3K3(16,24,2,16,1)"
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a training on digits that is good enough to lose something."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    # In a process of its own: a library of a logger keeps the stderr of here, and closes it when a command sets up its logging.
    train = f"import zen_lightning as zl; zl.train({TEXT!r}, 'digits', folder={str(folder)!r}, epochs=10, resolution=8)"
    subprocess.run([sys.executable, "-c", train], check=True, capture_output=True)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    digits, folder = Digits().train(), tmp_path / "photos"
    folder.mkdir()
    for at in range(40):
        digits.image(at).save(folder / f"{at}.png")
    (folder / "broken.png").write_bytes(b"no image")
    return folder


def read(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text())


def test_int8_on_digits(zen: Zen, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = zen("task=export", f"arch={run}", "format=[onnx,onnx_int8]", "dataset=digits", "measure_seconds=0.01",
                f"output_dir={out}")  # fmt: skip
    assert ended.code == 0, ended.err
    exact, int8 = read(out)["files"]
    told = int8["accuracy"]
    assert (told["images"], told["of"]) == (359, "359 validation images of digits")
    assert told["float32_top1"] == pytest.approx(zl.evaluate(run, "digits").val_top1, abs=0.6)  # Pillow scales, not torch.
    assert told["float32_top1"] - told["int8_top1"] <= 1
    assert f"int8 {told['int8_top1']:.1f}%, float32 {told['float32_top1']:.1f}% on 359 validation images" in ended.out
    assert read(out)["calibration"] == "256 training images of digits"
    assert int8["file"] == "model.int8.onnx"
    tensors = onnx.load(out / "model.int8.onnx").graph.initializer
    weights = [to_array(one).astype(int) for one in tensors if one.data_type == onnx.TensorProto.INT8 and len(one.dims) > 1]
    assert max(abs(one).max() for one in weights) == 64, "8 bits overflow on CPUs without VNNI"
    assert int8["size"] == (out / "model.int8.onnx").stat().st_size < exact["size"]
    assert min(exact["ms"], int8["ms"], read(out)["pytorch_ms"]) > 0
    page = (out / "report.html").read_text()
    assert "The files" in page
    assert f"int8 {told['int8_top1']:.1f}%" in page


@needs_openvino
@pytest.mark.long
def test_files_of_every_format_say_the_same_of_an_image(zen: Zen, run: Path, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = zen("task=export", f"arch={run}", "format=[onnx,onnx_int8,openvino,openvino_int8]", f"calibration={photos}",
                "measure_seconds=0", "dynamic_size=true", "accuracy_loss=5", f"output_dir={out}")  # fmt: skip
    assert ended.code == 0, ended.err
    result = read(out)
    assert result["dynamic_size"]
    assert result["calibration"] == f"30 images of {photos}"
    assert "pytorch_ms" not in result
    same = {one["format"]: one["accuracy"]["same_class"] for one in result["files"] if "accuracy" in one}
    assert set(same) == {"onnx_int8", "openvino_int8"}
    assert "int8 names the class that float32 names for" in ended.out
    assert "on any number of images of any size" in ended.out
    expected = zl.predict(run, photos)
    for name in ("model.onnx", "model.xml"):
        found = zl.predict(out / name, photos)
        assert [one.path for one in found.images] == [one.path for one in expected.images]
        for mine, theirs in zip(found.images, expected.images, strict=True):
            assert mine.prediction.classes == theirs.prediction.classes
            assert mine.prediction.probabilities == pytest.approx(theirs.prediction.probabilities, abs=1e-4)
    for name in ("model.int8.onnx", "model.int8.xml"):
        tops = [one.prediction.top for one in zl.predict(out / name, photos).images]
        assert np.mean([mine == one.prediction.top for mine, one in zip(tops, expected.images, strict=True)]) > 0.8


@needs_openvino
def test_predict_by_an_openvino_model(zen: Zen, run: Path, photos: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    assert zen("task=export", f"arch={run}", "format=openvino", "measure_seconds=0", f"output_dir={files}").code == 0
    ended = zen("task=predict", f"arch={files / 'model.xml'}", f"images={photos}", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert read(tmp_path / "out")["images"] == 40
    (files / "model.bin").unlink()
    ended = zen("task=predict", f"arch={files / 'model.xml'}", f"images={photos}", f"output_dir={tmp_path / 'more'}")
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert "model.bin cannot be read (No such file or directory)" in ended.err


def test_fresh_weights_need_no_images(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=export", f"arch={TEXT}", "random_weights=true", "format=onnx_int8", "resolution=8", "num_classes=3",
                "measure_seconds=0", f"output_dir={tmp_path}")  # fmt: skip
    assert ended.code == 0, ended.err
    assert read(tmp_path)["calibration"] == "32 images of noise"


@pytest.mark.parametrize(
    ("arguments", "message", "key"),
    [
        (["format=onnx_int8"], "int8 needs calibration images: name a folder of images by calibration, or", "calibration"),
        (["format=onnx_int8", "calibration=/nowhere"], "there is no image .*/nowhere: there is no such file", "calibration"),
        (["format=onnx_int8", "calibration={photos}/1.png"], "1 of 1 images can be read, and two are the least", None),
        (["format=onnx_int8", "calibration=3"], r"there is no image \(3: there is no such file\)", "calibration"),
        (
            ["format=onnx_int8", "dataset=digits", "calibration_images=0"],
            "calibration_images=0: expected 1 or more",
            "calibration_images",
        ),
        (["format=onnx_int8", "dataset=digits", "accuracy_images=0"], "accuracy_images=0: expected 1", "accuracy_images"),
        (["format=onnx_int8", "dataset=digits", "accuracy_loss=-1"], "accuracy_loss=-1: expected percent", "accuracy_loss"),
        (["format=onnx_int8", "dataset=digits", "opset=12"], "opset=12: .*expected 13 or newer", "opset"),
        (["format=onnx_int8", "dataset=image_folder", "dataset.root=/nowhere"], "/nowhere", "dataset.root"),
        (["format=onnx", "measure_seconds=-1"], r"measure_seconds=-1(\.0)?: expected 0 or more", "measure_seconds"),
        (["format=int8"], "format=int8: there is no such format", "format"),
    ],
)
def test_one_sentence(
    zen: Zen, run: Path, photos: Path, tmp_path: Path, arguments: list[str], message: str, key: str | None
) -> None:
    filled = [argument.format(photos=photos) for argument in arguments]
    command = ("task=export", f"arch={run}", f"output_dir={tmp_path / 'out'}", *filled)
    ended = zen(*command)
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert re.search(message, ended.err), ended.err
    assert not list(tmp_path.rglob("model.*"))
    checked = zen(*command, "task=validate")
    assert checked.code == (0 if key is None else 1), checked.out  # Images are not read by a validation.
    assert key is None or re.search(rf"^1\. {re.escape(key)}$", checked.out, re.MULTILINE), checked.out


@pytest.mark.parametrize(("package", "format"), [("openvino", "openvino"), ("openvino", "openvino_int8")])
def test_a_package_that_is_missing(
    zen: Zen, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, format: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    ended = zen("task=export", f"arch={run}", f"format={format}", "dataset=digits", f"output_dir={tmp_path / 'out'}")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "pip install 'zen-lightning[openvino]'" in ended.err


def test_int8_of_a_grey_image_folder_with_labels(zen: Zen, run: Path, photos: Path, tmp_path: Path) -> None:
    """Ranges from a folder, the accuracy on the validation images of the dataset."""
    ended = zen("task=export", f"arch={run}", "format=onnx_int8", f"calibration={photos}", "dataset=digits", "seed=3",
                "calibration_images=20", "measure_seconds=0", "accuracy_loss=5", f"output_dir={tmp_path / 'out'}")  # fmt: skip
    assert ended.code == 0, ended.err
    result = read(tmp_path / "out")
    assert result["calibration"] == f"20 images of {photos}"
    assert result["files"][0]["accuracy"]["of"] == "359 validation images of digits"
    assert Image.open(photos / "1.png").size == (16, 16)
