"""The 15 networks that Zen-NAS published (https://arxiv.org/abs/2102.01063), as structures. Importing this loads no torch.

``zoo.json`` holds facts alone: structures, classes, resolutions and the published rows are those of the original repository;
``params`` and ``macs`` were counted on the networks as its code builds them, and this project counts the same. Two of the
published figures are of another kind:

- the published FLOPs count batch norms and activations too, and lie within 3% of the multiply-adds;
- the published parameters of flops400M and flops600M leave squeeze-and-excitation out; the networks have it.

Example:
    >>> import zen_lightning as zl
    >>> zl.zoo.names()[0]
    'zennet_cifar10_model_size05M_res32'
    >>> zl.zoo.entry(zl.zoo.names()[0]).published["top1"]
    96.2
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning.errors import UserError, nearest

if TYPE_CHECKING:
    from zen_lightning.nets import StagedNetwork


class ZooEntry(NamedTuple):
    """A published network.

    Attributes:
        name: as published.
        structure: its text.
        num_classes: outputs of the classifier.
        use_se: whether it has squeeze-and-excitation.
        resolution: height and width of what enters the network; its FLOPs are counted there.
        crop_size: height and width that images are cropped to at evaluation, before they are scaled to ``resolution``.
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
    params: int
    macs: int
    published: dict[str, Any]


def names() -> list[str]:
    """Return the names, CIFAR first, small ones first."""
    return list(_entries())


def entry(name: str) -> ZooEntry:
    """Return what is known of a network.

    Raises:
        UserError: no network has that name.
    """
    if name not in _entries():
        raise UserError(
            f"the zoo has no network {name!r}{nearest(name, names()) or '.'} Its networks are: {', '.join(names())}"
        )
    return _entries()[name]


def structure(name: str) -> str:
    """Return the text of a network; errors as for :func:`entry`."""
    return entry(name).structure


def create(name: str) -> "StagedNetwork":
    """Return a network with fresh weights, as published: classes, and squeeze-and-excitation where it has it.

    Raises:
        UserError: no network has that name.
    """
    from zen_lightning.arch import Architecture
    from zen_lightning.nets import build_network

    known = entry(name)
    return build_network(Architecture.parse(known.structure), known.num_classes, known.use_se)


@cache
def _entries() -> dict[str, ZooEntry]:
    rows = json.loads(Path(__file__).with_name("zoo.json").read_text(encoding="utf-8"))
    return {row["name"]: ZooEntry(**row) for row in rows}
