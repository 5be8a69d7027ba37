"""The 15 networks that Zen-NAS published (https://arxiv.org/abs/2102.01063), as structures. Importing this loads no torch.

``zoo.json`` holds facts alone: structures, classes, resolutions and the published rows are those of the original repository;
``params`` and ``macs`` were counted on the networks as its code builds them, and this project counts the same. Two of the
published numbers are counted in another way:

- the published FLOPs count batch norms and activations too, and lie within 3% of the multiply-adds;
- the published parameters of flops400M and flops600M leave squeeze-and-excitation out; the networks have it.

Checkpoints are downloaded when they are first asked for, to ``~/.cache/pytorch/checkpoints/zennet_pretrained`` as by the
original. The environment variable ``ZEN_LIGHTNING_ZOO`` names another folder, ``ZEN_LIGHTNING_ZOO_URL`` the address of a mirror
with the layout of that folder.

Example:
    >>> import zen_lightning as zl
    >>> zl.zoo.names()[0]
    'zennet_cifar10_model_size05M_res32'
    >>> zl.zoo.entry(zl.zoo.names()[0]).published["top1"]
    96.2
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.checked import checked
from zen_lightning.system.named_path import expanded

if TYPE_CHECKING:
    from zen_lightning.nets import StagedNetwork

_CACHE = "~/.cache/pytorch/checkpoints/zennet_pretrained"
_SERVER = "https://idstcv.oss-cn-zhangjiakou.aliyuncs.com/ZenNet/pretrained_models"


class ZooEntry(NamedTuple):
    """A published network.

    Attributes:
        name: as published.
        structure: its text.
        num_classes: outputs of the classifier.
        use_se: whether it has squeeze-and-excitation.
        resolution: height and width of the images that the network takes, at which its FLOPs are counted.
        crop_size: height and width that images are cropped to at evaluation, before they are scaled to ``resolution``.
        checkpoint_url: where the original's checkpoint is published.
        cache_file: where the original stores it, with ``~``; see :func:`checkpoint_path`.
        params: trainable parameters as built.
        macs: multiply-adds for one image, as built.
        published: the published row: ``params`` and ``flops`` as printed, ``top1`` in percent; for ImageNet the
            milliseconds an image ``v100_ms`` (batch 64, float16), ``t4_ms`` (batch 64, TensorRT INT8), ``pixel2_ms`` (batch 1).
    """

    name: str
    structure: str
    num_classes: int
    use_se: bool
    resolution: int
    crop_size: int
    checkpoint_url: str
    cache_file: str
    params: int
    macs: int
    published: dict[str, Any]


def names() -> list[str]:
    """Return the names: CIFAR before ImageNet, small networks before large ones."""
    return list(_entries())


@checked
def entry(name: str) -> ZooEntry:
    """Return the facts about a network.

    Raises:
        UserError: no network has that name.
    """
    if name not in _entries():
        raise UserError("the zoo has no such network", key="name", value=name, choices=names())
    return _entries()[name]


@checked
def structure(name: str) -> str:
    """Return the text of a network; errors as for :func:`entry`."""
    return entry(name).structure


@checked
def checkpoint_path(name: str) -> Path:
    """Return the path of the checkpoint of a network, which need not exist; errors as for :func:`entry`."""
    folder = os.environ.get("ZEN_LIGHTNING_ZOO") or _CACHE
    return expanded(folder + entry(name).cache_file.removeprefix(_CACHE))


@checked
def checkpoint_url(name: str) -> str:
    """Return the URL of the checkpoint of a network; errors as for :func:`entry`."""
    server = os.environ.get("ZEN_LIGHTNING_ZOO_URL") or _SERVER
    return server.rstrip("/") + entry(name).checkpoint_url.removeprefix(_SERVER)


@checked
def download(name: str) -> Path:
    """Download the checkpoint of a network if it is not there yet, and return its path.

    Raises:
        UserError: no network has that name, or it cannot be downloaded; see :func:`zen_lightning.system.download.fetch`.
    """
    from zen_lightning.system.download import fetch

    return fetch(checkpoint_url(name), checkpoint_path(name), name)


@checked
def create(name: str, pretrained: bool = False) -> "StagedNetwork":
    """Return a network as published: its classes, and squeeze-and-excitation where it has it.

    With its published weights it is in eval mode, ready to classify; else in training mode, as any new network.

    Args:
        name: name of the network.
        pretrained: load the published weights, downloaded if need be; otherwise the weights are random.

    Raises:
        UserError: no network has that name, its checkpoint cannot be downloaded, or the file is not a checkpoint of it.
    """
    from zen_lightning.arch import Architecture
    from zen_lightning.nets import build_network, load_original_checkpoint

    known = entry(name)
    path = download(name) if pretrained else None
    architecture = Architecture.parse(known.structure)
    network = build_network(architecture, known.num_classes, known.use_se, initialise=path is None)
    if path is not None:
        try:
            load_original_checkpoint(network, path)
        except UserError as error:
            remedy = f"delete {path} to download it again from {checkpoint_url(name)}"
            raise UserError(error.what, remedy="; ".join(filter(None, (error.remedy, remedy)))) from error
        network.eval()
    return network


@cache
def _entries() -> dict[str, ZooEntry]:
    rows = json.loads(Path(__file__).with_name("zoo.json").read_text(encoding="utf-8"))
    return {row["name"]: ZooEntry(**row) for row in rows}
