"""A network as a picture: SVG, drawn by hand, so that it needs no other package."""

import math
from collections.abc import Sequence

from zen_lightning.report.block_facts import BlockFacts
from zen_lightning.report.html.markup import Markup, element
from zen_lightning.system.numbers import short_count

# Lengths in pixels, except the factors _WIDE and _SLANT. Choices: the smallest box can still be told from a line.
_TALLEST = 150.0
_WIDE = 2.1
_LEAST = 7.0
_SLANT = 0.6
_DEEPEST = 34.0
_COLUMN = 66.0
_GAP = 10.0
_LEFT = 62.0
_RIGHT = 14.0
_GROUND = 216.0
_BAR = 46.0
_ROWS = (("params", 374.0), ("FLOPs", 456.0))
_HEIGHT = 468.0
_STAGE_LINE = 266.0
_IMAGE_WIDTH = 5.0
_COLORS = (
    ("#8d98a5", "#b3bcc6", "#a0abb8"),
    ("#2f6fb5", "#6b9ed6", "#20528a"),
    ("#1d8a82", "#58b3ab", "#116860"),
    ("#5b9a3c", "#8fc173", "#42752a"),
    ("#cf8a1d", "#e6b35d", "#a06a12"),
    ("#c4552d", "#df8a69", "#953d1d"),
    ("#8d4a9e", "#b582c3", "#6b3479"),
)
"""Colours of the image and of each stage: front, top and side."""

