"""The published networks."""

import json
from pathlib import Path

import pytest
import torch

import zen_lightning as zl
from file_server import FileServer
from golden import SHARED, needs_shared
from original_file import original_bytes
from test_init import loaded_after
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError


def test_there_are_fifteen() -> None:
    assert len(zoo.names()) == 15
    assert zl.zoo is zoo


@pytest.mark.parametrize("name", zoo.names())
def test_counts_are_exact(name: str) -> None:
    entry = zoo.entry(name)
    architecture = Architecture.parse(zoo.structure(name))
    assert str(architecture) == entry.structure
    assert architecture.num_params(entry.num_classes, entry.use_se) == entry.params
    assert architecture.flops(entry.resolution, entry.num_classes, entry.use_se) == entry.macs


@needs_shared
def test_the_data_is_the_original_one() -> None:
    for row in json.loads((SHARED / "zoo.json").read_text()):
        assert {key: row[key] for key in zoo.ZooEntry._fields} == zoo.entry(row["name"])._asdict()


@pytest.mark.parametrize("name", ["zennet_cifar100_model_size05M_res32", "zennet_imagenet1k_flops400M_SE_res224"])
def test_networks_are_built_as_published(name: str) -> None:
    network = zoo.create(name)
    assert sum(weight.numel() for weight in network.parameters()) == zoo.entry(name).params


def test_unknown_names() -> None:
    for ask in (zoo.entry, zoo.structure, zoo.create):
        with pytest.raises(UserError, match=r"=zennet_cifar10_size1M: the zoo .* did you mean '.*'\? Choose from: zennet_"):
            ask("zennet_cifar10_size1M")


CIFAR = "zennet_cifar10_model_size05M_res32"
IN_MIRROR = f"/mirror/{CIFAR}/best-params_rank0.pth"


@pytest.fixture
def mirror(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO", str(tmp_path / "zoo"))
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", f"{server.url}/mirror/")
    return server


def test_checkpoints_are_where_the_original_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEN_LIGHTNING_ZOO", raising=False)
    monkeypatch.delenv("ZEN_LIGHTNING_ZOO_URL", raising=False)
    for name in zoo.names():
        known = zoo.entry(name)
        assert zoo.checkpoint_url(name) == known.checkpoint_url
        assert zoo.checkpoint_path(name) == Path(known.cache_file).expanduser()
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO", "~/elsewhere")
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", "https://example.org/zoo")
    tails = {str(zoo.checkpoint_path(name)).removeprefix(str(Path("~/elsewhere").expanduser())) for name in zoo.names()}
    assert tails == {zoo.checkpoint_url(name).removeprefix("https://example.org/zoo") for name in zoo.names()}
    assert len(tails) == 15


def test_published_weights_are_downloaded_once_and_loaded(mirror: FileServer) -> None:
    torch.manual_seed(1)
    published = zoo.create(CIFAR)
    mirror.files[IN_MIRROR] = original_bytes(published)
    mirror.sends = [1_000_000]
    for _ in range(2):
        network = zoo.create(CIFAR, pretrained=True)
        assert all(torch.equal(value, published.state_dict()[key]) for key, value in network.state_dict().items())
    assert [path for path, _ in mirror.requests] == [IN_MIRROR, IN_MIRROR]  # Cut off once, continued once.
    assert zoo.checkpoint_path(CIFAR).read_bytes() == mirror.files[IN_MIRROR]


def test_a_checkpoint_that_is_not_there_names_the_place(mirror: FileServer) -> None:
    with pytest.raises(
        UserError, match=r"404 \(Not Found\)\. The file can also be put by hand at .*zoo.*best-params_rank0\.pth"
    ):
        zoo.create(CIFAR, pretrained=True)


def test_what_is_no_checkpoint_of_the_network_is_refused(mirror: FileServer) -> None:
    whole = original_bytes(zoo.create("zennet_cifar100_model_size05M_res32"))
    for content, message in (
        (b"<html>Please log in</html>", "can be read safely: it is damaged"),
        (whole[:-5000], "can be read safely: it is damaged"),
        (whole, r"fc_linear.netblock.weight' has shape \(100, 512\), the network's is \(10, 512\)"),
    ):
        mirror.files[IN_MIRROR] = content
        with pytest.raises(UserError, match=message) as caught:
            zoo.create(CIFAR, pretrained=True)
        path = zoo.checkpoint_path(CIFAR)
        assert str(caught.value).endswith(f"delete {path} to download it again from {zoo.checkpoint_url(CIFAR)}")
        path.unlink()


def test_torch_is_not_loaded() -> None:
    assert "torch" not in loaded_after("import zen_lightning as zl\nzl.zoo.entry(zl.zoo.names()[3])")
