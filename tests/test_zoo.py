"""The published networks."""

import json

import pytest

import zen_lightning as zl
from golden import SHARED, needs_shared
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
        with pytest.raises(
            UserError, match=r"no network 'zennet_cifar10_size1M'; did you mean '.*'\? Its networks are: zennet_"
        ):
            ask("zennet_cifar10_size1M")


def test_torch_is_not_loaded() -> None:
    assert "torch" not in loaded_after("import zen_lightning as zl\nzl.zoo.entry(zl.zoo.names()[3])")
