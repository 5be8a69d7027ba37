"""From text with primitive blocks to nodes. Nesting is bounded, so the recursion is too."""

from collections.abc import Callable, Sequence

from zen_lightning.arch.block import families
from zen_lightning.arch.errors import ArchitectureError
from zen_lightning.arch.parser import (
    LABEL,
    MAX_BLOCKS,
    MAX_LAYERS,
    block_name,
    check_length,
    expect,
    parse_block,
    parse_number,
    word_at,
)
from zen_lightning.arch.plain.containers import BranchBlock, Row, ShortcutBlock, SuperNode
from zen_lightning.arch.plain.genet import GenetBlock, is_expansion
from zen_lightning.arch.plain.layers import (
    AdaptiveAvgPool,
    BatchNorm,
    ConvLayer,
    Flatten,
    Linear,
    MaxPool,
    Relu,
    Squeeze,
    Swish,
)
from zen_lightning.arch.plain.names import CONTAINERS, GENET, LAYERS, NAMES
from zen_lightning.arch.plain.node import Form, Node, UnchainedError
from zen_lightning.errors import UserError

MAX_DEPTH = 32
"""The most blocks within each other. A choice: far beyond what people write."""

_GENET_ARGUMENTS = ("in_channels", "out_channels", "kernel_size", "stride", "expansion", "sub_layers")
_AT_THE_END = (Flatten, Linear)


def parse_nodes(text: str, in_channels: int = 3) -> tuple[Node, ...]:
    """Return the blocks that ``text`` names, those of the top level.

    Args:
        text: a structure string; white space around it is allowed.
        in_channels: channels that the first block must take.

    Raises:
        ArchitectureError: the text is no structure string, does not chain, or passes a limit.
    """
    check_length(text)
    position, end = len(text) - len(text.lstrip()), len(text.rstrip())
    reader = _Reader(text, end)
    nodes: list[Node] = []
    while position < end:
        node, position = reader.block(position, 1)
        nodes.append(node)
    return reader.chained(nodes, Form(in_channels))


