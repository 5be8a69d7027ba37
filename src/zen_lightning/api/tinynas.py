"""Structures in the notation of TinyNAS: Python lists of dictionaries, one a block."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.api.structure_text import literal
from zen_lightning.errors import UserError

_WRAPPERS = ("best_structures", "structure_info", "block_list", "structure")
"""Keys under which its files keep a list."""

_POOLED = "where it strides it averages its shortcut over 2 x 2, and its projection has no bias, which no block here does"
_REASONS = {
    "SuperResKXKX": _POOLED,
    "SuperResK1KXK1": _POOLED,
    "SuperResK1KX": _POOLED,
    "SuperResK1DWK1": _POOLED,
    "SuperResK1DWSEK1": _POOLED,
}


def structure_of(text: str, origin: str, key: str = "arch") -> str:
    """Return the structure string of a list of TinyNAS. Nothing in the text is executed.

    Args:
        text: a list of dictionaries; or a dictionary that holds one, or one alone in a list of lists.
        origin: where the text is from, for errors.
        key: what named it, for errors.

    Raises:
        UserError: it is no such list, holds several, or a block that is not certainly one of this project.

    Example:
        >>> structure_of("[{'class': 'ConvKXBNRELU', 'in': 3, 'out': 16, 'k': 3, 's': 2}]", "net.txt")
        'ConvKXBNRELU(3,16,3,2)'
    """
    found = literal(text)
    if found is None:
        what = f"{origin}: begins as a list of TinyNAS, but is no Python list of dictionaries"
        raise UserError(what, key=key, expected="[{'class': 'ConvKXBNRELU', 'in': 3, 'out': 16, 'k': 3, 's': 2}, ...]")
    blocks = _list_of(found, origin, key)
    return "".join(_block(block, number, origin, key) for number, block in enumerate(blocks, start=1))


def _list_of(found: Any, origin: str, key: str) -> Sequence[Any]:
    """Return the list of blocks, out of what is around it."""
    while True:
        if isinstance(found, Mapping) and "class" in found:
            return [found]
        if isinstance(found, Mapping):
            inner = next((found[name] for name in _WRAPPERS if name in found), None)
            if inner is None:
                what = f"{origin}: a dictionary as of TinyNAS, without a list of blocks"
                raise UserError(what, key=key, expected=f"one of the keys {', '.join(_WRAPPERS)}")
            found = inner
        elif isinstance(found, list | tuple) and found and isinstance(found[0], list | tuple):
            if len(found) > 1:
                what = f"{origin}: holds {len(found)} structures of TinyNAS"
                raise UserError(what, key=key, remedy="keep the one that is meant")
            found = found[0]
        elif isinstance(found, list | tuple) and found:
            return found
        else:
            raise UserError(f"{origin}: holds no block", key=key, expected="a list of dictionaries")


def _block(block: Any, number: int, origin: str, key: str) -> str:
    where = f"{origin}: block {number} of a list of TinyNAS"
    if not isinstance(block, Mapping) or not isinstance(block.get("class"), str):
        raise UserError(f"{where} is no dictionary with a class", key=key)
    name = block["class"]
    if name in ("ConvKXBNRELU", "ConvKXBN"):
        needed: tuple[str, ...] = ("in", "out", "k", "s")
    elif name == "SuperResIDWEXKX" and "e" in block:
        needed = ("in", "out", "s", "btn", "L", "e", "k")
    else:
        reason = _REASONS.get(name, "it is not certain which block here it would be")
        remedy = "write the network in the blocks of docs/structures.md"
        raise UserError(f"{where}, {name}, is not read: {reason}", key=key, remedy=remedy)
    if left := sorted(set(map(str, block)) - set(needed) - {"class"} - _harmless(block)):
        raise UserError(f"{where}, {name}, has {', '.join(left)}, which blocks here have not", key=key)
    values = [_whole(block.get(one, 1 if one == "s" else None)) for one in needed]
    wrong = [one for one, value in zip(needed, values, strict=True) if not isinstance(value, int) or isinstance(value, bool)]
    if wrong:
        raise UserError(f"{where}, {name}, has no {wrong[0]}", key=key, expected="a whole number")
    if name == "SuperResIDWEXKX":
        *integers, expansion, kernel = values
        return f"SuperResIDWE{expansion}K{kernel}({','.join(map(str, integers))})"
    return f"{name}({','.join(map(str, values))})"


def _whole(value: Any) -> Any:
    """Return a whole number that is written as a text, or with a point, as such; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10 else value


def _harmless(block: Mapping[Any, Any]) -> set[str]:
    """Return the keys that say what holds anyway."""
    kernel = block.get("k")
    usual = {"g": 1, "act": "relu", "p": (kernel - 1) // 2 if isinstance(kernel, int) else None}
    return {name for name, value in usual.items() if block.get(name) == value}
