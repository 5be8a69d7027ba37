"""Whether the device answers and everything can be imported: ``preflight.py DEVICE ANSWER``."""

import importlib
import platform
import sys
import traceback
from importlib import metadata, util
from pathlib import Path
from typing import Any

from report import write_json

_NEEDED = (
    "numpy",
    "torch",
    "torchvision",
    "pytorch_lightning",
    "torchmetrics",
    "safetensors",
    "hydra",
    "omegaconf",
    "zen_lightning",
)
_SHOWN = ("torch", "torchvision", "pytorch-lightning", "torchmetrics", "numpy", "timm", "onnx", "onnxruntime", "onnxscript")
_OPTIONAL = ("timm", "onnx", "onnxruntime", "onnxscript", "matplotlib", "rich", "wandb", "moocore", "optuna")


def main() -> None:
    device, answer = sys.argv[1], Path(sys.argv[2])
    try:
        content = {"ok": True, **_look(device)}
    except BaseException as error:
        content = {"ok": False, "error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()[-1800:]}
    write_json(answer, content)


def _look(device: str) -> dict[str, Any]:
    import torch

    # First of all the GPU, so that a machine without one is found out at once.
    name = platform.processor() or platform.machine()
    facts: dict[str, Any] = {}
    if device == "cuda":
        if not torch.cuda.is_available():
            raise RuntimeError("torch finds no CUDA GPU here")
        name = torch.cuda.get_device_name()
        properties = torch.cuda.get_device_properties(0)
        facts = {"memory_gib": round(properties.total_memory / 2**30, 1), "multiprocessors": properties.multi_processor_count}
        square = torch.randn(2048, 2048, device="cuda", dtype=torch.bfloat16)
        if not torch.isfinite((square @ square).float().sum()):
            raise RuntimeError("a matrix product on the GPU is not finite")
        facts |= {"cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    for module in _NEEDED:
        importlib.import_module(module)
    versions = {package: _version(package) for package in _SHOWN}
    absent = [module for module in _OPTIONAL if util.find_spec(module) is None]
    line = f"{name}, Python {platform.python_version()}, torch {versions['torch']}; not installed: {', '.join(absent) or '-'}"
    return {"name": name, **facts, "python": platform.python_version(), "versions": versions, "absent": absent, "line": line}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
