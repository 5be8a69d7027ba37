"""The super-block: what a family is, how it registers, how a block is made."""

import contextlib
import itertools
import string
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar, TypeVar

from zen_lightning.arch.primitives import Unit
from zen_lightning.errors import UserError


class SuperBlock(ABC):
    """One super-block of an architecture: a name and positive integers.

    A family subclasses this and is registered by :func:`super_block`. Blocks are immutable, and :func:`make_block` returns the
    same object for the same name and integers while it is cached, so that what is computed for a block can be stored with it.

    Attributes:
        arguments: class attribute, the names of the integers in the order of the text, ``in_channels`` first.
        channels_by_input: class attribute, whether widths inside the block depend on its input width.
        split_from: class attribute, the number of sub-layers from which :meth:`split` returns two blocks.
        by_formula: class attribute, whether the family has formulas beside its expansion; see
            :class:`~zen_lightning.arch.super_res.SuperRes`.
        name: the name as written, ``SuperResK3K3``; values that it fixes are attributes too.
        args: the integers, in the order of ``arguments``; each is an attribute too.
        cache: results that counts, the closed form and other readers have computed for this block, by keys of their own.
    """

    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride", "sub_layers")
    channels_by_input: ClassVar[bool] = False
    split_from: ClassVar[int] = sys.maxsize
    by_formula: ClassVar[bool] = False
    name: ClassVar[str]

    in_channels: int
    out_channels: int
    stride: int
    sub_layers: int

    def __init__(self, args: tuple[int, ...]) -> None:
        self.args = args
        self.cache: dict[Any, Any] = {}
        self._units: tuple[Unit, ...] | None = None
        self.unpack(args)

    def unpack(self, args: tuple[int, ...]) -> None:
        """Set an attribute for each argument. A search makes blocks by the million: a family may do it in one assignment."""
        for key, value in zip(self.arguments, args, strict=True):
            setattr(self, key, value)

    @abstractmethod
    def expand(self) -> tuple[Unit, ...]:
        """Return the primitives of this block, in order. Read :attr:`units` instead, which is cached."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """The primitives of this block, in order."""
        if self._units is None:
            self._units = self.expand()
        return self._units

    @property
    def text(self) -> str:
        """The block as written in a structure string."""
        known: str | None = self.cache.get("text")
        if known is None:
            known = self.cache["text"] = f"{self.name}({','.join(map(str, self.args))})"
        return known

    def stated_channels(self, arrives: Any, out: Any, bottleneck: Any) -> tuple[tuple[Any, ...], ...]:
        """Return the output channels of each convolution, for the exact optimiser (docs/your_own_block.md).

        It is called with arrays of the widths of many blocks, on a block of which only what the name fixes is read. A
        convolution with a squeeze-and-excitation of its own is a pair: its channels, and those inside the gate.

        Args:
            arrives: input channels of a sub-layer; None unless :attr:`channels_by_input`.
            out: out channels.
            bottleneck: bottleneck channels, for families that have some.

        Returns:
            a tuple for each unit of one sub-layer, with the channels of each of its convolutions.

        Raises:
            NotImplementedError: the family does not state them; evolution searches it all the same.
        """
        raise NotImplementedError(f"{type(self).__name__} does not state the channels of its convolutions")

    def split(self) -> tuple["SuperBlock", ...]:
        """Return the blocks that the search writes instead of this one: itself, unless its family says otherwise."""
        return (self,)

    def replace(self, **changes: int) -> "SuperBlock":
        """Return the block with some of its integers changed.

        Example:
            >>> make_block("SuperConvK3BNRELU", 3, 8, 1, 1).replace(out_channels=16)
            SuperConvK3BNRELU(3,16,1,1)
        """
        unknown = changes.keys() - set(self.arguments)
        if unknown:
            raise TypeError(f"{self.name} has no {', '.join(sorted(unknown))}; it has {', '.join(self.arguments)}")
        return make_block(self.name, *map(changes.get, self.arguments, self.args))

    def with_in_channels(self, channels: int) -> "SuperBlock":
        """Return the block with other in channels, as needed after a block whose width changed.

        Example:
            >>> make_block("SuperConvK3BNRELU", 3, 8, 1, 1).with_in_channels(16)
            SuperConvK3BNRELU(16,8,1,1)
        """
        return block_of((self.name, channels, *self.args[1:]))

    def __repr__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return hash((self.name, self.args))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, SuperBlock) and self.name == other.name and self.args == other.args)

    def __reduce__(self) -> tuple[Callable[..., "SuperBlock"], tuple[str | int, ...]]:
        module = type(self).__module__
        if module.startswith("zen_lightning."):
            return make_block, (self.name, *self.args)
        return make_block_of, (module, self.name, *self.args)


class Families:
    """The registered names. Each has a class of its own, a subclass of its family with the values that the name fixes.

    Attributes:
        known: the class of each name.
    """

    def __init__(self) -> None:
        self.known: dict[str, type[SuperBlock]] = {}
        self._templates: dict[str, str] = {}

    def describe(self, template: str, variants: Mapping[str, tuple[int, ...]]) -> None:
        """Store how the names of a family are written, for error messages."""
        seen: set[str] = set()
        text = ""
        for literal, field, _, _ in string.Formatter().parse(template):
            text += literal
            if field:
                text += "{same}" if field in seen else "{" + ",".join(map(str, variants[field])) + "}"
                seen.add(field)
        self._templates[template] = text

    def templates(self) -> list[str]:
        """Return how the names of each family are written, ``SuperConvK{1,3,5,7}BNRELU``."""
        return sorted(self._templates.values())

    def add(self, name: str, family: type[SuperBlock], variant: Mapping[str, int]) -> None:
        """Register one name. A name cannot move to another family."""
        if not name.isidentifier() or not name.isascii():
            raise ValueError(f"{name!r} cannot be the name of a super-block: use ASCII letters, digits and '_'")
        known = self.known.get(name)
        if known is not None and _path(known.__bases__[0]) != _path(family):
            raise ValueError(f"the super-block name {name!r} already belongs to {_path(known.__bases__[0])}")
        self.known[name] = type(name, (family,), {"name": name, "__module__": family.__module__, **variant})

    def names(self) -> list[str]:
        """Return every name that a structure string may use."""
        return sorted(self.known)

    def __contains__(self, name: str) -> bool:
        return name in self.known

    def __getitem__(self, name: str) -> type[SuperBlock]:
        return self.known[name]


def _path(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


families = Families()
_Family = TypeVar("_Family", bound=type[SuperBlock])
_CACHED_BLOCKS = 20_000
"""Blocks kept, all dropped when full. A choice: it bounds the memory of a search, which makes blocks by the million."""

_blocks: dict["BlockKey", SuperBlock] = {}

BlockKey = tuple[str | int, ...]
"""A name and its integers."""


def super_block(template: str, **variants: tuple[int, ...]) -> Callable[[_Family], _Family]:
    """Register a family of super-blocks under every name that ``template`` gives.

    Args:
        template: the name, with a field for each value that the name fixes: ``"SuperResK1K{kernel_size}K1"``.
        variants: the values of each field, which become attributes of the block.

    Example:
        >>> from zen_lightning.arch.primitives import Conv
        >>> @super_block("ExampleK{kernel_size}", kernel_size=(3, 5))
        ... class Example(SuperBlock):
        ...     kernel_size: int
        ...
        ...     def expand(self) -> tuple[Unit, ...]:
        ...         return (Conv(self.in_channels, self.out_channels, self.kernel_size, self.stride),)
        >>> make_block("ExampleK5", 8, 16, 2, 1).units[0].kernel_size
        5
    """
    fields = {field for _, field, _, _ in string.Formatter().parse(template) if field}
    if fields != variants.keys():
        raise ValueError(f"the fields of {template!r} and the values given for them differ")

    def register(family: _Family) -> _Family:
        needed = set(SuperBlock.arguments) - set(family.arguments)
        if needed or family.arguments[0] != "in_channels":
            raise ValueError(f"the arguments of {family.__name__} begin with in_channels and include {SuperBlock.arguments}")
        for values in itertools.product(*variants.values()):
            variant = dict(zip(variants, values, strict=True))
            families.add(template.format(**variant), family, variant)
        families.describe(template, variants)
        _blocks.clear()  # A family that is defined again, in a notebook, replaces the blocks of its former self.
        return family

    return register


def make_block(name: str, *args: int) -> SuperBlock:
    """Return the block of that name and those integers.

    Raises:
        KeyError: no family has that name.

    Example:
        >>> make_block("SuperResK3K3", 8, 16, 1, 8, 2).out_channels
        16
    """
    return block_of((name, *args))


def make_block_of(module: str, name: str, *args: int) -> SuperBlock:
    """Return the block of a family that a module of one's own registers, for a process that may not have imported it yet.

    Raises:
        UserError: the module has no such family here: one that was defined in a notebook, say.
    """
    if name not in families:
        with contextlib.suppress(ImportError):
            import_module(module)
    if name not in families:
        what, remedy = f"a worker process cannot make {name}, a block of {module}", "define it in a module that can be imported"
        raise UserError(what, remedy=remedy)
    return make_block(name, *args)


def block_of(key: "BlockKey") -> SuperBlock:
    """Return the block of a name and integers in one tuple: :func:`make_block` without the cost of unpacking arguments."""
    block = _blocks.get(key)
    if block is None:
        if len(_blocks) >= _CACHED_BLOCKS:
            _blocks.clear()
        block = _blocks[key] = families.known[key[0]](key[1:])  # type: ignore[index, arg-type]
    return block
