"""Trained networks, in every way that a user names them."""

import json
from pathlib import Path

import pytest
import torch

from file_server import FileServer
from golden import SHARED, needs_shared
from original_file import original_bytes
from zen_lightning import zoo
from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import Said, Trained, read_trained
from zen_lightning.arch import parse_architecture
from zen_lightning.errors import UserError
from zen_lightning.nets import StagedNetwork, build_network, save_weights
from zen_lightning.runs.names import WEIGHTS

TINY = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)"
CIFAR = "zennet_cifar10_model_size05M_res32"


def read(source: str, *said: str) -> Trained:
    """Read a trained network with what a user says as ``key=value``."""
    values = dict(one.split("=", 1) for one in said)
    weights = values.pop("weights", None)
    asked = Said(**{key: value == "true" if key == "use_se" else int(value) for key, value in values.items()})
    return read_trained(source, weights, asked, Setting(32, 100))


def network(num_classes: int = 7, use_se: bool = False) -> StagedNetwork:
    return build_network(parse_architecture(TINY), num_classes, use_se)


def same(one: StagedNetwork, two: StagedNetwork) -> bool:
    return all(torch.equal(value, two.state_dict()[key]) for key, value in one.state_dict().items())


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    save_weights(network(use_se=True), tmp_path / "run" / WEIGHTS, resolution=48)
    return tmp_path / "run"


def test_the_folder_of_a_training(run_folder: Path) -> None:
    trained = read(str(run_folder))
    assert tuple(trained.setting) == (48, 7, True)
    assert (trained.origin, trained.crop_size) == (f"the training in {run_folder}", None)
    assert read(str(run_folder), "resolution=64").setting.resolution == 64


def test_a_file_of_weights(run_folder: Path) -> None:
    trained = read(f" {run_folder / WEIGHTS} ")
    assert same(trained.network, read(str(run_folder)).network)
    assert trained.origin == str(run_folder / WEIGHTS)


@pytest.mark.parametrize("weights", ["", WEIGHTS])
def test_an_architecture_and_a_file_of_weights(run_folder: Path, weights: str) -> None:
    trained = read(TINY, f"weights={run_folder / weights}")
    assert tuple(trained.setting) == (48, 7, True)
    with pytest.raises(UserError, match=r"block 2 is SuperResK1K3K1\(4,6,2,5,1\) there, SuperResK1K3K1\(4,8,2,5,1\) here"):
        read(TINY.replace("(4,6", "(4,8"), f"weights={run_folder / weights}")


@pytest.mark.parametrize(
    ("override", "message"),
    [("num_classes=10", "the weights have num_classes=7, not 10"), ("use_se=false", "the weights have use_se=true, not false")],
)
def test_what_the_command_line_says_must_agree(run_folder: Path, override: str, message: str) -> None:
    for source, weights in ((str(run_folder), []), (TINY, [f"weights={run_folder / WEIGHTS}"])):
        with pytest.raises(UserError, match=message):
            read(source, override, *weights)


def test_a_checkpoint_of_the_original(tmp_path: Path) -> None:
    published = network(use_se=True)
    (tmp_path / "net.pth").write_bytes(original_bytes(published))
    weights = f"weights={tmp_path / 'net.pth'}"
    trained = read(TINY, weights, "num_classes=7", "use_se=true", "resolution=40")
    assert same(trained.network, published)
    assert (tuple(trained.setting), trained.origin) == ((40, 7, True), str(tmp_path / "net.pth"))
    for overrides, message in (
        (
            ["num_classes=7"],
            r"check the structure and use_se \(the network was built with num_classes=7 use_se=false: say what",
        ),
        (["use_se=true"], r"has shape \(7, 6\), the network's is \(100, 6\).*built with num_classes=100 use_se=true"),
    ):
        with pytest.raises(UserError, match=message):
            read(TINY, weights, *overrides)


@needs_shared
@pytest.mark.parametrize("name", ["original_checkpoint.pt", "original_checkpoint_se.pt"])
def test_golden_checkpoints(tmp_path: Path, name: str) -> None:
    golden = torch.load(SHARED / name, weights_only=True)
    torch.save(golden["checkpoint"], tmp_path / "original.pth")
    overrides = [f"num_classes={golden['num_classes']}", f"use_se={str(golden['use_se']).lower()}"]
    trained = read(golden["structure"], f"weights={tmp_path / 'original.pth'}", *overrides)
    with torch.no_grad():
        torch.testing.assert_close(trained.network.eval()(golden["input"]), golden["logits"], rtol=1e-5, atol=1e-5)


def test_a_name_of_the_zoo(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO", str(tmp_path / "zoo"))
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", server.url)
    published = zoo.create(CIFAR)
    server.files[f"/{CIFAR}/best-params_rank0.pth"] = original_bytes(published)
    trained = read(CIFAR)
    assert same(trained.network, published)
    assert (tuple(trained.setting), trained.crop_size) == ((32, 10, False), 32)
    assert trained.origin == f"published weights of {CIFAR}"
    by_file = read(CIFAR, f"weights={zoo.checkpoint_path(CIFAR)}")
    assert same(by_file.network, published)
    assert (tuple(by_file.setting), by_file.crop_size) == ((32, 10, False), 32)
    with pytest.raises(UserError, match=f"{CIFAR}: the weights have num_classes=10, not 100"):
        read(CIFAR, "num_classes=100")


def test_what_has_no_weights(tmp_path: Path) -> None:
    searched, fresh, other, exported = (tmp_path / name for name in ("searched", "fresh", "other", "exported"))
    for folder in (searched, fresh / "checkpoints", other, exported):
        folder.mkdir(parents=True)
    (exported / "model.onnx").write_bytes(b"")
    (searched / "best_structure.txt").write_text(TINY)
    (searched / "result.json").write_text(json.dumps({"structure": TINY}))
    torch.save(network().state_dict(), tmp_path / "net.pth")
    for source, message in (
        (searched, f"has no weights yet: train it first by task=train arch={searched}"),
        (fresh, r"has no weights\.safetensors yet: it appears after its first epoch"),
        (other, r"no folder of a training: there is no weights\.safetensors in it$"),
        (
            exported,
            rf"no weights\.safetensors in it: an evaluation and a prediction take .*: arch={exported}/model\.onnx",
        ),
        (searched / "best_structure.txt", "holds no weights; say by weights=FILE"),
        (TINY, "a structure has no weights; say by weights=FILE"),
        (tmp_path / "net.pth", r"write arch=<structure or name of the zoo> weights=.*net\.pth"),
        (tmp_path / "none", "there is no file"),
        (tmp_path / "none.safetensors", "there is no such file of weights"),
        ("zennet_cifar10_model_size05M", f"did you mean '{CIFAR}'"),
    ):
        with pytest.raises(UserError, match=message):
            read(str(source))
    with pytest.raises(UserError, match=r"none\.pth: no such checkpoint"):
        read(TINY, f"weights={tmp_path / 'none.pth'}")
