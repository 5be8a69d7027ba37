"""The published networks in timm."""

import sys
from importlib import reload
from pathlib import Path

import pytest
import torch

from file_server import FileServer
from original_file import original_bytes
from zen_lightning import zoo
from zen_lightning.errors import MissingExtraError, UserError

timm = pytest.importorskip("timm")
timm_models = pytest.importorskip("zen_lightning.zoo.timm_models")

CIFAR = "zennet_cifar10_model_size05M_res32"
IMAGENET = "zennet_imagenet1k_flops400M_SE_res224"
FOLDER = "iccv2021_zennet_imagenet1k_flops400M_SE_res224"


def test_all_are_registered() -> None:
    assert sorted(timm.list_models("zennet*")) == sorted(zoo.names())
    assert sorted(timm.list_models("zennet*", pretrained=True)) == sorted(zoo.names())


@pytest.mark.parametrize("name", zoo.names())
def test_data_configurations(name: str) -> None:
    known, config = zoo.entry(name), timm.get_pretrained_cfg(name)
    assert (config.num_classes, config.input_size) == (known.num_classes, (3, known.resolution, known.resolution))
    assert config.url == known.checkpoint_url
    cifar = known.resolution == 32
    assert (config.mean[0], config.std[0], config.crop_pct) == ((0.4914, 0.2023, 1.0) if cifar else (0.485, 0.229, 0.875))


@pytest.mark.parametrize("name", [CIFAR, IMAGENET])
def test_networks_are_those_of_the_zoo(name: str) -> None:
    network, own = timm.create_model(name).eval(), zoo.create(name).eval()
    own.load_state_dict(network.state_dict())
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        logits = own(images)
        torch.testing.assert_close(network(images), logits)
        features = network.forward_features(images)
        torch.testing.assert_close(features, own.features(images))
        torch.testing.assert_close(network.forward_head(features), logits)
        pooled = network.forward_head(features, pre_logits=True)
        assert pooled.shape == (2, network.num_features)
        torch.testing.assert_close(network.get_classifier()(pooled), logits)
        network.reset_classifier(0)
        torch.testing.assert_close(network(images), pooled)
    network.reset_classifier(5)
    assert network(images).shape == (2, 5)
    assert network.num_classes == 5


@pytest.mark.parametrize(("num_classes", "width"), [(37, 37), (0, 512)])
def test_other_classes(num_classes: int, width: int) -> None:
    network = timm.create_model(CIFAR, num_classes=num_classes, drop_rate=0.2)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, width)
    assert network.num_classes == num_classes


@pytest.fixture
def published(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO", str(tmp_path / "zoo"))
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", server.url)
    network = zoo.create(IMAGENET)
    server.files[f"/{FOLDER}/student_best-params_rank0.pth"] = original_bytes(network)
    return network


def test_published_weights(published: torch.nn.Module, tmp_path: Path) -> None:
    network = timm.create_model(IMAGENET, pretrained=True)
    expected = published.state_dict()
    assert all(torch.equal(value, expected[key]) for key, value in network.state_dict().items())
    other = timm.create_model(IMAGENET, pretrained=True, num_classes=7)
    state = other.state_dict()
    assert state.pop("classifier.linear.weight").shape == (7, 2048)
    assert state.pop("classifier.linear.bias").shape == (7,)
    assert all(torch.equal(value, expected[key]) for key, value in state.items())
    path = zoo.checkpoint_path(IMAGENET)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(UserError, match="is damaged"):
        timm.create_model(IMAGENET, pretrained=True)


def test_weights_of_a_file_of_ones_own(tmp_path: Path) -> None:
    network = timm.create_model(CIFAR)
    torch.save(network.state_dict(), tmp_path / "own.pt")
    read = timm.create_model(CIFAR, pretrained=True, pretrained_cfg_overlay={"file": str(tmp_path / "own.pt")})
    assert all(torch.equal(value, network.state_dict()[key]) for key, value in read.state_dict().items())


@pytest.mark.parametrize(("name", "reductions"), [(CIFAR, [1, 2, 4, 8]), (IMAGENET, [2, 4, 8, 16, 32])])
def test_features_by_stage(name: str, reductions: list[int]) -> None:
    network = timm.create_model(name, features_only=True).eval()
    maps = network(torch.zeros(1, 3, 64, 64))
    assert network.feature_info.reduction() == reductions
    assert [map_.shape[-1] for map_ in maps] == [64 // reduction for reduction in reductions]
    assert [map_.shape[1] for map_ in maps] == network.feature_info.channels()
    (last,) = timm.create_model(name, features_only=True, out_indices=(-1,)).eval()(torch.zeros(1, 3, 64, 64))
    assert last.shape == maps[-1].shape


def test_intermediate_features() -> None:
    network = timm.create_model(CIFAR).eval()
    images = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        last, maps = network.forward_intermediates(images)
        torch.testing.assert_close(last, network.forward_features(images))
        torch.testing.assert_close(maps[-1], last)
        assert len(network.forward_intermediates(images, indices=2, intermediates_only=True)) == 2
        early, (stem,) = network.forward_intermediates(images, indices=[0], stop_early=True)
        torch.testing.assert_close(early, stem)
    with pytest.raises(UserError, match="NCHW"):
        network.forward_intermediates(images, output_fmt="NLC")


def test_what_the_networks_do_not_have() -> None:
    for arguments in ({"in_chans": 1}, {"global_pool": "max"}):
        with pytest.raises(UserError, match="the only one that these networks have"):
            timm.create_model(CIFAR, **arguments)


def test_without_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm.models", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'zen-lightning\[timm\]'"):
        reload(timm_models)
