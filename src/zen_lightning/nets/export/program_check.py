"""Looks at a file of torch.export before PyTorch reads it, which would run code in it.

``torch.export.load`` unpickles what asks for it, evaluates texts (guards, expressions of sizes), calls whatever attribute of
``torch`` a node names, and loads compiled libraries. What is left here is a graph of ATen's operations on plain tensors.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from zen_lightning.nets.export.program_operations import is_allowed

_MEMBER = re.compile(
    r"data/(weights/weight_\d+|constants/tensor_\d+|weights/model_weights_config\.json|constants/model_constants_config\.json"
    r"|sample_inputs/model\.pt)|models/model\.json|extra/[\w./-]+|archive_format|archive_version|byteorder"
    r"|\.data/(version|serialization_id)|\.format_version|\.storage_alignment|version"
)
_CONFIGS = ("data/weights/model_weights_config.json", "data/constants/model_constants_config.json")
_PAYLOAD = re.compile(r"(weight|tensor)_\d+")

_OPERATION = re.compile(
    r"torch\.sym_\w+|_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|pow|neg|eq|ne|lt|le|gt|ge|and_|or_)|math\.(ceil|floor|trunc|sqrt)"
)
_LOOKED_UP = ("torch", "_operator", "math", "#")
"""Beginnings of the texts that PyTorch takes for the name of a function, wherever they stand."""

_WORD = re.compile(r"\w*")
_DOTTED = re.compile(r"[\w.+]*")
_WITH_DOTS = ("parameter_name", "buffer_name", "tensor_constant_name", "fqn", "target", "torch_version")
_EQUATION = re.compile(r"[A-Za-z. ]+(,[A-Za-z. ]+)*(->[A-Za-z. ]*)?")
"""An equation of ``einsum``, the one text with signs that is handed to an operation."""

_NOTES = ("nn_module_stack", "torch_fn", "stack_trace")
"""What a node says of the code that it was traced from: read as text."""

_SYMBOL = re.compile(r"Symbol\('[a-z]+\d+'((, \w+=(True|False))*)\)")
_EXPRESSION = re.compile(r"[\w(), =<>*/+-]*")
_SIZE = re.compile(r"L(\['?\w+'?\])+\.(size|stride)\(\)\[\d+\]")
"""A size of an input, in a guard: what the program asserts of the images that it is given."""

_GUARD = re.compile(r"[\w(), =<>!*/%+-]*")
_FUNCTIONS = frozenset(
    (
        *("Add", "Mul", "Pow", "Integer", "Rational", "Max", "Min", "Mod", "FloorDiv", "CeilDiv", "CleanDiv", "PythonMod"),
        *("ModularIndexing", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "True", "False", "and", "or", "not"),
    )
)
"""Of SymPy and PyTorch: all that an expression of a size may call."""


def check_program(path: Path) -> None:
    """Look whether a ``.pt2`` file is a graph of known operations of ATen on plain tensors, and holds nothing else.

    Args:
        path: the file.

    Raises:
        ValueError: it holds what PyTorch would run, or it is no such file. Nothing of it was run.
    """
    with zipfile.ZipFile(path) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("parts of it are compressed, as none of PyTorch's are")  # A few MB may hold many GB.
        seen = sorted(name.partition("/")[2] for name in archive.namelist())
    reader: Any = torch._C.PyTorchFileReader(str(path))  # What torch.export.load reads with: it sees the same as this.
    names = sorted(reader.get_all_records())
    if len(set(seen)) < len(seen) or seen != names:
        raise _refused("files of the same name, or outside of its folder")
    for name in names:
        if not _MEMBER.fullmatch(name):
            raise _refused(name)
    for config in set(_CONFIGS).intersection(names):
        for key, payload in json.loads(reader.get_record(config))["config"].items():
            if payload["use_pickle"] or not _PAYLOAD.fullmatch(payload["path_name"]):
                raise _refused(f"pickled objects ({key})")
    inputs = "data/sample_inputs/model.pt"
    if inputs in names:
        try:
            torch.load(io.BytesIO(reader.get_record(inputs)), weights_only=True)
        except Exception as error:  # Where this fails, torch.export.load goes on to unpickle them.
            raise _refused("pickled objects (its sample inputs)") from error
    if "models/model.json" not in names:
        raise ValueError("it holds no program")
    for key, text in _texts(json.loads(reader.get_record("models/model.json")), ""):
        _check_text(key, text)


def _refused(what: str) -> ValueError:
    return ValueError(
        f"it holds {what}, which PyTorch might run; only a graph of operations of ATen that check their inputs, on plain "
        "tensors, is read, and nothing of the file was run. Export it to ONNX instead, whose files hold no code"
    )


def _texts(node: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a program with the key that it stands under; names of keys as ``key``."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield "key", name
            if name in ("as_custom_obj", "custom_obj") and value:
                raise _refused(name)
            yield from _texts(value, f"metadata.{name}" if key == "metadata" else name)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, key)
    elif isinstance(node, str):
        yield key, node


def _check_text(key: str, text: str) -> None:
    if key == "expr_str":
        good = _is_arithmetic(_SYMBOL.sub("0", text), _EXPRESSION)
    elif key == "guards_code":
        good = _is_arithmetic(_SIZE.sub("0", text), _GUARD)
    elif key in ("in_spec", "out_spec"):
        good = _is_plain_tree(json.loads(text))
    elif key.startswith("metadata."):
        good = key.partition(".")[2] in _NOTES
    elif text.startswith(_LOOKED_UP) and key != "key":
        good = bool(_OPERATION.fullmatch(text)) or is_allowed(text)
    else:
        good = bool((_DOTTED if key in _WITH_DOTS else _WORD).fullmatch(text))
        good = good or (key == "as_string" and bool(_EQUATION.fullmatch(text)))
    if not good:
        raise _refused(f"{key.replace('key', 'the name')} {text[:80]!r}")


def _is_arithmetic(text: str, allowed: re.Pattern[str]) -> bool:
    return bool(allowed.fullmatch(text)) and set(re.findall(r"[^\W\d]\w*", text)) <= _FUNCTIONS


def _is_plain_tree(node: Any) -> bool:
    """Whether the inputs or outputs are tuples, lists and dictionaries of tensors, and no classes."""
    if isinstance(node, dict):
        context = str(node.get("context"))
        plain = node.get("type") in (None, "builtins.tuple", "builtins.list", "builtins.dict")
        return plain and bool(re.fullmatch(r'None|null|\[[\w", ]*\]', context)) and _is_plain_tree(node.get("children_spec"))
    return all(map(_is_plain_tree, node)) if isinstance(node, list) else node is None or isinstance(node, int)
