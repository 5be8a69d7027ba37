"""ONNX files in int8, quantised after training by ONNX Runtime (https://onnxruntime.ai/docs/performance/model-optimizations/)."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.export.onnx_exporter import OnnxExporter

OLDEST_PER_CHANNEL = 13
"""The first version of the operator set whose DequantizeLinear has a scale for each channel, https://onnx.ai/onnx/operators/."""


class OnnxInt8Exporter(OnnxExporter):
    """One ``.int8.onnx`` file: convolutions and linear layers with weights of 7 bits and activations of 8, in bytes.

    Static quantisation: each output channel of a weight has a scale of its own; each activation has a scale and a zero point,
    from the smallest and largest value that it has on the calibration images (Jacob et al., https://arxiv.org/abs/1712.05877).
    The file says so by pairs of QuantizeLinear and DequantizeLinear, which runtimes fuse; input and output stay float32.

    Args:
        opset: version of the ONNX operator set, 13 or newer.
    """

    name = "onnx_int8"
    suffix = ".int8.onnx"
    quantised = True

    def check(self) -> None:
        """Raise a UserError unless PyTorch can write that version, and it knows scales for each channel."""
        super().check()
        if self.opset < OLDEST_PER_CHANNEL:
            what = "ONNX of that version has no scales for each channel, which int8 needs"
            raise UserError(what, key="opset", value=self.opset, expected=f"{OLDEST_PER_CHANNEL} or newer")

    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        """Return the quantised program, a message of ONNX."""
        import onnx
        from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

        program = super().convert(network, images, dynamic_batch, dynamic_size)
        batches = [part for batch in self.calibration for part in torch.split(batch, len(batch) if dynamic_batch else 1)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "float32.onnx"
            super().save(program, path, {})
            quantize_static(
                path,
                path.with_name("int8.onnx"),
                _reader(batches),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                # CPUs without VNNI add pairs of products in 16 bits, which 8 bits of weights overflow: silently, and on these
                # CPUs alone (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
                reduce_range=True,
                # Activations without, weights with a sign: what CPUs multiply fastest.
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
            )
            return onnx.load(path.with_name("int8.onnx"))

    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        """Write the program; see :meth:`Exporter.save`."""
        images = sum(len(batch) for batch in self.calibration)
        said = f"int8, weights per channel, activations by {images} images"
        super().save(program, path, {**metadata, "quantisation": said})


def _reader(batches: list[Tensor]) -> Any:
    """Return calibration images as ONNX Runtime wants them; its class is there only where the package is."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._batches: Iterator[Tensor] = iter(batches)

        def get_next(self) -> Any:
            batch = next(self._batches, None)
            return None if batch is None else {"images": batch.numpy()}

    return Reader()
