"""Which feature maps are in memory at once while a network works on one image."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.primitives import Conv, Part, Residual, Unit, squeezed_channels


class Step(NamedTuple):
    """One operation of a forward pass.

    Attributes:
        reads: the maps it reads: 0 is what arrives at the unit, n is what its n-th step makes.
        elements: of the map it makes.
        pointwise: whether each element is made of those at its own place (relu, addition, a gate's multiplication): the
            result then takes the place of a map that nothing reads afterwards.
    """

    reads: tuple[int, ...]
    elements: int
    pointwise: bool = False


class Peak(NamedTuple):
    """The most that is alive at once within a part of a network.

    Attributes:
        resolution: height and width of what leaves the part.
        elements: of all maps alive at the worst moment.
    """

    resolution: int
    elements: int


def most_alive(arrives: int, steps: Sequence[Step], leaves: int) -> int:
    """Return the largest number of elements that are in memory at once while steps are run in their order.

    A map is alive from the step that makes it to the last step that reads it, both included; one that nothing reads is gone
    after the step that made it.

    Args:
        arrives: elements of map 0.
        steps: in the order in which they are run.
        leaves: the map that is handed on; it stays.

    Example:
        >>> most_alive(100, [Step((0,), 40), Step((1,), 40), Step((2, 0), 100, pointwise=True)], leaves=3)
        180
    """
    last = {read: number for number, step in enumerate(steps, start=1) for read in step.reads}
    last[leaves] = len(steps) + 1
    sizes = [arrives, *(step.elements for step in steps)]
    alive = most = arrives
    for number, step in enumerate(steps, start=1):
        ending = [read for read in dict.fromkeys(step.reads) if last[read] == number]
        replaced = next((read for read in ending if sizes[read] == step.elements), None) if step.pointwise else None
        if replaced is None:
            alive += step.elements
        else:
            ending.remove(replaced)
        most = max(most, alive)
        alive -= sum(sizes[read] for read in ending)
        if number not in last:
            alive -= step.elements
    return most


def peak_of_block(block: SuperBlock, resolution: int, use_se: bool = False) -> Peak:
    """Return the peak of a block whose input arrives at ``resolution``; it is remembered with the block.

    Example:
        >>> from zen_lightning.arch.block import make_block
        >>> peak_of_block(make_block("SuperResK3K3", 8, 8, 1, 4, 1), 10)  # 8 that arrive, 8 of the body, 8 of the projection
        Peak(resolution=10, elements=2400)
    """
    key = ("alive", resolution, use_se)
    known: Peak | None = block.cache.get(key)
    if known is None:
        size, most = resolution, 0
        for unit in block.units:
            size, elements = unit.cache.get(("alive", size, use_se)) or _peak_of_unit(unit, size, use_se)
            most = max(most, elements)
        known = block.cache[key] = Peak(size, most)
    return known


def peak_of_classifier(features: int, channels: int, num_classes: int) -> int:
    """Return the peak of global pooling and the linear layer.

    Args:
        features: elements of the last feature map.
        channels: of that map.
        num_classes: logits.
    """
    return max(features + channels, channels + num_classes)


def conv_steps(conv: Conv, size: int, source: int, made: int, use_se: bool = False) -> list[Step]:
    """Return the steps of a convolution and of what stands with it; the last one's map is its output.

    Batch norm and the relu after it are in place: nothing else reads what the convolution made.

    Args:
        conv: the primitive.
        size: height and width of what arrives.
        source: the map that it reads.
        made: how many maps there are before it, what arrives at the unit not counted.
        use_se: whether the network is built with squeeze-and-excitation.
    """
    steps = []
    if conv.relu_first:
        steps.append(Step((source,), conv.in_channels * size**2, pointwise=True))
        source = made + 1
    elements = conv.out_channels * conv.output_size(size) ** 2
    steps.append(Step((source,), elements))
    squeezed = conv.gate_channels or (squeezed_channels(conv.out_channels) if use_se and conv.squeeze_excite else 0)
    if squeezed:
        features = made + len(steps)
        steps += [
            Step((features,), conv.out_channels),
            Step((features + 1,), squeezed),
            Step((features + 2,), conv.out_channels),
            Step((features, features + 3), elements, pointwise=True),
        ]
    return steps


def add_unit_steps(steps: list[Step], unit: Unit, size: int, source: int, use_se: bool = False) -> tuple[int, int]:
    """Add the steps of a unit to those before it.

    Args:
        steps: extended in place.
        unit: of a super-block.
        size: height and width of what arrives.
        source: the map that it reads.
        use_se: whether the network is built with squeeze-and-excitation.

    Returns:
        the map that it makes, and its height and width.
    """
    if isinstance(unit, Part):
        return unit.add_steps(steps, size, source, use_se), unit.output_size(size)
    arrives, arriving = source, size
    for conv in (unit,) if isinstance(unit, Conv) else unit.body:
        steps += conv_steps(conv, size, source, len(steps), use_se)
        source, size = len(steps), conv.output_size(size)
    if isinstance(unit, Residual) and unit.shortcut:
        body, added = len(steps), arrives
        if unit.projection is not None:
            steps += conv_steps(unit.projection, arriving, arrives, len(steps))
            added = len(steps)
        steps.append(Step((body, added), steps[body - 1].elements, pointwise=True))
    return len(steps), size


def _peak_of_unit(unit: Unit, size: int, use_se: bool) -> Peak:
    steps: list[Step] = []
    leaves, left = add_unit_steps(steps, unit, size, 0, use_se)
    channels = unit.body[0].in_channels if isinstance(unit, Residual) else unit.in_channels
    known = unit.cache[("alive", size, use_se)] = Peak(left, most_alive(channels * size**2, steps, leaves))
    return known
