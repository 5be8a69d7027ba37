"""Which part of the image a feature map sees, by arithmetic, as its operations are called."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

_MIXING = ("bmm", "matmul", "baddbmm", "_scaled_dot_product")
"""Beginnings of the names of operations that mix all tokens of a sequence."""


@dataclass(frozen=True)
class Field:
    """What one element of a feature map sees, along one axis of the image.

    Araujo, Norris and Sim, https://distill.pub/2019/computing-receptive-fields, equations 2 and 4.

    Attributes:
        size: pixels that it may depend on.
        jump: pixels of the image between two neighbours of the map; below 1 where a map is larger than the image.
        start: the first pixel that the first element sees; negative within the padding.
        whole: whether it sees all of the image, as after a pooling over all of it.
    """

    size: float = 1.0
    jump: float = 1.0
    start: float = 0.0
    whole: bool = False

    def window(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> "Field":
        """Return the field after a window slides over the map.

        Example:
            >>> Field().window(3, 2, 1).window(3, 1, 1)
            Field(size=7.0, jump=2.0, start=-3.0, whole=False)
        """
        wide = dilation * (kernel - 1)
        return Field(self.size + wide * self.jump, self.jump * stride, self.start - padding * self.jump, self.whole)

    def scaled(self, factor: float) -> "Field":
        """Return the field after the map is made larger by a factor."""
        return Field(self.size, self.jump / factor, self.start, self.whole)

    def union(self, other: "Field") -> "Field":
        """Return the field of a sum: what either of two maps sees, which are equally large."""
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return Field(end - start, max(self.jump, other.jump), start, self.whole or other.whole)


class FieldTracker(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows the fields of all maps while a network works on one image.

    Convolutions, poolings and sums are exact. A gate, a map of one element that is multiplied with a larger one, is left out: a
    squeeze-and-excitation lets each element see a mean over the whole image, and beyond that what it would see without.

    Args:
        images: what the network is called with.
    """

    def __init__(self, images: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._fields: dict[int, tuple[Tensor, Field]] = {id(images): (images, Field())}

    def of(self, tensor: Tensor) -> Field | None:
        """Return the field of a map; None for what does not depend on the image."""
        known = self._fields.get(id(tensor))
        return None if known is None else known[1]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation, and note what its results see."""
        results = func(*args, **(kwargs or {}))
        field = self._after(func, args, kwargs or {}, results)
        if field is not None:
            for result in results if isinstance(results, tuple | list) else [results]:
                if isinstance(result, Tensor):
                    self._fields[id(result)] = (result, field)  # Holding it, no other tensor gets its id.
        return results

    def _after(self, func: Any, args: Any, kwargs: Any, results: Any) -> Field | None:
        name = func.overloadpacket.__name__
        given = [one for one in _tensors(args) if self.of(one) is not None]
        if not given:
            return None
        first = self.of(given[0])
        assert first is not None
        said = {argument.name: value for argument, value in zip(func._schema.arguments, args, strict=False)} | dict(kwargs)
        if "convolution" in name:
            if said.get("transposed"):
                return first.window(1 + -(-(args[1].shape[-1] - 1) // said["stride"][-1]), 1, 0).scaled(said["stride"][-1])
            return first.window(args[1].shape[-1], said["stride"][-1], said["padding"][-1], said["dilation"][-1])
        if name.startswith(("max_pool2d", "avg_pool2d")):
            kernel = said["kernel_size"][-1]
            stride = (said.get("stride") or [kernel])[-1]
            return first.window(kernel, stride, (said.get("padding") or [0])[-1], (said.get("dilation") or [1])[-1])
        result = results[0] if isinstance(results, tuple | list) else results
        if isinstance(result, Tensor) and _pools_all(name, given[0], result):
            return Field(first.size, first.jump, first.start, whole=True)
        if name.startswith(_MIXING) and given[0].ndim != 2:
            return Field(first.size, first.jump, first.start, whole=True)
        if "adaptive" in name and isinstance(result, Tensor):
            # Where sizes do not divide, windows overlap by one element.
            here, there = given[0].shape[-1], result.shape[-1]
            pooled = first.window(-(-here // there) + bool(here % there), 1, 0)
            return pooled.scaled(there / here)
        if name.startswith("upsample") and isinstance(result, Tensor):
            return first.scaled(result.shape[-1] / given[0].shape[-1])
        return self._union(given)

    def _union(self, given: list[Tensor]) -> Field:
        largest = max(_extent(one) for one in given)
        counted = [self.of(one) for one in given if _extent(one) == largest]
        field = counted[0]
        assert field is not None
        for other in counted[1:]:
            assert other is not None
            field = field.union(other)
        return field


def _pools_all(name: str, given: Tensor, result: Tensor) -> bool:
    """Whether an operation joins all of a map: a mean, a sum or a pooling over height and width, or a row of all elements."""
    if _extent(given) > 1 and result.ndim <= 2:
        return True
    if "adaptive" in name:
        return _extent(result) == 1
    reduces = name in ("mean", "sum", "amax", "var_mean")
    return reduces and given.ndim == 4 and (result.ndim < 3 or _extent(result) == 1)


def _extent(tensor: Tensor) -> int:
    """Return the elements along height and width; 1 for what is no map."""
    return tensor.shape[-1] * tensor.shape[-2] if tensor.ndim == 4 else 1


def _tensors(args: Any) -> list[Tensor]:
    found: list[Tensor] = []
    for one in args:
        if isinstance(one, Tensor):
            found.append(one)
        elif isinstance(one, list | tuple):
            found += _tensors(one)
    return found
