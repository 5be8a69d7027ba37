"""Models of OpenVINO (https://docs.openvino.ai), run by its CPU plug-in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from zen_lightning.errors import first_line
from zen_lightning.nets.export.exporter import Exporter, Runner, dynamic_shapes
from zen_lightning.system.ordinary_file import holds_file

_LARGEST = 64 * 2**20
"""Bytes of the largest graph. A choice: a network of a thousand layers has 3 MB; reading takes several times as much."""

_SECTION = "zen_lightning"
"""Where the metadata are in the ``rt_info`` of a model."""


class OpenVinoExporter(Exporter):
    """A ``.xml`` file with the graph, and a ``.bin`` file of the same name beside it with the weights.

    The metadata are the section ``zen_lightning`` of the model's ``rt_info``. The model is converted from the program of
    ``torch.export`` by OpenVINO's own front end, without its ``convert_model``: that reports each conversion to its makers.
    """

    name = "openvino"
    suffix = ".xml"
    packages: ClassVar[tuple[str, ...]] = ("openvino",)
    extra = "openvino"

    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        """Return the model."""
        from openvino.frontend.pytorch.fx_decoder import TorchFXPythonDecoder

        program = torch.export.export(network, (images,), dynamic_shapes=dynamic_shapes(dynamic_batch, dynamic_size))
        decoder = TorchFXPythonDecoder.from_exported_program(program)
        return named(converted("pytorch", decoder), images, dynamic_batch, dynamic_size)

    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        """Write the model; see :meth:`Exporter.save`."""
        import openvino

        for key, value in metadata.items():
            program.set_rt_info(value, [_SECTION, key])
        for written in (path, *self.companions(path)):
            written.touch()  # OpenVINO's own error does not say why a file cannot be made.
        try:
            openvino.save_model(program, path, compress_to_fp16=False)
        except RuntimeError as error:  # Its only word for a stream that takes no more.
            raise OSError(f"is the disk full? OpenVINO says: {first_line(error)}") from error

    def companions(self, path: Path) -> list[Path]:
        """Return the file of weights."""
        return [path.with_suffix(".bin")]

    def load(self, path: Path) -> Runner:
        """Return the model compiled for the CPU in float32, which some CPUs would otherwise round to bfloat16."""
        import openvino

        holds_file(path, _LARGEST, remedy="its weights belong into the .bin file beside it")
        threads = {"INFERENCE_NUM_THREADS": torch.get_num_threads()}
        compiled = openvino.Core().compile_model(
            _read(path, mapped=False), "CPU", {"INFERENCE_PRECISION_HINT": "f32", **threads}
        )
        # A copy: the next call writes to the same memory.
        return lambda images: torch.from_numpy(compiled(images.numpy())[0].copy())

    def read_metadata(self, path: Path) -> dict[str, str]:
        """Return what the section of the project holds."""
        model = _read(path)
        if not model.has_rt_info([_SECTION]):
            return {}
        return {str(key): str(value) for key, value in model.get_rt_info([_SECTION]).value.items()}

    def input_shape(self, path: Path) -> tuple[int | None, ...] | None:
        """Return the shape of its first input."""
        shape = _read(path).inputs[0].partial_shape
        return tuple(None if axis.is_dynamic else axis.get_length() for axis in shape)

    def usage(self, path: Path, resolution: int, channels: int = 3) -> str:
        """Return three lines for OpenVINO."""
        shape = (2, channels, resolution, resolution)
        return (
            "import numpy, openvino\n"
            f'network = openvino.Core().compile_model({str(path)!r}, "CPU", {{"INFERENCE_PRECISION_HINT": "f32"}})\n'
            f'logits = network(numpy.zeros({shape}, "float32"))["logits"]'
        )


def _read(path: Path, mapped: bool = True) -> Any:
    """Return the model of a file.

    Core.read_model tries the formats of other frameworks, too, whose readers write to the terminal.

    Args:
        path: of the graph.
        mapped: whether its weights are mapped into memory, and not read: what asks the graph alone need not. They are read
            where the model is run, as a file that is cut meanwhile would end the process.
    """
    from openvino.frontend import FrontEndManager

    front_end = FrontEndManager().load_by_framework("ir")
    model = front_end.convert(front_end.load(path, enable_mmap=mapped))
    if not (model.inputs and model.outputs):
        raise ValueError("it has no input or no output")
    return model


def converted(framework: str, source: Any) -> Any:
    """Return a model of OpenVINO from one of another framework, by its name there."""
    from openvino.frontend import FrontEndManager

    front_end = FrontEndManager().load_by_framework(framework)
    read = front_end.load(source)
    return front_end.convert(read)


def named(model: Any, images: Tensor, dynamic_batch: bool, dynamic_size: bool) -> Any:
    """Return a model with the names and the shapes of the other formats."""
    import openvino

    (taken,), (given,) = model.inputs, model.outputs
    taken.get_tensor().set_names({"images"})
    given.get_tensor().set_names({"logits"})
    batch, channels, height, width = images.shape
    sizes = (-1, -1) if dynamic_size else (height, width)
    model.reshape({"images": openvino.PartialShape([-1 if dynamic_batch else batch, channels, *sizes])})
    return model
