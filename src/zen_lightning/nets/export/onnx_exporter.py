"""ONNX files (https://onnx.ai), run by onnxruntime."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.nets.export.exporter import Exporter, Runner, dynamic_shapes

OPSET = 18
"""The version that torch's exporter writes without conversion; newer ones it converts."""

OLDEST_OPSET = 7
"""The oldest version that PyTorch writes, by tracing."""

_PROTOBUF_LIMIT = 2**31
"""Bytes that one message of protobuf can hold, https://protobuf.dev/programming-guides/encoding/#size-limits."""

_FIRST = {bytes([one]) for one in (0x08, 0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72, 0xA2, 0xCA, 0xD2)}
"""First bytes of a file: of the numbers of the fields of a ModelProto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto."""

_STACK_TRACE = "pkg.torch.onnx.stack_trace"  # Holds paths of the exporting machine.


class OnnxExporter(Exporter):
    """One ``.onnx`` file, weights included, with the input ``images`` and the output ``logits``.

    Args:
        opset: version of the ONNX operator set.
    """

    name = "onnx"
    suffix = ".onnx"
    packages = ("onnx", "onnxscript", "onnxruntime")

    def __init__(self, opset: int = OPSET) -> None:
        self.opset = opset

    def check(self) -> None:
        """Raise a UserError unless there is such a version of the operator set, and PyTorch can write it."""
        import onnx

        newest = onnx.defs.onnx_opset_version()
        if not OLDEST_OPSET <= self.opset <= newest:
            what = f"torch {torch.__version__} cannot write this version of ONNX"
            remedy = f"it can write {OPSET}, and any from {OLDEST_OPSET} to {newest}"
            raise UserError(what, key="opset", value=self.opset, remedy=remedy)

    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        """Return the program of torch's exporter, a message of ONNX."""
        self.check()
        if self.opset < OPSET:
            return self._traced(network, images, dynamic_batch, dynamic_size)
        program = torch.onnx.export(
            network,
            (images,),
            input_names=["images"],
            output_names=["logits"],
            opset_version=self.opset,
            dynamic_shapes=dynamic_shapes(dynamic_batch, dynamic_size, ("height", "width")),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        assert program is not None
        found = program.model.opset_imports[""]
        if found != self.opset:  # If the conversion fails, torch leaves its own version with a warning.
            what = f"torch {torch.__version__} cannot write this version of ONNX"
            raise UserError(what, key="opset", value=self.opset, remedy=f"it can write {found}")
        for node in program.model.graph:
            node.metadata_props.pop(_STACK_TRACE, None)
        return program

    def _traced(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool) -> Any:
        """Return the program of torch's exporter by tracing, which writes versions that the newer one cannot convert to."""
        import onnx

        buffer = io.BytesIO()
        images_axes = ({0: "batch"} if dynamic_batch else {}) | ({2: "height", 3: "width"} if dynamic_size else {})
        axes = {"images": images_axes} | ({"logits": {0: "batch"}} if dynamic_batch else {})
        torch.onnx.export(
            network,
            (images,),
            buffer,  # type: ignore[arg-type]
            input_names=["images"],
            output_names=["logits"],
            opset_version=self.opset,
            dynamic_axes=axes if images_axes else None,
            dynamo=False,
        )
        return onnx.load_from_string(buffer.getvalue())

    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        """Write the program; see :meth:`Exporter.save`."""
        import onnx

        if isinstance(program, onnx.ModelProto):
            onnx.helper.set_model_props(program, dict(metadata))
            onnx.save(program, path)
            return
        program.model.metadata_props.update(metadata)
        size = sum(value.const_value.nbytes for value in program.model.graph.initializers.values())
        if size >= _PROTOBUF_LIMIT:
            what = f"{path}: {size:,} bytes of weights are more than the 2 GB that one ONNX file can hold"
            raise UserError(what, remedy="use torch_export")
        program.save(path, external_data=False)

    def load(self, path: Path) -> Runner:
        """Return a session of onnxruntime, after checking that the file is valid."""
        import onnx
        import onnxruntime

        with path.open("rb") as file:
            if file.read(1) not in _FIRST:  # ONNX would read all of it into memory first.
                raise ValueError("it does not begin as a file of ONNX")
        onnx.checker.check_model(path, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 4  # What is an error is raised, too.
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name  # Files of others have names of their own.
        return lambda images: torch.from_numpy(session.run(None, {name: images.numpy()})[0])

    def read_metadata(self, path: Path) -> dict[str, str]:
        """Return its ``metadata_props``."""
        import onnx

        model = onnx.load(path, load_external_data=False)
        return {prop.key: prop.value for prop in model.metadata_props}

    def input_shape(self, path: Path) -> tuple[int | None, ...] | None:
        """Return the shape of its first input that is no weight."""
        import onnx

        graph = onnx.load(path, load_external_data=False).graph
        weights = {weight.name for weight in graph.initializer}
        images = next((value for value in graph.input if value.name not in weights), None)
        if images is None:
            return None
        return tuple(axis.dim_value or None for axis in images.type.tensor_type.shape.dim)

    def usage(self, path: Path, resolution: int, channels: int = 3) -> str:
        """Return three lines for onnxruntime."""
        shape = (2, channels, resolution, resolution)
        return (
            "import numpy, onnxruntime\n"
            f"session = onnxruntime.InferenceSession({str(path)!r})\n"
            f'logits = session.run(["logits"], {{"images": numpy.zeros({shape}, "float32")}})[0]'
        )

    def facts(self, program: Any) -> dict[str, Any]:
        """Return its opset."""
        return {"opset": self.opset}
