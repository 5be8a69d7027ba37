"""The dataflow of a forward pass: longest paths, and what flows past a node."""

import torch
from torch import Tensor, nn

from zen_lightning.nets.flow import Node, is_bypassed, longest_path, traced

IMAGES = torch.rand(2, 3, 4, 4)


def nodes_of(run: nn.Module, *watched: nn.Module) -> tuple[Node, Node, list[Node]]:
    """Return the nodes of the output, of the images and of what the watched modules give."""
    seen: dict[nn.Module, Node] = {}
    for module in watched:
        module.register_forward_hook(lambda module, _inputs, output: seen.__setitem__(module, output.grad_fn))
    out, entry = traced(run, IMAGES)
    return out.grad_fn, entry, [seen[module] for module in watched]


class Branches(nn.Module):
    """Two convolutions side by side, one after both, and a shortcut where asked for."""

    def __init__(self, shortcut: bool = False) -> None:
        super().__init__()
        self.left, self.right, self.last = (nn.Conv2d(3, 3, 1) for _ in range(3))
        self.shortcut = shortcut

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.last(self.left(images).relu_() + self.right(images))
        return out + images if self.shortcut else out


class Gated(nn.Module):
    """A gate beside the main path."""

    def __init__(self) -> None:
        super().__init__()
        self.main, self.gate, self.after = (nn.Conv2d(3, 3, 1) for _ in range(3))

    def forward(self, images: Tensor) -> Tensor:
        return self.main(images) * self.after(self.gate(images).sigmoid()).mean((2, 3), keepdim=True)


def test_of_branches_the_heavier_counts() -> None:
    module = Branches()
    end, entry, (left, right, last) = nodes_of(module, module.left, module.right, module.last)
    assert longest_path(end, entry, {left: 2.0, right: 5.0, last: 1.0}) == 6.0
    assert longest_path(end, entry, {left: 7.0, right: 5.0, last: 1.0}) == 8.0
    assert longest_path(end, entry, {left: -3.0, right: -5.0, last: 1.0}) == -2.0


def test_a_shortcut_is_a_branch_of_weight_0() -> None:
    module = Branches(shortcut=True)
    end, entry, (left, last) = nodes_of(module, module.left, module.last)
    assert longest_path(end, entry, {left: -3.0, last: -4.0}) == 0.0


def test_what_comes_before_a_gate_does_not_count() -> None:
    module = Gated()
    end, entry, (main, gate, after) = nodes_of(module, module.main, module.gate, module.after)
    assert longest_path(end, entry, {main: 1.0, gate: 50.0}) == 1.0
    assert longest_path(end, entry, {main: 1.0, gate: 50.0, after: 3.0}) == 3.0


def test_a_branch_flows_past_the_other_and_a_shortcut_past_all() -> None:
    module = Branches()
    end, entry, (left, right, last) = nodes_of(module, module.left, module.right, module.last)
    assert is_bypassed(end, entry, left)
    assert is_bypassed(end, entry, right)
    assert not is_bypassed(end, entry, last)
    module = Branches(shortcut=True)
    end, entry, (last,) = nodes_of(module, module.last)
    assert is_bypassed(end, entry, last)


def test_a_thousand_layers_need_no_recursion() -> None:
    module = nn.Sequential(*(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()) for _ in range(1000)))
    end, entry, (middle,) = nodes_of(module, module[500])
    assert longest_path(end, entry, {middle: 2.0, end: 1.0}) == 3.0
    assert not is_bypassed(end, entry, middle)
