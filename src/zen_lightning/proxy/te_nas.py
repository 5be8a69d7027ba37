"""TE-NAS: trainability and expressivity, by rank (https://arxiv.org/abs/2102.11535)."""

from collections.abc import Sequence
from typing import ClassVar

from zen_lightning.proxy.base import RankedProxy, Scorable, Score, ascending_ranks
from zen_lightning.proxy.checks import check_variant
from zen_lightning.proxy.linear_regions import LinearRegions
from zen_lightning.proxy.ntk import NtkConditionNumber
from zen_lightning.system.value_types import BatchSize, Classes, Count, Pixels


class TeNas(RankedProxy):
    """The relative rank of minus the condition number of the tangent kernel, plus that of the number of linear regions.

    ``released``: minus the condition number alone, with PyTorch's default initialisation.

    Args:
        resolution: height and width of the images.
        num_classes: number of logits.
        batch_size: images of the kernel, and points of the line.
        repeats: number of independent draws of weights and images; each part is the mean.
        variant: ``paper`` or ``released``.
        images: a folder of images in class folders; None for noise.
        device: device of torch.
    """

    name = "te_nas"
    part_names: ClassVar[tuple[str, ...]] = ("ntk", "linear_regions")

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
        check_variant(variant, ("paper", "released"), self.name)
        self.variant = variant
        if variant == "released":
            self.part_names = self.part_names[:1]  # type: ignore[misc]
        self.images = images
        self._ntk = NtkConditionNumber(resolution, num_classes, batch_size, repeats, variant, images, device)
        self._regions = LinearRegions(resolution, num_classes, batch_size, repeats, "paper", images, device)

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return both parts, and the score within a set of one; with ``released``, the condition number's score."""
        ntk = self._ntk.score(architecture, seed)
        if self.variant == "released":
            return ntk._replace(parts=(ntk.value,))
        parts = (ntk.value, self._regions.score(architecture, seed).value)
        return Score(self.combine([parts])[0], None, parts)

    def combine(self, parts: Sequence[tuple[float, ...]]) -> list[float]:
        """Return the sum of the ranks, each divided by the number of networks; with ``released``, the part itself."""
        if self.variant == "released":
            return [part for (part,) in parts]
        columns = [ascending_ranks(column) for column in zip(*parts, strict=True)]
        return [sum(ranks) / len(parts) for ranks in zip(*columns, strict=True)]
