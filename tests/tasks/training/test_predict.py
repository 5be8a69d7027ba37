"""``task=predict``: every way to name a network and images; the plain program of the docs."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import zen_lightning as zl
from command_line import Zen
from zen_lightning.api.published import published_preprocessing
from zen_lightning.arch import Architecture
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.nets import StagedNetwork, build_network, save_weights
from zen_lightning.nets.export import OnnxExporter, export_network

STRUCTURE = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)"
CLASSES = ("cat", "dog", "grey, white owl", "Ä")
PAGE = Path(__file__).parents[3] / "docs" / "predict.md"


def network() -> StagedNetwork:
    torch.manual_seed(0)
    made = build_network(Architecture.parse(STRUCTURE), len(CLASSES), use_se=True)
    for name, buffer in made.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_()
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 2)
    with torch.no_grad():
        made.classifier.linear.weight.mul_(3)
    return made.eval()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Give the folder of a training of photographs."""
    seen = Preprocessing(24, (0.48, 0.45, 0.4), (0.22, 0.23, 0.24), CLASSES, crop_ratio=0.875).metadata()
    del seen["resolution"]
    save_weights(network(), tmp_path / "run" / "weights.safetensors", 24, seen)
    (tmp_path / "run" / "architecture.txt").write_text(STRUCTURE)
    return tmp_path / "run"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Give a folder of images of all sizes and some kinds, and one that is none."""
    folder = tmp_path / "photos"
    (folder / "deep" / ".hidden").mkdir(parents=True)
    draw = np.random.default_rng(0)
    for name, size in (("a.png", (40, 30)), ("b.jpg", (24, 24)), ("deep/c [1].webp", (90, 31)), ("deep/d=e.bmp", (27, 80))):
        coarse = draw.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(folder / name)
    (folder / "deep" / ".hidden" / "x.png").write_bytes((folder / "a.png").read_bytes())
    (folder / "notes.md").write_text("no image")
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def shares(row: dict[str, str]) -> dict[str, float]:
    names = [key for key in row if key.startswith("class")]
    return {row[key]: float(row[key.replace("class", "probability")]) for key in names}


def test_a_folder(zen: Zen, run: Path, photos: Path, tmp_path: Path) -> None:
    (photos / "broken.jpg").write_bytes((photos / "b.jpg").read_bytes()[:200])
    ended = zen("task=predict", f"arch={run}", f"images={photos}", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    found = rows(tmp_path / "out")
    assert [Path(row["image"]).name for row in found] == ["a.png", "b.jpg", "c [1].webp", "d=e.bmp"]
    assert list(found[0])[:5] == ["image", "class", "probability", "class_2", "probability_2"]
    for row in found:
        told = list(shares(row).values())
        assert told == sorted(told, reverse=True)
        assert sum(told) == pytest.approx(1, abs=1e-5)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (result["images"], len(result["unread"]), sum(result["counts"].values())) == (4, 1, 4)
    assert "broken.jpg" in (tmp_path / "out" / "unread.csv").read_text()
    assert "1 could not be read" in ended.out
    page = (tmp_path / "out" / "predictions.html").read_text()
    assert page.count("<img ") == 4
    assert "grey, white owl" in page
    assert "broken.jpg" in page
    assert "predictions.html" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("images", "names"),
    [
        ("{}/*.*g", ["a.png", "b.jpg"]),
        ("'{}/deep/c [1].webp'", ["c [1].webp"]),
        ("'{}/**/*.bmp'", ["d=e.bmp"]),
        ("[{0}/b.jpg,{0}/a.png,{0}/b.jpg]", ["b.jpg", "a.png"]),
        ("{}/list.txt", ["d=e.bmp", "a.png"]),
    ],
)
def test_every_way_to_name_images(zen: Zen, run: Path, photos: Path, tmp_path: Path, images: str, names: list[str]) -> None:
    (photos / "list.txt").write_text("deep/d=e.bmp\n\na.png\n")
    asked = images.format(photos)
    ended = zen("task=predict", f"arch={run}", f"images={asked}", "thumbnails=0", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert [Path(row["image"]).name for row in rows(tmp_path / "out")] == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["images=photos"], "task=predict needs arch="),
        (["arch={run}"], "task=predict needs images="),
        (["arch={run}", "images=/nowhere"], "there is no image (/nowhere: there is no such file)"),
        (["arch={run}", "images=/nowhere/*.jpg"], "no file fits the pattern"),
        (["arch={run}", "images={photos}", "top=0"], "top=0: expected 1 or more"),
        (["arch={run}", "images={photos}", "device=gpu"], "device=gpu: expected cpu, cuda"),
        (["arch={run}", "images={photos}", "device=cuda"], "device=cuda: PyTorch finds no CUDA GPU here"),
        (["arch={run}", "images={photos}/notes.md"], "none of 1 images can be read"),
        (["arch={run}/model.onnx", "images={photos}"], "model.onnx: there is no such file"),
        (["arch={structure}", "weights={run}/bare.pth", "use_se=true", "num_classes=4", "images={photos}"], "by dataset="),
    ],
)
def test_what_is_refused(
    zen: Zen, run: Path, photos: Path, tmp_path: Path, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    torch.save(network().state_dict(), run / "bare.pth")
    asked = [one.format(run=run, photos=photos, structure=STRUCTURE) for one in arguments]
    ended = zen("task=predict", *asked, f"output_dir={tmp_path / 'out'}")
    assert (ended.code, message in ended.err, ended.err.count("\n")) == (2, True, 1), ended.err


def program(tmp_path: Path, scaled: bool) -> Path:
    """Write the program of the docs."""
    whole, lines = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[-2:]
    assert (
        len([line for line in whole.splitlines() if line and not line.startswith(("#", "import", "from"))]) <= 11
    )  # Two of them are one, cut for its length.
    if scaled:
        whole = whole.replace("odds = ", f"{lines}odds = ", 1)
    (tmp_path / "classify.py").write_text(whole, encoding="utf-8")
    return tmp_path / "classify.py"


def by_program(script: Path, model: Path, image: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", script, model, image], capture_output=True, check=True, encoding="utf-8", cwd="/"
    )
    return {name: float(share) for name, _, share in (line.rpartition(" ") for line in done.stdout.splitlines())}


def test_a_run_its_exported_files_and_a_plain_program_agree(zen: Zen, run: Path, photos: Path, tmp_path: Path) -> None:
    exported = zen("task=export", f"arch={run}", "format=[onnx,torch_export]", f"output_dir={tmp_path / 'files'}")
    assert exported.code == 0, exported.err
    expected = {one.path: one.prediction for one in zl.predict(run, photos).images}
    assert len(expected) == 4
    for name in ("model.onnx", "model.pt2"):
        found = zl.predict(tmp_path / "files" / name, photos, batch_size=3)
        for one in found.images:
            assert one.prediction.classes == expected[one.path].classes
            assert one.prediction.probabilities == pytest.approx(expected[one.path].probabilities, abs=1e-4)
    script = program(tmp_path, scaled=False)
    for path, prediction in expected.items():
        told = by_program(script, tmp_path / "files" / "model.onnx", path)
        assert tuple(told) == prediction.classes
        assert tuple(told.values()) == pytest.approx(prediction.probabilities, abs=1e-4)


def test_the_program_scales_the_crop_of_published_networks(photos: Path, tmp_path: Path) -> None:
    """With a tiny network that sees what a published one does."""
    seen = published_preprocessing("zennet_imagenet1k_flops400M_SE_res224")
    made = build_network(Architecture.parse(STRUCTURE), 1000).eval()
    export_network(made, tmp_path / "model.onnx", OnnxExporter(), 224, metadata=seen.metadata())
    image = photos / "a.png"
    with torch.no_grad():
        expected = made(seen(image)[None]).softmax(1)[0].topk(5)
    told = by_program(program(tmp_path, scaled=True), tmp_path / "model.onnx", image)
    assert list(told.values()) == pytest.approx(expected.values.tolist(), abs=1e-5)


@pytest.mark.parametrize("opset", [9, 13, 17, 20])
def test_an_older_opset(zen: Zen, run: Path, photos: Path, tmp_path: Path, opset: int) -> None:
    import onnx

    ended = zen("task=export", f"arch={run}", f"opset={opset}", f"output_dir={tmp_path / 'files'}")
    assert ended.code == 0, ended.err
    model = tmp_path / "files" / "model.onnx"
    assert onnx.load(model).opset_import[0].version == opset
    assert json.loads((tmp_path / "files" / "result.json").read_text())["files"][0]["opset"] == opset
    expected = zl.load(run).predict(photos / "a.png")
    assert zl.load(model).predict(photos / "a.png").probabilities == pytest.approx(expected.probabilities, abs=1e-5)


def test_an_opset_that_cannot_be(zen: Zen, run: Path, tmp_path: Path) -> None:
    for more, message in (
        (["opset=3"], "opset=3: torch"),
        (["opset=13", "format=torch_export"], "opset=13: only ONNX has opsets; give format=onnx"),
    ):
        ended = zen("task=export", f"arch={run}", *more, f"output_dir={tmp_path / 'files'}")
        assert (ended.code, message in ended.err) == (2, True), ended.err
