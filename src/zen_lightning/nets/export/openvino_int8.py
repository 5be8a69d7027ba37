"""Models of OpenVINO in int8, from a network that ONNX Runtime quantised."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, nn

from zen_lightning.nets.export.onnx_int8 import OnnxInt8Exporter
from zen_lightning.nets.export.openvino_exporter import OpenVinoExporter, converted, named


class OpenVinoInt8Exporter(OpenVinoExporter):
    """An ``.int8.xml`` file, and an ``.int8.bin`` file beside it: the numbers of ``onnx_int8``, run by OpenVINO."""

    name = "openvino_int8"
    suffix = ".int8.xml"
    packages: ClassVar[tuple[str, ...]] = ("openvino", *OnnxInt8Exporter.packages)
    quantised = True

    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        """Return the quantised model."""
        quantiser = OnnxInt8Exporter()
        quantiser.calibration = self.calibration
        program = quantiser.convert(network, images, dynamic_batch, dynamic_size)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "int8.onnx"
            quantiser.save(program, path, {})
            return named(converted("onnx", str(path)), images, dynamic_batch, dynamic_size)

    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        """Write the model; see :meth:`Exporter.save`."""
        images = sum(len(batch) for batch in self.calibration)
        said = f"int8, weights per channel, activations by {images} images"
        super().save(program, path, {**metadata, "quantisation": said})
