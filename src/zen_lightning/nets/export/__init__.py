"""Networks as files that run without this project: ONNX and torch.export."""

from zen_lightning.errors import UserError
from zen_lightning.nets.export.export import Exported, export_network
from zen_lightning.nets.export.exporter import Exporter
from zen_lightning.nets.export.onnx_exporter import OnnxExporter
from zen_lightning.nets.export.torch_exporter import TorchExporter

EXPORTERS: tuple[type[Exporter], ...] = (OnnxExporter, TorchExporter)

__all__ = [
    "EXPORTERS",
    "Exported",
    "Exporter",
    "OnnxExporter",
    "TorchExporter",
    "export_network",
    "exporter_named",
]


def exporter_named(name: str, opset: int | None = None) -> Exporter:
    """Return the exporter of a format.

    Args:
        name: the name of the format.
        opset: version of the ONNX operator set, for ``onnx``; None: the one that torch writes.

    Raises:
        UserError: no format has that name.

    Example:
        >>> exporter_named("torch_export").suffix
        '.pt2'
    """
    known = {exporter.name: exporter for exporter in EXPORTERS}
    if name not in known:
        raise UserError("there is no such format", key="name", value=name, choices=list(known))
    if opset is not None and known[name] is OnnxExporter:
        return OnnxExporter(opset)
    return known[name]()