class _Reader:
    """Reads one text.

    Args:
        text: the whole text.
        end: where it ends, white space not counted.
    """

    def __init__(self, text: str, end: int) -> None:
        self._text = text
        self._end = end
        self._places: dict[int, int] = {}
        self._kept: list[Node] = []  # So that no id is given twice.
        self._layers = 0

    def block(self, position: int, depth: int) -> tuple[Node, int]:
        """Return the block at a position, and the position after it."""
        if len(self._kept) >= MAX_BLOCKS:
            raise ArchitectureError(f"more than {MAX_BLOCKS} blocks", self._text, position)
        if depth > MAX_DEPTH:
            raise ArchitectureError(f"more than {MAX_DEPTH} blocks within each other", self._text, position)
        name = block_name(self._text, position, self._end, NAMES)
        node: Node
        if name not in NAMES and name in families:
            block, after = parse_block(self._text, position, self._end)
            node = SuperNode(block)
        else:
            start = expect(self._text, position + len(name), self._end, "(", f"after {name}")
            label = LABEL.match(self._text, start, self._end)
            start = label.end() if label is not None else start
            read = self._container if name in CONTAINERS else self._genet if name in GENET else self._layer
            node, after = read(name, position, start, depth)
        self._layers += node.layers if name not in CONTAINERS else 0
        if self._layers > MAX_LAYERS:
            raise ArchitectureError(f"more than {MAX_LAYERS} layers in total", self._text, position)
        self._place(node, position)
        return node, after

    def chained(self, nodes: Sequence[Node], form: Form) -> tuple[Node, ...]:
        """Return the blocks of the top level, each able to read what arrives; a Flatten now knows its size."""
        found, form = self._chain(nodes, form)
        if form.is_row and form.size is None:
            place, expected = self._places[id(found[-1])], f"AdaptiveAvgPool({form.channels},1) before it, or a Linear after it"
            raise ArchitectureError(f"{found[-1].text} ends the text, of an unknown size", self._text, place, expected)
        return found

    def _chain(self, nodes: Sequence[Node], form: Form) -> tuple[tuple[Node, ...], Form]:
        found: list[Node] = []
        for index, given in enumerate(nodes):
            node, place = given, self._places[id(given)]
            try:
                if isinstance(node, Flatten) and not form.is_row:
                    following = nodes[index + 1] if index + 1 < len(nodes) else None
                    if form.size is not None:
                        node = node.of_side(form.size)
                    elif isinstance(following, Linear):
                        node = node.of_features(following.in_channels)
                if _holds_end(node) and isinstance(node, Row):
                    parts, form = self._chain(node.parts, form)
                    node = Row(node.text, parts)
                else:
                    form = node.after(form)
            except UnchainedError as error:
                place = self._places.get(id(error.node), place)
                raise ArchitectureError(error.problem, self._text, place, error.wanted) from None
            except ArchitectureError:
                raise
            except UserError as error:
                raise ArchitectureError(error.said, self._text, place) from None
            self._place(node, place)
            found.append(node)
        return tuple(found), form

    def _place(self, node: Node, position: int) -> None:
        self._places[id(node)] = position
        self._kept.append(node)

    def _integers(self, position: int, name: str, arguments: Sequence[str]) -> tuple[list[int], int]:
        signature = f"{name}({', '.join(arguments)})"
        numbers: list[int] = []
        for index, argument in enumerate(arguments):
            if argument == "bias":
                if position >= self._end or self._text[position] != ",":
                    break
                word = word_at(self._text, position + 1, self._end)
                if word not in ("0", "1"):
                    raise ArchitectureError(f"{word!r} is no bias", self._text, position + 1, "0 or 1")
                numbers.append(int(word))
                position += 2
                continue
            if index:
                position = expect(self._text, position, self._end, ",", f"before {argument} of {signature}")
            value, position = parse_number(self._text, position, self._end, f"{argument} of {signature}")
            numbers.append(value)
        where = f"after the {len(numbers)} arguments of {signature}"
        return numbers, expect(self._text, position, self._end, ")", where)

    def _layer(self, name: str, start: int, position: int, depth: int) -> tuple[Node, int]:
        numbers, after = self._integers(position, name, LAYERS[name])
        text = f"{name}({','.join(map(str, numbers))})"
        make: Callable[..., Node] | None = _SIMPLE.get(name)
        if make is not None:
            return make(text, *numbers), after
        if name == "Linear":
            return Linear(text, numbers[0], numbers[1], bias=len(numbers) < 3 or numbers[2] == 1), after
        if name == "ConvDW":
            channels, kernel_size, stride = numbers
            return ConvLayer(text, channels, channels, kernel_size, stride, groups=channels), after
        groups = int(name.removeprefix("ConvKXG")) if name.startswith("ConvKXG") else 1
        if numbers[0] % groups or numbers[1] % groups:
            raise ArchitectureError(f"{text} has {groups} groups", self._text, start, f"channels that {groups} divides")
        arrives, leaves, kernel_size, stride = numbers
        if name in ("ConvKXBN", "ConvKXBNRELU"):
            conv = ConvLayer(f"ConvKX({','.join(map(str, numbers))})", arrives, leaves, kernel_size, stride)
            inner: list[Node] = [conv, BatchNorm(f"BN({leaves})", leaves, leaves)]
            inner += [Relu(f"RELU({leaves})", leaves, leaves)] if name.endswith("RELU") else []
            return Row(text, inner), after
        return ConvLayer(text, arrives, leaves, kernel_size, stride, groups), after

    def _genet(self, name: str, start: int, position: int, depth: int) -> tuple[Node, int]:
        signature = f"{name}({', '.join(_GENET_ARGUMENTS)})"
        integers: list[int] = []
        expansion = ""
        for index, argument in enumerate(_GENET_ARGUMENTS):
            if index:
                position = expect(self._text, position, self._end, ",", f"before {argument} of {signature}")
            if argument == "expansion":
                expansion = word_at(self._text, position, self._end)
                if not is_expansion(expansion):
                    wanted = f"{argument} of {signature}, a number such as 0.25"
                    raise ArchitectureError(f"{expansion!r} is no expansion", self._text, position, wanted)
                position += len(expansion)
            else:
                value, position = parse_number(self._text, position, self._end, f"{argument} of {signature}")
                integers.append(value)
        after = expect(self._text, position, self._end, ")", f"after the {len(_GENET_ARGUMENTS)} arguments of {signature}")
        block = GenetBlock(name, tuple(integers), expansion)  # type: ignore[arg-type]
        if block.bottleneck_channels < 1 or (name == "SuperResK1DW" and block.bottleneck_channels != block.out_channels):
            least = "1" if name == "SuperResK1DW" else "one that leaves a channel"
            raise ArchitectureError(f"{block.text} has an expansion of {expansion}", self._text, start, least)
        return SuperNode(block), after

    def _container(self, name: str, start: int, position: int, depth: int) -> tuple[Node, int]:
        numbers: list[int] = []
        if name.startswith("ResBlock"):
            numbers, position = self._leading_integers(position)
        branches: list[list[Node]] = [[]]
        while position < self._end and self._text[position] != ")":
            if self._text[position] == ";" and name.startswith("Multi"):
                branches.append([])
                position += 1
                continue
            place = position
            node, position = self.block(position, depth + 1)
            if name != "Sequential" and _holds_end(node):
                what = f"{node.text} stands in a {name}"
                raise ArchitectureError(what, self._text, place, "Flatten and Linear at the end of the whole text only")
            branches[-1].append(node)
        after = expect(self._text, position, self._end, ")", f"at the end of {name}")
        inside = ";".join("".join(node.text for node in branch) for branch in branches)
        if name == "Sequential" or name.startswith("Multi"):
            text = f"{name}({inside})"
            if not all(branches):
                raise ArchitectureError(f"{name} has nothing in it", self._text, start, "one block or more in each branch")
            if name == "Sequential":
                return Row(text, branches[0]), after
            rows = [Row(branch[0].text if len(branch) == 1 else inside, branch) for branch in branches]
            return BranchBlock(text, rows, adds=name == "MultiSumBlock"), after
        return self._shortcut(name, start, numbers, branches[0], inside), after

    def _leading_integers(self, position: int) -> tuple[list[int], int]:
        numbers: list[int] = []
        while len(numbers) < 2 and position < self._end and self._text[position].isdigit():
            value, position = parse_number(self._text, position, self._end, ("in_channels", "stride")[len(numbers)])
            numbers.append(value)
            if position < self._end and self._text[position] == ",":
                position += 1
            elif position >= self._end or self._text[position] != ")":
                expect(self._text, position, self._end, ",", "after an integer of ResBlock")
        return numbers, position

    def _shortcut(self, name: str, start: int, numbers: list[int], body: list[Node], inside: str) -> Node:
        text = f"{name}({','.join([*map(str, numbers), *([inside] if body else [])])})"
        if not body and (name != "ResBlock" or not numbers or numbers[1:] not in ([], [1])):
            expected = "blocks in it; only ResBlock(in) and ResBlock(in,1) are without, and change nothing"
            raise ArchitectureError(f"{text} has nothing in it", self._text, start, expected)
        row = Row(inside, body, numbers[0] if numbers else 0)
        if any(_holds(node, AdaptiveAvgPool) for node in body):
            what = f"{text} has an AdaptiveAvgPool in it, which its shortcut cannot follow"
            raise ArchitectureError(what, self._text, start, "AdaptiveAvgPool outside of ResBlock")
        for said, found, what in zip(numbers, (row.in_channels, row.stride), ("in_channels", "stride"), strict=False):
            if said != found:
                problem = f"{text} says {what} {said}, but the blocks in it have {found}"
                raise ArchitectureError(problem, self._text, start, f"{found}, or other blocks")
        return ShortcutBlock(text, row, projects=name == "ResBlockProj")


_SIMPLE: dict[str, Callable[..., Node]] = {
    "BN": lambda text, channels: BatchNorm(text, channels, channels),
    "RELU": lambda text, channels: Relu(text, channels, channels),
    "Swish": lambda text, channels: Swish(text, channels, channels),
    "SE": lambda text, channels: Squeeze(text, channels, channels),
    "MaxPool": lambda text, channels, kernel_size, stride: MaxPool(text, channels, channels, kernel_size, stride),
    "AdaptiveAvgPool": AdaptiveAvgPool,
    "Flatten": Flatten,
}


def _holds(node: Node, kind: type[Node] | tuple[type[Node], ...]) -> bool:
    """Whether a block is of a kind, or has one of it in it."""
    if isinstance(node, kind):
        return True
    inner = node.parts if isinstance(node, Row) else node.branches if isinstance(node, BranchBlock) else ()
    return any(_holds(one, kind) for one in inner)


def _holds_end(node: Node) -> bool:
    return _holds(node, _AT_THE_END)
