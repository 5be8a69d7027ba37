"""The metadata of an exported file."""

from torch import nn

from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.system.versions import VERSION


def describe(network: nn.Module, resolution: int, num_classes: int) -> dict[str, str]:
    """Return texts by name, as in files of weights; architecture and use_se only if they are known."""
    texts = {"num_classes": str(num_classes), "resolution": str(resolution)}
    if isinstance(network, StagedNetwork):
        texts["architecture"] = str(network.architecture)
        texts["use_se"] = str(bool(getattr(network, "use_se", False))).lower()
    return {**texts, "producer": "zen-lightning", "version": VERSION}
