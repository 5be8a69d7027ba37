"""The primitive blocks that hold blocks, and super-blocks among them."""

import math
from collections.abc import Sequence

from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.counting import count_block
from zen_lightning.arch.liveness import Step, add_unit_steps
from zen_lightning.arch.plain.node import Form, Node, UnchainedError
from zen_lightning.arch.primitives import Conv, Residual
from zen_lightning.errors import UserError


class SuperNode(Node):
    """A super-block among primitive blocks.

    Args:
        block: the super-block.
    """

    def __init__(self, block: SuperBlock) -> None:
        super().__init__(block.text, block.in_channels, block.out_channels)
        self.block = block
        self.layers = block.sub_layers

    @property
    def stride(self) -> int:
        """By how much it divides the resolution."""
        return self.block.stride

    def output_size(self, size: int) -> int:
        """Return the output's height and width."""
        return count_block(self.block, size).resolution

    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters."""
        return count_block(self.block, 32, use_se).params  # They do not depend on the size.

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds."""
        return count_block(self.block, size, use_se).flops

    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of the output of each convolution."""
        found = []
        for unit in self.block.units:
            if isinstance(unit, Residual) and unit.projection is not None:
                found.append(unit.projection.out_channels * unit.projection.output_size(size) ** 2)
            for conv in unit.backbone:
                size = conv.output_size(size)
                found.append(conv.out_channels * size**2)
        return found

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add the steps of its units."""
        for unit in self.block.units:
            source, size = add_unit_steps(steps, unit, size, source, use_se)
        return source


class Row(Node):
    """``Sequential``: blocks one after another. Also a branch, and a name that stands for several layers.

    Args:
        text: as written.
        parts: the blocks.
        in_channels: channels in where there are no blocks, which then hand on what arrives.
    """

    def __init__(self, text: str, parts: Sequence[Node], in_channels: int = 0) -> None:
        first, last = (parts[0].in_channels, parts[-1].out_channels) if parts else (in_channels, in_channels)
        super().__init__(text, first, last)
        self.parts = tuple(parts)
        self.layers = sum(part.layers for part in parts)
        self.reads_rows = bool(parts) and parts[0].reads_rows

    def after(self, form: Form) -> Form:
        """Return the form of what leaves its last block."""
        for part in self.parts:
            form = part.after(form)
        return form

    @property
    def stride(self) -> int:
        """The product of the strides."""
        return math.prod(part.stride for part in self.parts)

    def output_size(self, size: int) -> int:
        """Return the output's height and width."""
        for part in self.parts:
            size = part.output_size(size)
        return size

    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters."""
        return sum(part.num_params(use_se) for part in self.parts)

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds."""
        total = 0
        for part in self.parts:
            total += part.flops(size, use_se)
            size = part.output_size(size)
        return total

    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of the output of each convolution."""
        found: list[int] = []
        for part in self.parts:
            found += part.conv_outputs(size)
            size = part.output_size(size)
        return found

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add the steps of its blocks."""
        for part in self.parts:
            source = part.add_steps(steps, size, source, use_se)
            size = part.output_size(size)
        return source


