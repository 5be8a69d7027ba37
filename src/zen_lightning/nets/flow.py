"""The data flow of one forward pass, read from the graph that autograd records."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor

Node: TypeAlias = Any
"""A node of autograd's graph, ``Tensor.grad_fn``: one operation of the forward pass."""

_GATES = ("SigmoidBackward", "HardsigmoidBackward")


def traced(run: Callable[[Tensor], Tensor], images: Tensor) -> tuple[Tensor, Node]:
    """Return the output of ``run`` with its autograd graph, and the node of the images.

    Args:
        run: a forward pass.
        images: shape (batch, channels, height, width); they are copied.
    """
    with torch.enable_grad():
        entry = images.detach().clone().requires_grad_() * 1  # A leaf has no node of its own.
        return run(entry), entry.grad_fn


def longest_path(end: Node, start: Node, weights: Mapping[Node, float]) -> float:
    """Return the largest sum of weights over the paths from ``start`` to ``end``, itself included; no weight counts as 0.

    A sigmoid resets the sum to 0: whatever precedes a gate, its output is between 0 and 1. Minus infinity without a path.

    Args:
        end: last node of the paths.
        start: first node of the paths; its own weight does not count.
        weights: weights of nodes.
    """
    best: dict[Node, float] = {start: 0.0}
    for node in _inputs_first(end):
        if node is not start:
            before = max((best[one] for one in _inputs(node)), default=-math.inf)
            if before > -math.inf and node.name().startswith(_GATES):
                before = 0.0
            best[node] = before + weights.get(node, 0.0)
    return best[end]


def is_bypassed(end: Node, start: Node, cut: Node) -> bool:
    """Return whether a path leads from ``start`` to ``end`` without ``cut``: a shortcut, or a parallel branch."""
    return end is not cut and start in _reached(end, {cut})


def _inputs(node: Node) -> list[Node]:
    return [one for one, _ in node.next_functions if one is not None]


def _reached(end: Node, without: Collection[Node]) -> set[Node]:
    seen, waiting = {end}, [end]
    while waiting:
        for one in _inputs(waiting.pop()):
            if one not in seen and one not in without:
                seen.add(one)
                waiting.append(one)
    return seen


def _inputs_first(end: Node) -> Iterator[Node]:
    """Yield the nodes that lead to ``end``, each after all of its inputs; networks are too deep for a recursion."""
    done: set[Node] = set()
    waiting: list[tuple[Node, bool]] = [(end, False)]
    while waiting:
        node, inputs_done = waiting.pop()
        if node in done:
            continue
        if inputs_done:
            done.add(node)
            yield node
        else:
            waiting.append((node, True))
            waiting.extend((one, False) for one in _inputs(node) if one not in done)
