"""Files of weights: of what kind they are, whatever they are called, and those of safetensors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from zen_lightning.errors import UserError, first_line
from zen_lightning.system.memory import check_file_fits
from zen_lightning.system.ordinary_file import holds_file

_LENGTH = 8
"""Bytes of the length of a header of safetensors, https://github.com/huggingface/safetensors#format."""


def is_safetensors(path: Path) -> bool:
    """Whether a file is one of safetensors, by its name or by how it begins: the length of a JSON object, and the object."""
    if path.suffix == ".safetensors":
        return True
    if not path.is_file():
        return False  # A pipe would wait for somebody who writes to it.
    try:
        with path.open("rb") as file:
            head = file.read(_LENGTH + 1)
    except OSError:
        return False
    return head[_LENGTH:] == b"{" and 2 <= int.from_bytes(head[:_LENGTH], "little") <= path.stat().st_size - _LENGTH


@contextmanager
def opened_safetensors(path: Path, key: str = "path") -> Iterator[Any]:
    """Yield a file of safetensors, open, as the package gives it.

    Args:
        path: of the file.
        key: the name of the parameter that named it, for the error.

    Raises:
        UserError: there is no such file, it is larger than the memory that is free, or damaged.
    """
    if not holds_file(path, key=key, remedy="name the file of the weights"):
        raise UserError(f"{path}: there is no such file of weights", key=key)
    check_file_fits(path, key)
    try:
        with _opened(path, key) as file:
            yield file
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path}: a damaged file of weights ({first_line(error)})", key=key) from error


def read_safetensors(path: Path, key: str = "path") -> dict[str, Tensor]:
    """Return the tensors of a file of safetensors; arguments and errors as for :func:`opened_safetensors`."""
    with opened_safetensors(path, key) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)


def _opened(path: Path, key: str) -> Any:
    try:
        return safe_open(path, framework="pt")
    except RuntimeError as error:  # Of PyTorch, which maps the file: more than this process may have (``ulimit -v``).
        raise UserError(f"{path} cannot be read ({first_line(error)})", key=key) from error