class ShortcutBlock(Node):
    """``ResBlock`` and ``ResBlockProj``: blocks in a row, plus a shortcut; no relu after the addition.

    The shortcut is the identity or, where stride or width change and always in ``ResBlockProj``, a 1 x 1 convolution with bias
    and a batch norm.

    Args:
        text: as written.
        body: the blocks in a row.
        projects: whether there is a projection in any case.
    """

    def __init__(self, text: str, body: Row, projects: bool) -> None:
        super().__init__(text, body.in_channels, body.out_channels)
        self.body = body
        self.layers = body.layers
        changes = body.stride > 1 or body.in_channels != body.out_channels
        arrives, leaves = body.in_channels, body.out_channels
        self.projection = Conv(arrives, leaves, 1, body.stride, bias=True, relu=False) if projects or changes else None

    def after(self, form: Form) -> Form:
        """Return the form of what leaves."""
        super().after(form)
        found = self.body.after(form)
        if found.is_row:
            raise UnchainedError(self, f"{self.text} would add a row of features to a feature map")
        return found

    @property
    def stride(self) -> int:
        """The stride of its blocks."""
        return self.body.stride

    def output_size(self, size: int) -> int:
        """Return the output's height and width.

        Raises:
            UserError: body and shortcut differ in it.
        """
        leaves = self.body.output_size(size)
        shortcut = size if self.projection is None else self.projection.output_size(size)
        if leaves != shortcut and self.body.parts:
            what = f"of a map of {size} x {size} the blocks in {self.text} make {leaves} x {leaves}, and its shortcut "
            raise UserError(f"{what}{shortcut} x {shortcut}: they cannot be added", key="resolution")
        return leaves

    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters."""
        return self.body.num_params(use_se) + (self.projection.num_params() if self.projection else 0)

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds."""
        return self.body.flops(size, use_se) + (self.projection.flops(size) if self.projection else 0)

    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of the output of each convolution, the projection first."""
        projected = [self.projection.out_channels * self.projection.output_size(size) ** 2] if self.projection else []
        return [*projected, *self.body.conv_outputs(size)]

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add the steps of the blocks, of the projection, and the addition."""
        if not self.body.parts:
            return source
        made = self.body.add_steps(steps, size, source, use_se)
        added, leaves = source, self.out_channels * self.output_size(size) ** 2
        if self.projection is not None:
            steps.append(Step((source,), leaves))
            added = len(steps)
        steps.append(Step((made, added), leaves, pointwise=True))
        return len(steps)


class BranchBlock(Node):
    """``MultiSumBlock`` and ``MultiCatBlock``: every branch reads the input; outputs are added, or put side by side.

    Args:
        text: as written.
        branches: at least one, each with one block or more.
        adds: whether the outputs are added.
    """

    def __init__(self, text: str, branches: Sequence[Row], adds: bool) -> None:
        widths = [branch.out_channels for branch in branches]
        super().__init__(text, branches[0].in_channels, widths[0] if adds else sum(widths))
        self.branches = tuple(branches)
        self.adds = adds
        self.layers = sum(branch.layers for branch in branches)

    def after(self, form: Form) -> Form:
        """Return the form of what leaves."""
        found = [branch.after(form) for branch in self.branches]
        if any(one.is_row for one in found):
            raise UnchainedError(self, f"a branch of {self.text} leaves a row of features")
        if self.adds and len({one.channels for one in found}) > 1:
            widths = ", ".join(str(one.channels) for one in found)
            raise UnchainedError(self, f"the branches of {self.text} leave {widths} channels, which cannot be added")
        sizes = sorted({one.size for one in found if one.size is not None})
        if len(sizes) > 1:
            raise UnchainedError(self, f"the branches of {self.text} leave maps of sizes {', '.join(map(str, sizes))}")
        return Form(self.out_channels, next(iter(sizes), None))

    @property
    def stride(self) -> int:
        """The stride of its first branch."""
        return self.branches[0].stride

    def output_size(self, size: int) -> int:
        """Return the output's height and width.

        Raises:
            UserError: the branches differ in it.
        """
        sizes = [branch.output_size(size) for branch in self.branches]
        if len(set(sizes)) > 1:
            shown = ", ".join(f"{one} x {one}" for one in sizes)
            what = f"of a map of {size} x {size} the branches of {self.text} make {shown}: they do not fit together"
            raise UserError(what, key="resolution")
        return sizes[0]

    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters."""
        return sum(branch.num_params(use_se) for branch in self.branches)

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds."""
        return sum(branch.flops(size, use_se) for branch in self.branches)

    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of the output of each convolution."""
        return [one for branch in self.branches for one in branch.conv_outputs(size)]

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add the steps of every branch, then those that join them."""
        made = [branch.add_steps(steps, size, source, use_se) for branch in self.branches]
        leaves = self.out_channels * self.output_size(size) ** 2
        if not self.adds:
            steps.append(Step(tuple(made), leaves))
            return len(steps)
        total = made[0]
        for one in made[1:]:
            steps.append(Step((total, one), leaves, pointwise=True))
            total = len(steps)
        return total
