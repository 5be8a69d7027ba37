"""Of what kind a file of weights is, whatever it is called."""

from pathlib import Path

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
