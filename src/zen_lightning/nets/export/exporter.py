"""The interface of export formats, for networks that run without this project."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.export import Dim

from zen_lightning.errors import MissingExtraError

Runner = Callable[[Tensor], Tensor]
"""Takes images and returns logits, both on the CPU in float32."""


class Exporter(ABC):
    """A file format. A new one is a subclass and a line in ``EXPORTERS``; :func:`export_network` checks its files.

    Attributes:
        name: the name of the format.
        suffix: suffix of its files, with the dot.
        packages: packages that must be installed.
        extra: the extra of this project that installs them.
        quantised: whether weights and activations are rounded to 8 bits, so that logits differ and images are needed.
        calibration: batches of images as the network sees them, which a quantised format takes the ranges of activations from.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]
    packages: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "export"
    quantised: ClassVar[bool] = False
    calibration: Sequence[Tensor] = ()

    @abstractmethod
    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        """Return the network as a program of this format.

        Args:
            network: a network in eval mode, on the CPU, in float32.
            images: example images, shape (batch, channels, height, width).
            dynamic_batch: whether the program takes any number of images; otherwise it takes as many as the example has.
            dynamic_size: whether it takes images of any height and width; otherwise those of the example.
        """

    @abstractmethod
    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        """Write the program that :meth:`convert` returned, with texts that describe it.

        Raises:
            OSError: the file cannot be written.
        """

    @abstractmethod
    def load(self, path: Path) -> Runner:
        """Return a function that runs the file, in the way a user of the file would."""

    def companions(self, path: Path) -> list[Path]:
        """Return the files that :meth:`save` writes beside the one that is opened, such as one of weights."""
        return []

    def read_metadata(self, path: Path) -> dict[str, str]:
        """Return the texts that :meth:`save` wrote; nothing for formats that cannot hold any."""
        return {}

    def input_shape(self, path: Path) -> tuple[int | None, ...] | None:
        """Return the shape of the images that a file takes, None for what is free; None for formats that do not say it."""
        return None

    @abstractmethod
    def usage(self, path: Path, resolution: int, channels: int = 3) -> str:
        """Return three lines of Python that run the file."""

    def facts(self, program: Any) -> dict[str, Any]:
        """Return facts about the program to record, by name."""
        return {}

    def require(self) -> None:
        """Raise a MissingExtraError unless everything is installed."""
        for package in self.packages:
            try:
                import_module(package)
            except ImportError as error:
                raise MissingExtraError(package, self.extra, f"the export format {self.name!r}") from error

    def versions(self) -> dict[str, str]:
        """Return the versions of its packages."""
        return {package: version(package) for package in self.packages}


def dynamic_shapes(
    dynamic_batch: bool, dynamic_size: bool = False, sizes: tuple[Any, Any] = (Dim.DYNAMIC, Dim.DYNAMIC)
) -> tuple[dict[int, Any]] | None:
    """Return the argument ``dynamic_shapes`` of torch's exporters: the free axes of the images, or None.

    The number of images may be 1. For height and width torch finds the least by itself: it depends on the network.

    Args:
        dynamic_batch: whether the number of images is free.
        dynamic_size: whether height and width are.
        sizes: what stands for height and width; torch's exporter of ONNX takes names.
    """
    free: dict[int, Any] = {0: Dim("batch", min=1)} if dynamic_batch else {}
    if dynamic_size:
        free |= dict(zip((2, 3), sizes, strict=True))
    return (free,) if free else None
