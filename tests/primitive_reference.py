"""Networks of primitive blocks a second time: a reader of its own and plain torch modules, to hold counts and logits against.

Also a generator of random texts.
"""

from random import Random
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network

EPS = 1e-3
WIDTHS = (4, 8, 16, 24)


class Gate(nn.Module):
    """Squeeze-and-excitation."""

    def __init__(self, c: int) -> None:
        super().__init__()
        s = max(1, round(c / 4))
        layers = [nn.Conv2d(c, s, 1, bias=False), nn.BatchNorm2d(s, EPS), nn.ReLU(), nn.Conv2d(s, c, 1, bias=False)]
        self.row = nn.Sequential(nn.AdaptiveAvgPool2d(1), *layers, nn.BatchNorm2d(c, EPS), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x * self.row(x)
        return out


class Added(nn.Module):
    """The sum or the concatenation of what modules make of the same input."""

    def __init__(self, branches: list[nn.Module], adds: bool = True) -> None:
        super().__init__()
        self.branches, self.adds = nn.ModuleList(branches), adds

    def forward(self, x: Tensor) -> Tensor:
        made = [branch(x) for branch in self.branches]
        return torch.stack(made).sum(0) if self.adds else torch.cat(made, 1)


class SuperBlockRow(nn.Module):
    """The units of a super-block, as networks of super-blocks have them."""

    def __init__(self, text: str, channels: int) -> None:
        super().__init__()
        self.row = build_network(Architecture.parse(text, channels), 1).blocks[0]

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.row(x)
        return out


def split_blocks(text: str, between: str = "") -> list[str]:
    """Return the blocks of one level; with ``between``, the parts that it separates."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if between and letter == between and depth == 0:
            found.append(text[start:place])
            start = place + 1
        elif not between and letter == ")" and depth == 0:
            found.append(text[start : place + 1])
            start = place + 1
    return [*found, text[start:]] if between else found


def row(text: str) -> nn.Sequential:
    """Return the modules of blocks in a row."""
    return nn.Sequential(*(block(one) for one in split_blocks(text)))


def widths(module: nn.Module) -> tuple[int, int]:
    """Return the channels in and out of a module with a convolution, by the channels it accepts."""
    for channels in range(1, 200):
        try:
            return channels, int(module.eval()(torch.zeros(1, channels, 32, 32)).shape[1])
        except RuntimeError:
            continue
    raise AssertionError("it takes no width")


def block(text: str) -> nn.Module:
    """Return the module of one block."""
    name, inside = text.split("(", 1)
    inside = inside[:-1]
    if name.startswith("Super"):
        return SuperBlockRow(text, int(inside.split(",")[0]))
    if name == "Sequential":
        return row(inside)
    if name.startswith("Multi"):
        return Added([row(one) for one in split_blocks(inside, ";")], name == "MultiSumBlock")
    if name.startswith("ResBlock"):
        while inside[:1].isdigit():
            inside = inside.split(",", 1)[1]
        body = row(inside)
        arrives, leaves = widths(body)
        stride = 32 // body(torch.zeros(1, arrives, 32, 32)).shape[-1]
        if stride == 1 and arrives == leaves and name == "ResBlock":
            return Added([body, nn.Identity()])
        return Added([body, nn.Sequential(nn.Conv2d(arrives, leaves, 1, stride), nn.BatchNorm2d(leaves, EPS))])
    n: list[Any] = [int(one) for one in inside.split(",")]
    if name.startswith("ConvKXG"):
        return nn.Conv2d(n[0], n[1], n[2], n[3], (n[2] - 1) // 2, groups=int(name[7:]), bias=False)
    if name.startswith("ConvKX"):
        layers: list[nn.Module] = [nn.Conv2d(n[0], n[1], n[2], n[3], (n[2] - 1) // 2, bias=False)]
        layers += [nn.BatchNorm2d(n[1], EPS)] if "BN" in name else []
        return nn.Sequential(*layers, *([nn.ReLU()] if "RELU" in name else []))
    made: dict[str, Any] = {
        "ConvDW": lambda: nn.Conv2d(n[0], n[0], n[1], n[2], (n[1] - 1) // 2, groups=n[0], bias=False),
        "BN": lambda: nn.BatchNorm2d(n[0], EPS),
        "RELU": nn.ReLU,
        "Swish": nn.SiLU,
        "SE": lambda: Gate(n[0]),
        "MaxPool": lambda: nn.MaxPool2d(n[1], n[2], (n[1] - 1) // 2),
    }
    module: nn.Module = made[name]()
    return module


def random_row(rng: Random, channels: int, depth: int, out: int | None = None, stride: int | None = None) -> tuple[str, int]:
    """Return blocks in a row that begin with a convolution, and the channels that leave.

    Args:
        rng: draws.
        channels: that arrive.
        depth: how deep containers may be.
        out: channels that leave.
        stride: of the whole row.
    """
    leaves = out or rng.choice(WIDTHS)
    kernel, step = rng.choice((1, 3, 5, 7)), stride or rng.choice((1, 1, 2))
    text = f"ConvKX({channels},{leaves},{kernel},{step})"
    if channels % 4 == 0 and leaves % 4 == 0 and rng.random() < 0.3:
        text = f"ConvKXG{rng.choice((2, 4))}" + text.removeprefix("ConvKX")
    if rng.random() < 0.8:
        text += f"BN({leaves})"
    for _ in range(rng.randrange(3)):
        text += random_same(rng, leaves, depth)
    return text, leaves


def random_same(rng: Random, c: int, depth: int) -> str:
    """Return a block that keeps width and resolution."""
    if depth > 0 and c > 1 and rng.random() < 0.45:
        kind = rng.choice(("ResBlock", "ResBlock", "ResBlockProj", "MultiSumBlock", "MultiCatBlock", "Sequential"))
        if kind == "MultiSumBlock":
            return f"{kind}({';'.join(random_row(rng, c, depth - 1, c, 1)[0] for _ in range(rng.randint(1, 3)))})"
        if kind == "MultiCatBlock":
            parts = [c // 2, c - c // 2]
            return f"{kind}({';'.join(random_row(rng, c, depth - 1, one, 1)[0] for one in parts)})"
        said = rng.choice(("", f"{c},", f"{c},1,")) if kind != "Sequential" else ""
        return f"{kind}({said}{random_row(rng, c, depth - 1, c, 1)[0]})"
    return rng.choice((f"BN({c})", f"RELU({c})", f"Swish({c})", f"SE({c})", f"ConvDW({c},3,1)", f"MaxPool({c},3,1)"))


def random_text(rng: Random) -> str:
    """Return a network of blocks of all kinds, with the usual head."""
    text, channels = "", 3
    for _ in range(rng.randint(1, 5)):
        kind = rng.random()
        if kind < 0.6 or channels == 3:
            more, channels = random_row(rng, channels, 3)
        elif kind < 0.7:
            leaves = rng.choice(WIDTHS)
            more, channels = f"ResBlock({random_row(rng, channels, 2, leaves, 2)[0]})RELU({leaves})", leaves
        elif kind < 0.8:
            leaves = rng.choice(WIDTHS)
            more, channels = f"SuperResK3K3({channels},{leaves},2,8,1)SuperResIDWE2K3({leaves},{leaves},1,8,1)", leaves
        elif kind < 0.9:
            leaves = rng.choice(WIDTHS)
            more, channels = f"ConvKXBNRELU({channels},{leaves},3,1)", leaves
        else:
            more = f"MaxPool({channels},2,2)"
        text += more
    return text
