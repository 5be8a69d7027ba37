"""The blocks of any module: the parts in a row between its stem and its pooling."""

from collections import Counter
from typing import Any

from torch import Tensor, nn

from zen_lightning.nets.flow import Node, is_bypassed, traced
from zen_lightning.nets.layers import weighted_layers


def find_blocks(network: nn.Module, images: Tensor) -> list[nn.Module]:
    """Return the blocks of a module, in the order of its forward pass.

    A block maps one feature map to one, is called once, and holds at least two layers with weights, one of them a convolution
    over more than one position. A module with several such parts is a row of blocks if its whole data flow passes through each
    of them; with a path around one (a shortcut, a parallel branch, a concatenation) the module itself is one block. So the
    blocks of a ResNet, a MobileNet, an EfficientNet or a RegNet are its residual units, those of a DenseNet its dense blocks,
    those of an Inception network its modules. A network of parallel parts has none.

    Args:
        network: a convolutional network.
        images: shape (batch, channels, height, width); two images are enough.
    """
    calls: Counter[nn.Module] = Counter()
    ends: dict[nn.Module, tuple[Node, Node]] = {}

    def before(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        calls[module] += 1
        if len(inputs) == 1 and isinstance(inputs[0], Tensor) and inputs[0].dim() == 4:
            ends[module] = (inputs[0].grad_fn, None)  # Read before the call: a module that works in place replaces this node.

    def after(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        if module in ends and isinstance(output, Tensor) and output.dim() == 4:
            start = ends.pop(module)[0]
            ends[module] = (start, output.grad_fn)  # Inserted again, so that modules are in the order in which they end.
        else:
            ends.pop(module, None)

    handles = []
    for module in network.modules():
        handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    try:
        logits, entry = traced(network, images)
    finally:
        for handle in handles:
            handle.remove()
    found = {
        module: nodes for module, nodes in ends.items() if None not in nodes and calls[module] == 1 and _may_be_block(module)
    }
    found.pop(network, None)
    order = {module: place for place, module in enumerate(ends)}
    blocks = sorted(_blocks_within(network, found), key=order.__getitem__)
    if isinstance(logits, Tensor) and any(is_bypassed(logits.grad_fn, entry, found[block][1]) for block in blocks):
        return []
    return blocks


def _may_be_block(module: nn.Module) -> bool:
    layers = weighted_layers(module)
    wide = (isinstance(layer, nn.Conv2d) and max(layer.kernel_size) > 1 for layer in layers)
    return len(layers) > 1 and any(wide)


def _blocks_within(module: nn.Module, found: dict[nn.Module, tuple[Node, Node]]) -> list[nn.Module]:
    inner = [block for child in module.children() for block in _blocks_within(child, found)]
    if module not in found:
        return inner
    start, end = found[module]
    in_a_row = len(inner) > 1 and not any(is_bypassed(end, start, found[block][1]) for block in inner)
    return inner if in_a_row else [module]