_STYLE = (
    "svg{color:#1d2733;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "@media(prefers-color-scheme:dark){svg{color:#e3e8ee}}"
)


def draw_network(blocks: Sequence[BlockFacts], image: int, title: str, standalone: bool = True) -> str:
    """Return the drawing of a network as SVG.

    Every super-block is a box: as high as the square root of the resolution that leaves it, as wide as that of its channels,
    cut into its layers. Below stand kernel, expansion and layers, the stages with their resolution, and what share of the
    parameters and of the FLOPs is spent there.

    Args:
        blocks: the blocks of the network, the classifier last; see :func:`~zen_lightning.report.block_facts.block_facts`.
        image: height and width of the image.
        title: what it is a picture of, for those who do not see it.
        standalone: for a file of its own, with colors of text that suit a light or a dark background; else text has the color
            of what stands around it.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.report.block_facts import block_facts
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K5(8,16,2,8,1)")
        >>> svg = draw_network(block_facts(arch, 32, 10), 32, "a small network")
        >>> svg.startswith("<svg"), "k5 e6" in svg
        (True, True)
    """
    params, flops = (max(1, sum(getattr(block, key) for block in blocks)) for key in ("params", "flops"))
    most = [max(1, *(getattr(block, key) for block in blocks)) for key in ("params", "flops")]
    marks: list[Markup] = [_row_name("channels", 30.0), _row_name("block", _GROUND + 18), _row_name("layers", _GROUND + 34)]
    marks += [_row_name(name, ground) for name, ground in _ROWS]
    x = _LEFT + _GAP
    marks.append(_box(x, _IMAGE_WIDTH, _tall(image, image), 1, _COLORS[0]))
    marks.append(_text(x, _GROUND + 18, "image", anchor="start"))
    marks.append(_text(x, _GROUND + 34, f"{image}²", anchor="start", faint=True))
    x += _IMAGE_WIDTH + _depth(_tall(image, image)) + _GAP
    stages: list[tuple[int, int, float, float]] = []
    for block in blocks:
        is_classifier = block.is_classifier
        width = _LEAST if is_classifier else max(_LEAST, _WIDE * math.sqrt(block.channels))
        height = _tall(block.resolution, image)
        depth = _depth(height)
        column = max(_COLUMN, width + depth)
        left = x + (column - width - depth) / 2
        middle = x + column / 2
        colors = _COLORS[1 + (block.stage - 1) % (len(_COLORS) - 1)] if not is_classifier else _COLORS[0]
        hint = f"{block.text}: {short_count(block.params)} params, {short_count(block.flops)} FLOPs"
        marks.append(
            element(
                "g",
                element("title", hint),
                _box(left, width, height, block.layers, colors),
                _text(middle, _GROUND - height - _SLANT * depth - 8, f"{block.channels:,}"),
            )
        )
        marks.append(_text(middle, _GROUND + 18, block.label, strong=True))
        if not is_classifier:
            marks.append(_text(middle, _GROUND + 34, f"×{block.layers}" if block.layers else "-", faint=True))
            if stages and stages[-1][0] == block.stage:
                stages[-1] = (*stages[-1][:3], x + column)
            else:
                stages.append((block.stage, block.resolution, x, x + column))
        for (_, ground), value, total, top in zip(_ROWS, (block.params, block.flops), (params, flops), most, strict=True):
            marks.append(_share(middle, ground, value / total, value / top, colors[0]))
        x += column + _GAP
    marks += [_stage(*stage) for stage in stages]
    width = round(x - _GAP + _RIGHT)
    return element(
        "svg",
        element("title", title),
        element("style", Markup(_STYLE)) if standalone else None,
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {_HEIGHT:.0f}",
        width=width,
        height=f"{_HEIGHT:.0f}",
        role="img",
        aria_label=title,
    )


def _tall(resolution: int, image: int) -> float:
    return max(8.0, _TALLEST * math.sqrt(resolution / image))


def _depth(height: float) -> float:
    return min(_DEEPEST, 0.3 * height)


def _box(left: float, width: float, height: float, layers: int, colors: tuple[str, str, str]) -> Markup:
    """Return a box that stands on the ground, cut into its layers."""
    front, top, side = colors
    depth = _depth(height)
    up, roof = _SLANT * depth, _GROUND - height
    right = left + width
    cuts = [left + width * cut / layers for cut in range(1, layers)]
    lines = "".join(f"M{cut:.1f} {_GROUND:.0f}V{roof:.1f}l{depth:.1f} {-up:.1f}" for cut in cuts)
    return element(
        "g",
        element("path", d=f"M{left:.1f} {roof:.1f}l{depth:.1f} {-up:.1f}h{width:.1f}l{-depth:.1f} {up:.1f}z", fill=top),
        element("path", d=f"M{right:.1f} {roof:.1f}l{depth:.1f} {-up:.1f}v{height:.1f}l{-depth:.1f} {up:.1f}z", fill=side),
        element("path", d=f"M{left:.1f} {roof:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z", fill=front),
        element("path", d=lines, fill="none", stroke="#fff", stroke_opacity="0.75", stroke_width=1) if lines else None,
    )


def _share(middle: float, ground: float, share: float, height: float, color: str) -> Markup:
    """Return a bar as high as a share of the highest, with the share of the whole written above it."""
    height = max(1.0, _BAR * height)
    return element(
        "g",
        element("rect", x=middle - 13, y=ground - height, width=26, height=height, fill=color),
        _text(middle, ground - height - 5, f"{share:.0%}" if share >= 0.005 else "<1%", faint=True),
    )


def _stage(number: int, resolution: int, left: float, right: float) -> Markup:
    return element(
        "g",
        element(
            "path", d=f"M{left:.1f} {_STAGE_LINE - 8:.0f}v8H{right:.1f}v-8", fill="none", stroke="currentColor", opacity=0.45
        ),
        _text((left + right) / 2, _STAGE_LINE + 17, f"stage {number}"),
        _text((left + right) / 2, _STAGE_LINE + 32, f"{resolution}²", faint=True),
    )


def _row_name(name: str, y: float) -> Markup:
    return _text(6, y, name, anchor="start", faint=True)


def _text(x: float, y: float, text: str, anchor: str = "middle", faint: bool = False, strong: bool = False) -> Markup:
    return element(
        "text",
        text,
        x=round(x, 1),
        y=round(y, 1),
        text_anchor=anchor,
        font_size=12,
        font_weight=600 if strong else None,
        fill="currentColor",
        opacity=0.75 if faint else None,
    )
