"""Networks of torchvision and timm in the place of an architecture."""

import pickle
from pathlib import Path

import pytest
import torch

import zen_lightning as zl
from zen_lightning.api.sources import read_architecture, read_setting
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network, read_weights, save_weights
from zen_lightning.nets.module_counts import count_layers, count_parameters
from zen_lightning.nets.named_architecture import NamedArchitecture, architecture_of
from zen_lightning.nets.named_modules import named_module

NAMES = ("torchvision:resnet18", "torchvision:mobilenet_v3_small", "timm:resnet10t")


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_those_of_the_module(name: str) -> None:
    arch = architecture_of(name)
    module = named_module(name, 10)
    assert arch.num_params(10) == count_parameters(module)
    assert arch.flops(64, 10) == count_layers(module, 64).multiply_adds
    rows = arch.summary(64, 10)
    assert sum(row.params for row in rows) == arch.num_params(10)
    assert sum(row.flops for row in rows) == arch.flops(64, 10)
    assert sum(row.layers for row in rows) == arch.num_layers
    assert rows[-1].is_classifier
    assert pickle.loads(pickle.dumps(arch)) == arch == architecture_of(f" {name} ")


def test_resolution_and_classes_of_its_published_weights() -> None:
    assert read_setting("torchvision:inception_v3")[:2] == (299, 1000)
    assert read_setting("timm:resnet10t", num_classes=7)[:2] == (176, 7)


@pytest.mark.parametrize("name", NAMES)
def test_the_network_is_built_saved_and_read(name: str, tmp_path: Path) -> None:
    network = build_network(architecture_of(name), 10).eval()
    images = torch.randn(2, 3, 64, 64)
    assert network(images).shape == (2, 10)
    assert network.features(images).dim() == 4
    assert network.classifier.linear.out_features == 10
    save_weights(network, tmp_path / "w.safetensors")
    again, metadata = read_weights(tmp_path / "w.safetensors")
    assert metadata["architecture"] == name
    torch.testing.assert_close(again.eval()(images), network(images))


def test_auxiliary_classifiers_are_left_out_so_that_it_trains() -> None:
    network = build_network(architecture_of("torchvision:googlenet"), 5).train()
    assert network(torch.randn(2, 3, 64, 64)).shape == (2, 5)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: read_architecture("timm:resnet1"), "timm has no model 'resnet1'; did you mean 'resnet18'"),
        (lambda: read_architecture("timm:resnet10t", "start", zl.search_space("resnet")), "a search changes blocks"),
        (lambda: architecture_of("timm:vit_tiny_patch16_224").flops(32), "does not run on images of 32 x 32 .*resolution=224"),
        (lambda: architecture_of("torchvision:squeezenet1_0").out_channels, "does not end in a linear layer"),
        (lambda: NamedArchitecture("torchvision:resnet18").flops(0), "resolution=0"),
    ],
)
def test_what_cannot_be_done_is_said(ask: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        ask()  # type: ignore[operator]


def test_train_evaluate_compare_and_export(tmp_path: Path) -> None:
    trained = zl.train("timm:resnet10t", "digits", folder=tmp_path / "run", epochs=1, limit=64)
    found = zl.compare([str(tmp_path / "run"), "torchvision:resnet18"], "naswot", resolution=32, num_classes=10)
    assert [one.value is not None for one in found.scores] == [True, True]
    assert found.networks[0].recorded["val_top1"] == pytest.approx(trained.val_top1)
    assert found.networks[1].recorded == {}
    exported = zl.export(str(tmp_path / "run"), tmp_path / "out", "onnx")
    assert exported.files[0].relative_difference < 1e-3
    assert zl.load(tmp_path / "out" / "model.onnx").classes == zl.load(tmp_path / "run").classes
    (timed,) = zl.latency("timm:resnet10t", batch_size=1, measure_seconds=0.01, resolution=32)
    assert timed.milliseconds > 0
