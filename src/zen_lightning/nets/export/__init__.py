"""Networks as files that run without this project: ONNX and torch.export."""

from collections.abc import Mapping
from os import PathLike

from torch import nn

from zen_lightning.errors import UserError, nearest
from zen_lightning.nets.export.export import TOLERANCE, Exported, export_network
from zen_lightning.nets.export.exporter import Exporter
from zen_lightning.nets.export.onnx_exporter import OPSET, OnnxExporter
from zen_lightning.nets.export.torch_exporter import TorchExporter

EXPORTERS: tuple[type[Exporter], ...] = (OnnxExporter, TorchExporter)

__all__ = [
    "EXPORTERS",
    "Exported",
    "Exporter",
    "OnnxExporter",
    "TorchExporter",
    "export_network",
    "export_onnx",
    "export_torch",
    "exporter_named",
]


def exporter_named(name: str) -> Exporter:
    """Return the exporter of a format.

    Raises:
        UserError: no format has that name.

    Example:
        >>> exporter_named("torch_export").suffix
        '.pt2'
    """
    known = {exporter.name: exporter for exporter in EXPORTERS}
    if name not in known:
        names = list(known)
        raise UserError(f"there is no format {name!r}{nearest(name, names) or '.'} The formats are: {', '.join(names)}")
    return known[name]()


def export_onnx(
    network: nn.Module,
    path: str | PathLike[str],
    resolution: int,
    *,
    fold: bool = True,
    dynamic_batch: bool = True,
    opset: int = OPSET,
    tolerance: float = TOLERANCE,
    metadata: Mapping[str, str] | None = None,
) -> Exported:
    """Write a network as an ONNX file that takes ``images`` and gives ``logits``; see :func:`export_network`.

    Args:
        network: takes images of shape (batch, 3, resolution, resolution).
        path: of the file, ``.onnx``.
        resolution: height and width of the images.
        fold: fold batch norms into the convolutions.
        dynamic_batch: whether the file takes any number of images at a time, or one.
        opset: version of the ONNX operators.
        tolerance: how much logits may differ, relative to the largest.
        metadata: texts for its ``metadata_props``, besides architecture, classes and resolution.
    """
    return export_network(
        network,
        path,
        OnnxExporter(opset),
        resolution,
        fold=fold,
        dynamic_batch=dynamic_batch,
        tolerance=tolerance,
        metadata=metadata,
    )


def export_torch(
    network: nn.Module,
    path: str | PathLike[str],
    resolution: int,
    *,
    fold: bool = True,
    dynamic_batch: bool = True,
    tolerance: float = TOLERANCE,
    metadata: Mapping[str, str] | None = None,
) -> Exported:
    """Write a network as a program of torch.export; see :func:`export_network`.

    Args:
        network: takes images of shape (batch, 3, resolution, resolution).
        path: of the file, ``.pt2``.
        resolution: height and width of the images.
        fold: fold batch norms into the convolutions.
        dynamic_batch: whether the file takes any number of images at a time, or one.
        tolerance: how much logits may differ, relative to the largest.
        metadata: texts for its ``metadata.json``, besides architecture, classes and resolution.

    Example:
        >>> import tempfile, torch
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.nets.build import build_network
        >>> network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)"), num_classes=10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     exported = export_torch(network, f"{folder}/model.pt2", resolution=32)
        ...     torch.export.load(exported.path).module()(torch.zeros(5, 3, 32, 32)).shape
        torch.Size([5, 10])
    """
    return export_network(
        network,
        path,
        TorchExporter(),
        resolution,
        fold=fold,
        dynamic_batch=dynamic_batch,
        tolerance=tolerance,
        metadata=metadata,
    )
