"""The base of proxies that build the network: seeds, weights, batches, repeats and failures."""

import statistics
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, Literal, TypeVar

import torch
from torch import Tensor, nn

from zen_lightning.arch import BaseArchitecture
from zen_lightning.nets.image_channels import image_channels
from zen_lightning.nets.random_weights import draw_seed, draw_weights, scoring_network
from zen_lightning.proxy.base import Proxy, RankedProxy, Scorable, Score
from zen_lightning.proxy.checks import averaged, check_counts, check_variant, finite
from zen_lightning.proxy.failures import reported, returning_logits
from zen_lightning.proxy.inputs import Inputs, inputs_from
from zen_lightning.system.device import check_device
from zen_lightning.system.value_types import BatchSize, Channels, Classes, Count, Pixels

T = TypeVar("T")
Weights = Literal["default", "kaiming", "normal"]


class Draw:
    """Batches and random numbers for one score, all from one seed.

    Attributes:
        generator: source of all random numbers, on the device.
    """

    def __init__(
        self,
        inputs: Inputs,
        shape: tuple[int, int, int, int],
        num_classes: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self._dtype = dtype
        self._inputs = inputs
        self._shape = shape
        self._num_classes = num_classes
        self.generator = generator

    def batch(self, size: int | None = None) -> tuple[Tensor, Tensor]:
        """Return another batch: images of shape (batch, channels, height, width), labels of shape (batch,).

        Args:
            size: number of images; by default the batch size of the proxy.
        """
        shape = (size or self._shape[0], *self._shape[1:])
        images, labels = self._inputs.batch(shape, self._num_classes, self.generator)
        return images.to(self._dtype), labels

    def signs(self, like: Tensor) -> Tensor:
        """Return a tensor of -1 and 1, each as likely, in the shape of ``like`` (a Rademacher draw)."""
        coins = torch.randint(0, 2, like.shape, generator=self.generator, device=self.generator.device)
        return coins.to(like.dtype).mul_(2).sub_(1)


class _OnNetworks(Proxy):
    """The base of both kinds: settings, and networks with random weights.

    Args:
        resolution: height and width of the images.
        num_classes: number of logits.
        batch_size: images in a batch.
        repeats: number of independent draws of weights and images; the score is their mean.
        variant: one of :attr:`variants`.
        images: a folder of images in class folders, for real batches; None for noise, N(0,1) with uniform labels.
        device: device of torch, ``cpu`` or ``cuda:0``.

    Attributes:
        variants: class attribute; ``paper`` is the definition in the paper, ``released`` that of the code released with
            Zen-NAS.
        weights: class attribute, the argument ``how`` of :func:`~zen_lightning.nets.random_weights.draw_weights`, by variant.
        vanilla: class attribute, whether it is computed on the twin without shortcuts.
        dtype: class attribute, precision of weights and images.
        in_channels: channels of the images; None: those of each network (of a module, of its first convolution).
    """

    variants: ClassVar[tuple[str, ...]] = ("paper",)
    weights: ClassVar[dict[str, Weights]] = {"paper": "default", "released": "normal"}
    vanilla: ClassVar[bool] = True
    dtype: ClassVar[torch.dtype] = torch.float32
    in_channels: Channels | None = None

    def __init__(
        self,
        resolution: Pixels = 32,
        num_classes: Classes = 10,
        batch_size: BatchSize = 16,
        repeats: Count = 1,
        variant: str = "paper",
        images: str | None = None,
        device: str = "cpu",
    ) -> None:
        counts = {"resolution": resolution, "num_classes": num_classes, "batch_size": batch_size, "repeats": repeats}
        check_counts(counts)
        check_variant(variant, self.variants, self.name)
        check_device(device)
        self.resolution = resolution
        self.num_classes = num_classes
        self.batch_size = batch_size
        self.repeats = repeats
        self.variant = variant
        self.images = images
        self.device = device
        given = inputs_from(images)
        # The released code scores on noise only.
        self._inputs = inputs_from(None) if variant == "released" else given

    def _each_draw(self, architecture: Scorable, seed: int, measure: Callable[[nn.Module, Draw], T]) -> list[T]:
        """Return the result of ``measure`` for a network with new random weights, for each repeat."""
        shape = (self.batch_size, self.in_channels or image_channels(architecture), self.resolution, self.resolution)
        foreign = not isinstance(architecture, BaseArchitecture)
        with torch.enable_grad(), reported(shape, self.device, foreign):
            results = []
            for repeat in range(self.repeats):
                generator = torch.Generator(self.device).manual_seed(draw_seed(seed, repeat))
                network = scoring_network(architecture, self.num_classes, self.vanilla, self.device)
                network.requires_grad_()
                draw_weights(network, self.weights[self.variant], generator)
                draw = Draw(self._inputs, shape, self.num_classes, generator, self.dtype)
                with returning_logits(network, foreign):
                    results.append(measure(network.to(self.dtype), draw))
            return results


class NetworkProxy(_OnNetworks):
    """A proxy computed on the network with random weights: subclass it and implement :meth:`measure`.

    Every such proxy takes resolution, num_classes, batch_size, repeats, variant, images and device; its class attributes are
    variants, weights, vanilla and dtype.
    """

    @abstractmethod
    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return one score of a network with newly drawn weights. It may change the network, which is not used again.

        Args:
            network: the network, with batch norms in training mode and all else in evaluation mode.
            draw: batches and random numbers.

        Raises:
            CannotScoreError: the score is not defined for this network, or cannot be computed.
        """

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score of an architecture, or of a module, of which a copy is scored.

        Args:
            architecture: an architecture or a module; random weights are drawn in both cases.
            seed: seed of all draws. Repeat i has a generator of its own, so 4 repeats begin with the draws of 2.

        Raises:
            CannotScoreError: the network does not run, a value is not finite, the memory is full, or the proxy's own reason.
        """
        values = [finite(value, self.name) for value in self._each_draw(architecture, seed, self.measure)]
        return averaged(values)


class RankedNetworkProxy(_OnNetworks, RankedProxy):
    """A ranked proxy computed on the network with random weights: implement :meth:`measure_parts` and ``combine``."""

    @abstractmethod
    def measure_parts(self, network: nn.Module, draw: Draw) -> tuple[float, ...]:
        """Return the measurements, in the order of ``part_names``; see :meth:`NetworkProxy.measure`."""

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the mean measurements of the repeats, and the score within a set of one; see :meth:`NetworkProxy.score`."""
        rows = self._each_draw(architecture, seed, self.measure_parts)
        columns = zip(self.part_names, zip(*rows, strict=True), strict=True)
        parts = tuple(finite(statistics.fmean(column), f"{self.name} {part}") for part, column in columns)
        return Score(self.combine([parts])[0], None, parts)
