"""Networks of torchvision and timm in a study: known by their names, and built where they are scored."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from torch import nn

from zen_lightning.arch import BaseArchitecture
from zen_lightning.nets.module_counts import LayerCounts, count_layers, count_parameters
from zen_lightning.nets.named_modules import check_named_module, named_module
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score
from zen_lightning.proxy.failures import reported


@dataclass(frozen=True, slots=True)
class NamedNetwork:
    """A network of torchvision or timm.

    It is a name until somebody needs the module, so that a worker process is sent a few bytes.

    Attributes:
        name: ``torchvision:resnet18``, ``timm:regnetx_002``.
        num_classes: its logits where it is scored; it is counted with the 1,000 of ImageNet.

    Example:
        >>> network = NamedNetwork.parse(" torchvision:resnet18")
        >>> str(network), network.num_params(), network.counts(resolution=64).convolutions
        ('torchvision:resnet18', 11689512, 20)
    """

    name: str
    num_classes: int = 1000

    @classmethod
    def parse(cls, text: str) -> "NamedNetwork":
        """Return the network of a name, which is not built.

        Raises:
            MissingExtraError: timm is not installed.
            UserError: there is no such network; the message names the nearest.
        """
        check_named_module(text)
        return cls(text.strip())

    def module(self) -> nn.Module:
        """Return the module, with random weights; it may be shared, so score and count copies of it.

        Raises:
            CannotScoreError: it cannot be built.
        """
        return _built(self.name, self.num_classes)

    def num_params(self) -> int:
        """Return its trainable parameters, classifier included."""
        return _params(self.name)

    def counts(self, resolution: int) -> LayerCounts:
        """Return multiply-adds, convolutions and activations for one image.

        Raises:
            CannotScoreError: it does not run on images of this size.
        """
        return _counted(self.name, resolution)

    def __str__(self) -> str:
        return self.name


Network: TypeAlias = BaseArchitecture | NamedNetwork
"""What a study may be about."""


class ByName(Proxy):
    """A proxy that is given names where it takes modules.

    It is not cheap, whatever the proxy is: a module needs torch.

    Args:
        proxy: the proxy that scores.
    """

    name = "by name"

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def score(self, architecture: Scorable | NamedNetwork, seed: int = 0) -> Score:
        """Return what the proxy says, of a module where a name is given; see :meth:`Proxy.score`."""
        return self.proxy.score(architecture.module() if isinstance(architecture, NamedNetwork) else architecture, seed)


@lru_cache(maxsize=1)
def _built(name: str, num_classes: int = 1000) -> nn.Module:
    """Build a module; the last one is kept, as several proxies score one network after another."""
    try:
        return named_module(name, num_classes)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CannotScoreError(f"{name} cannot be built: {error}") from error


@lru_cache(maxsize=10_000)
def _params(name: str) -> int:
    return count_parameters(_built(name))


@lru_cache(maxsize=10_000)
def _counted(name: str, resolution: int) -> LayerCounts:
    with reported((1, 3, resolution, resolution), "cpu", foreign=True):
        return count_layers(_built(name), resolution)
