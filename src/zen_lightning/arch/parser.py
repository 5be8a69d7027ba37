"""From text to super-blocks. One pass over the line, no recursion, stated limits."""

import re
from collections.abc import Sequence

from zen_lightning.arch.block import SuperBlock, families, make_block
from zen_lightning.arch.errors import ArchitectureError
from zen_lightning.arch.plain.names import NAMES
from zen_lightning.errors import nearest

MAX_CHARACTERS = 65_536
MAX_BLOCKS = 1_024
MAX_LAYERS = 4_096
MAX_ARGUMENT = 1_000_000
"""Limits of a structure string: its length, its super-blocks, its layers in total, and any one integer.

A choice: far beyond what anyone trains (the deepest published network has 30 layers in 10 super-blocks), and low enough that
no file read by mistake fills the memory.
"""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LABEL = re.compile(r"[^(),|\r\n]*\|")
"""What may come first inside the parentheses; it has no effect."""

_NUMBER = re.compile(r"[^,()]*")
_SHOWN = 40
"""Characters of a text that an error quotes. A choice: longer than any name of a super-block."""


def parse_blocks(text: str, in_channels: int = 3) -> tuple[SuperBlock, ...]:
    """Return the super-blocks that ``text`` names.

    Args:
        text: a structure string; white space around it is allowed.
        in_channels: channels that the first block must take.

    Raises:
        ArchitectureError: the text is not a structure string, does not chain, or passes a limit.
    """
    check_length(text)
    position = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    blocks: list[SuperBlock] = []
    layers, channels = 0, in_channels
    while position < end:
        if len(blocks) == MAX_BLOCKS:
            raise ArchitectureError(f"more than {MAX_BLOCKS} super-blocks", text, position)
        start = position
        block, position = parse_block(text, position, end)
        if block.in_channels != channels:
            origin = f"{blocks[-1].text} gives" if blocks else "the image has"
            problem = f"{block.text} takes {block.in_channels} channels, but {origin} {channels}"
            raise ArchitectureError(problem, text, start, f"in_channels = {channels}")
        layers += block.sub_layers
        if layers > MAX_LAYERS:
            raise ArchitectureError(f"more than {MAX_LAYERS} layers in total", text, start)
        channels = block.out_channels
        blocks.append(block)
    return tuple(blocks)


def check_length(text: str) -> None:
    """Refuse a text that is too long, or empty.

    Raises:
        ArchitectureError: it is.
    """
    if len(text) > MAX_CHARACTERS:
        problem = f"the text has {len(text)} characters, over the limit of {MAX_CHARACTERS}"
        raise ArchitectureError(problem, text, MAX_CHARACTERS)
    if not text.strip():
        raise ArchitectureError("the text is empty", text, 0, "a super-block such as SuperConvK3BNRELU(3,8,1,1)")


def block_name(text: str, position: int, end: int, more: Sequence[str] = ()) -> str:
    """Return the name of the block at a position.

    Args:
        text: the whole text.
        position: where the name starts.
        end: where the text ends.
        more: names that are known, beside those of the super-blocks.

    Raises:
        ArchitectureError: there is no name, or no block has it.
    """
    match = _NAME.match(text, position, end)
    if match is None:
        found = "white space" if text[position].isspace() else repr(text[position])
        raise ArchitectureError(f"{found} where a super-block starts", text, position, "the name of a super-block")
    name = match.group()
    if name not in families and name not in more:
        shown = name[:_SHOWN]
        suggestion = nearest(shown, [*families.names(), *NAMES]) or "; the families are " + ", ".join(families.templates())
        raise ArchitectureError(f"unknown super-block {shown!r}", text, position, f"a known name{suggestion}")
    return name


def parse_block(text: str, position: int, end: int) -> tuple[SuperBlock, int]:
    """Return the super-block at a position, and the position after it.

    Raises:
        ArchitectureError: there is none.
    """
    name = block_name(text, position, end)
    family = families[name]
    position = expect(text, position + len(name), end, "(", f"after {name}")
    label = LABEL.match(text, position, end)
    if label is not None:
        position = label.end()
    args: list[int] = []
    for index, argument in enumerate(family.arguments):
        if index:
            position = expect(text, position, end, ",", f"before {argument} of {_signature(name, family)}")
        value, position = parse_number(text, position, end, f"{argument} of {_signature(name, family)}")
        args.append(value)
    position = expect(text, position, end, ")", f"after the {len(args)} arguments of {_signature(name, family)}")
    return make_block(name, *args), position


def word_at(text: str, position: int, end: int) -> str:
    """Return what stands before the next comma or bracket."""
    match = _NUMBER.match(text, position, end)
    return match.group() if match else ""


def parse_number(text: str, position: int, end: int, what: str) -> tuple[int, int]:
    """Return the integer at a position, and the position after it.

    Raises:
        ArchitectureError: there is none, or it is out of range.
    """
    word = word_at(text, position, end)
    expected = f"{what}, an integer from 1 to {MAX_ARGUMENT}"
    if not (word.isascii() and word.isdigit()):
        found = f"{word[:_SHOWN]!r}" if word else ("the end" if position == end else repr(text[position]))
        raise ArchitectureError(f"{found} is not a number", text, position, expected)
    digits = word.lstrip("0")
    if not digits or len(digits) > len(str(MAX_ARGUMENT)) or int(digits) > MAX_ARGUMENT:
        raise ArchitectureError(f"{word[:_SHOWN]} is out of range", text, position, expected)
    return int(digits), position + len(word)


def expect(text: str, position: int, end: int, character: str, where: str) -> int:
    """Return the position after a character.

    Raises:
        ArchitectureError: there is another one.
    """
    if position < end and text[position] == character:
        return position + 1
    found = repr(text[position]) if position < end else "the end"
    raise ArchitectureError(f"{found}", text, position, f"{character!r} {where}")


def _signature(name: str, family: type[SuperBlock]) -> str:
    return f"{name}({', '.join(family.arguments)})"
