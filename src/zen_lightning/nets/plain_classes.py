"""Classes of plain data that checkpoints hold beside tensors: read as data, or left out; none of their code is run."""

import argparse
import pathlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import numpy as np


class LeftOut:
    """Stands for an object whose content nobody needs: it takes any arguments and any state, and keeps nothing."""

    def __new__(cls, *_arguments: Any, **_more: Any) -> "LeftOut":
        """Return one, whatever it is made of."""
        return super().__new__(cls)

    def __setstate__(self, state: Any) -> None:
        """Keep nothing."""


def _dictionary(*_arguments: Any) -> dict[Any, Any]:
    return {}


_OMEGACONF = (
    "dictconfig.DictConfig",
    "listconfig.ListConfig",
    "base.ContainerMetadata",
    "base.Metadata",
    "base.UnionNode",
    "base.SCMode",
    "nodes.AnyNode",
    "nodes.BooleanNode",
    "nodes.BytesNode",
    "nodes.EnumNode",
    "nodes.FloatNode",
    "nodes.IntegerNode",
    "nodes.InterpolationResultNode",
    "nodes.PathNode",
    "nodes.StringNode",
)
"""What Lightning's ``save_hyperparameters`` leaves of a configuration by Hydra."""

_BUILTINS = ("bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple")
"""Types that such nodes name. As names alone they are not called: they too are left out."""

_PATHS = ("PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath", "Path", "PurePath")

_NUMPY_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
"""The module's name before and since NumPy 2."""


def _paths() -> list[tuple[Callable[..., Any], str]]:
    windows = {name: pathlib.PureWindowsPath for name in _PATHS if "Windows" in name}
    kinds = {**dict.fromkeys(_PATHS, pathlib.PurePosixPath), **windows}
    return [(kinds[name], f"{module}.{name}") for name in _PATHS for module in ("pathlib", "pathlib._local")]


def _numpy() -> list[tuple[Callable[..., Any], str]]:
    scalar: Any = np.float64(0).__reduce__()[0]
    array: Any = np.zeros(0).__reduce__()[0]
    numbers = {type(np.dtype(code)) for code in np.typecodes["AllInteger"] + np.typecodes["AllFloat"] + "?"}
    return [
        *((scalar, f"{core}.scalar") for core in _NUMPY_CORES),
        *((array, f"{core}._reconstruct") for core in _NUMPY_CORES),
        (np.ndarray, "numpy.ndarray"),
        (np.dtype, "numpy.dtype"),
        *((kind, f"numpy.dtypes.{kind.__name__}") for kind in numbers),
    ]


ALLOWED: list[Any] = [
    (argparse.Namespace, "argparse.Namespace"),
    *_paths(),
    *_numpy(),
    *((LeftOut, f"omegaconf.{name}") for name in _OMEGACONF),
    *((LeftOut, f"{module}.{name}") for name in _BUILTINS for module in ("builtins", "__builtin__")),
    (LeftOut, "typing.Any"),
    (_dictionary, "collections.defaultdict"),
    *((kind, f"datetime.{kind.__name__}") for kind in (date, datetime, time, timedelta, timezone)),
]
"""For ``torch.serialization.safe_globals``: what stands for each name in a file. None of it can run code: namespaces (timm and
all scripts with argparse), paths, dates, numbers and arrays of NumPy are made; configurations of Hydra are left out."""
