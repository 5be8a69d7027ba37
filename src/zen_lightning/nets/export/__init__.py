"""Networks as files that run without this project: ONNX, torch.export and OpenVINO, in float32 and int8."""

from zen_lightning.errors import UserError
from zen_lightning.nets.export.calibration import Accuracy, Calibration
from zen_lightning.nets.export.export import Exported, export_network
from zen_lightning.nets.export.exporter import Exporter
from zen_lightning.nets.export.onnx_exporter import OnnxExporter
from zen_lightning.nets.export.onnx_int8 import OnnxInt8Exporter
from zen_lightning.nets.export.openvino_exporter import OpenVinoExporter
from zen_lightning.nets.export.openvino_int8 import OpenVinoInt8Exporter
from zen_lightning.nets.export.torch_exporter import TorchExporter

EXPORTERS: tuple[type[Exporter], ...] = (
    OnnxExporter,
    OnnxInt8Exporter,
    TorchExporter,
    OpenVinoExporter,
    OpenVinoInt8Exporter,
)

__all__ = [
    "EXPORTERS",
    "Accuracy",
    "Calibration",
    "Exported",
    "Exporter",
    "OnnxExporter",
    "OnnxInt8Exporter",
    "OpenVinoExporter",
    "OpenVinoInt8Exporter",
    "TorchExporter",
    "export_network",
    "exporter_named",
]


def exporter_named(name: str, opset: int | None = None) -> Exporter:
    """Return the exporter of a format.

    Args:
        name: the name of the format.
        opset: version of the ONNX operator set, for ``onnx`` and ``onnx_int8``; None: the one that torch writes.

    Raises:
        UserError: no format has that name.

    Example:
        >>> exporter_named("torch_export").suffix
        '.pt2'
    """
    known = {exporter.name: exporter for exporter in EXPORTERS}
    if name not in known:
        raise UserError("there is no such format", key="name", value=name, choices=list(known))
    chosen = known[name]
    if opset is not None and issubclass(chosen, OnnxExporter):
        return chosen(opset)
    return chosen()
