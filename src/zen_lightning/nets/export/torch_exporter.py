"""Programs of torch.export (https://docs.pytorch.org/docs/stable/export.html), run by PyTorch without this project."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.nets.export.exporter import Exporter, Runner, dynamic_shapes
from zen_lightning.nets.export.program_check import check_program

METADATA = "metadata.json"


class TorchExporter(Exporter):
    """One ``.pt2`` file; the metadata is the extra file ``metadata.json`` in it."""

    name = "torch_export"
    suffix = ".pt2"

    def convert(self, network: nn.Module, images: Tensor, dynamic_batch: bool, dynamic_size: bool = False) -> Any:
        """Return the exported program."""
        program = torch.export.export(network, (images,), dynamic_shapes=dynamic_shapes(dynamic_batch, dynamic_size))
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)  # Holds paths of the exporting machine.
        return program

    def save(self, program: Any, path: Path, metadata: Mapping[str, str]) -> None:
        """Write the program; see :meth:`Exporter.save`."""
        # Written to memory first: on a full disk torch's archive writer ends the process.
        archive = io.BytesIO()
        torch.export.save(program, archive, extra_files={METADATA: json.dumps(dict(metadata))})
        path.write_bytes(archive.getbuffer())

    def load(self, path: Path) -> Runner:
        """Return the program that was read back."""
        module = _read(path).module()

        def run(images: Tensor) -> Tensor:
            logits: Tensor = module(images)
            return logits

        return run

    def read_metadata(self, path: Path) -> dict[str, str]:
        """Return what its ``metadata.json`` holds."""
        files = {METADATA: ""}
        _read(path, files)
        return {str(key): str(value) for key, value in json.loads(files[METADATA] or "{}").items()}

    def input_shape(self, path: Path) -> tuple[int | None, ...] | None:
        """Return the shape of its first input."""
        program = _read(path)
        names = program.graph_signature.user_inputs
        images = next((node.meta.get("val") for node in program.graph.nodes if names and node.name == names[0]), None)
        return None if images is None else tuple(axis if isinstance(axis, int) else None for axis in images.shape)

    def usage(self, path: Path, resolution: int, channels: int = 3) -> str:
        """Return three lines for PyTorch."""
        return (
            "import torch\n"
            f"network = torch.export.load({str(path)!r}).module()\n"
            f"logits = network(torch.zeros(2, {channels}, {resolution}, {resolution}))"
        )


def _read(path: Path, extra_files: dict[str, str] | None = None) -> Any:
    """Return a program, after looking that reading it runs no code in it."""
    check_program(path)
    return torch.export.load(path, extra_files=extra_files)
