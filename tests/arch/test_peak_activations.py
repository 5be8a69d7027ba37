"""Activation memory: against the lifetimes of the tensors of the built networks."""

import operator
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

from golden import architectures
from zen_lightning.arch import Architecture, BaseArchitecture, CellArchitecture, parse_architecture
from zen_lightning.arch.errors import UnknownCountError
from zen_lightning.arch.liveness import Step, most_alive
from zen_lightning.nets.build import build_network

STEM = "SuperConvK3BNRELU(3,8,2,1)"
FAMILIES = {
    "a row of convolutions": "SuperConvK3BNRELU(3,8,2,1)SuperConvK5BNRELU(8,24,1,3)SuperConvK1BNRELU(24,16,2,2)",
    "convolutions without relu": f"{STEM}ConvK3BN(8,16,2,2)ConvK1BN(16,8,1,1)",
    "basic residual units": f"{STEM}SuperResK3K3(8,16,2,24,3)SuperResK5K5(16,16,1,8,2)",
    "bottlenecks": f"{STEM}SuperResK1K3K1(8,64,2,16,2)SuperResK1K7K1(64,64,1,16,2)",
    "inverted bottlenecks": f"{STEM}SuperResIDWE4K5(8,16,2,16,2)SuperResIDWE1K3(16,16,1,8,2)SuperResIDWE6K7(16,40,2,24,1)",
    "mobile blocks": f"{STEM}MBConvE6K3(8,16,2,2)MBConvE1K5(16,16,1,2)MBConvE3K3(16,24,1,1)",
    "mobile blocks with gates": f"{STEM}MBConvE6K3SE(8,16,2,2)MBConvE1K5SE(16,16,1,1)MBConvE4K3SE(16,24,1,2)",
    "pre-activation": f"{STEM}ConvK3BN(8,16,1,1)PreResK3K3(16,16,1,2)PreResK3K3(16,32,2,2)",
    "a wide classifier": "SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,2048,2,1)",
    "NAS-Bench-Macro": "01201212",
    "TransNAS-Bench": "413331",
    "Accel-NASBench": "e6k3l1s1-e4k5l2s0-e6k3l3s0-e6k5l3s1-e6k5l2s0-e1k3l2s1-e1k3l2s0",
}
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
POINTWISE = (nn.BatchNorm2d, nn.ReLU, nn.Sigmoid, nn.Hardsigmoid)


class Layers(fx.Tracer):
    """Traces down to layers; their weights are no maps."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.Conv2d | nn.Linear) or super().is_leaf_module(m, module_qualified_name)


class Sizes(fx.Interpreter):
    """Runs a network and keeps the elements of what each of its operations makes."""

    def __init__(self, traced: fx.GraphModule) -> None:
        super().__init__(traced)
        self.elements: dict[fx.Node, int] = {}

    def run_node(self, n: fx.Node) -> Any:
        made = super().run_node(n)
        if isinstance(made, Tensor):
            self.elements[n] = made.numel()
        return made


def most_alive_in(network: nn.Module, resolution: int) -> int:
    """Return the most elements alive at once by the graph of a built network, with in-place operations where they may be."""
    traced = fx.GraphModule(network, Layers().trace(network.eval()))
    sizes = Sizes(traced)
    with torch.no_grad():
        sizes.run(torch.zeros(1, 3, resolution, resolution))
    kinds = {node: traced.get_submodule(str(node.target)) for node in traced.graph.nodes if node.op == "call_module"}
    holds: dict[fx.Node, fx.Node] = {}  # The operation that made the memory in which a node's value lies.
    order = list(traced.graph.nodes)
    for node in order:
        alias = isinstance(kinds.get(node), nn.Identity) or node.target is torch.flatten
        holds[node] = holds[node.args[0]] if alias else node
    last = {holds[read]: place for place, node in enumerate(order) for read in node.all_input_nodes}
    living: dict[fx.Node, int] = {}
    most = 0
    for place, node in enumerate(order):
        if node.op == "output" or holds[node] is not node:
            continue
        made = sizes.elements[node]
        ending = [one for one in {holds[read] for read in node.all_input_nodes} if last[one] == place]
        if isinstance(kinds.get(node), POINTWISE) or node.target in (operator.add, operator.mul, torch.add):
            taken = next((one for one in ending if living[one] == made), None)
            if taken is not None:
                del living[taken]
                ending.remove(taken)
        living[node] = made
        most = max(most, sum(living.values()))
        for one in ending:
            del living[one]
        if node not in last:
            del living[node]
    return most


def structures() -> Iterator[Any]:
    for name, text in FAMILIES.items():
        for resolution in (32, 45):
            marks = [] if resolution == 45 else pytest.mark.long
            yield pytest.param(text, resolution, id=f"{name}, {resolution} px", marks=marks)


@pytest.mark.parametrize(("text", "resolution"), structures())
@pytest.mark.parametrize("use_se", [False, True])
def test_as_the_tensors_of_the_built_network_live(text: str, resolution: int, use_se: bool) -> None:
    architecture = parse_architecture(text)
    for size in (resolution, 4):  # So small that gates and classifier count.
        network = build_network(architecture, 1000, use_se, initialise=False)
        assert architecture.peak_activations(size, 1000, use_se) == most_alive_in(network, size)


@pytest.mark.parametrize("seed", range(25))
def test_cells_as_the_tensors_of_the_built_network_live(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    picks = torch.randint(len(OPERATIONS), (6,), generator=generator).tolist()
    architecture = CellArchitecture(tuple(OPERATIONS[pick] for pick in picks))
    assert architecture.peak_activations(19, 10) == most_alive_in(build_network(architecture, 10), 19)


@pytest.mark.parametrize("golden", architectures(), ids=lambda golden: golden.name)
def test_real_structures(golden: Any) -> None:
    architecture = Architecture.parse(golden.structure)
    resolution = min(golden.resolution, 64)
    network = build_network(architecture, golden.num_classes, initialise=False)
    assert architecture.peak_activations(resolution, golden.num_classes) == most_alive_in(network, resolution)


def test_what_a_shortcut_keeps() -> None:
    body = "SuperConvK1BNRELU(3,8,1,1)"
    identity = parse_architecture(f"{body}MBConvE6K3(8,8,1,1)")
    without = parse_architecture(f"{body}MBConvE6K3(8,16,1,1)")
    size = 10**2
    assert without.peak_activations(10) == (48 + 48) * size
    assert identity.peak_activations(10) == (8 + 48 + 48) * size


def test_a_map_that_nothing_reads_is_gone_at_once() -> None:
    unread = [Step((0,), 70), Step((0,), 50), Step((2,), 50)]
    assert most_alive(10, unread, leaves=3) == 100
    assert most_alive(10, [], leaves=0) == 10


def test_another_language_says_that_it_is_not_known() -> None:
    class Odd(CellArchitecture):
        peak_activations = BaseArchitecture.peak_activations

    with pytest.raises(UnknownCountError, match="the activation memory of a Odd is not known"):
        Odd(("none",) * 6).peak_activations(32)
    for architecture in (parse_architecture(FAMILIES["pre-activation"]), CellArchitecture(("none",) * 6)):
        with pytest.raises(ValueError, match="resolution=0"):
            architecture.peak_activations(0)
