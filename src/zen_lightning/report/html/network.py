"""The network: its drawing, and what each part costs."""

from collections.abc import Sequence

from zen_lightning.report.block_facts import BlockFacts
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.reading import architecture_of, blocks_of
from zen_lightning.report.html.tables import bar, table
from zen_lightning.report.network_drawing import draw_network
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_count

_CAPTION = (
    "Each box is a super-block. Its height grows with the square root of its output resolution, its width with the square root "
    "of its output channels; lines separate its layers. k: kernel size; e: expansion of an inverted bottleneck; se: with "
    "squeeze-and-excitation. Below: its share of all parameters and of all FLOPs (multiply-adds)."
)

_SMALL = (5, "narrow"), (7, "middling")
"""Blocks up to which a drawing does not get the width of the page, where it would be as large as a poster."""


def network(run: RunFolder) -> Section | None:
    """Return the section with the drawing and the table of a run's network; None for a run that is about no network."""
    architecture = architecture_of(run)
    if architecture is None:
        return None
    blocks = blocks_of(run, architecture)
    picture = drawing(blocks, run.result["resolution"], "The network of this run", _CAPTION)
    return Section("network", "The network", markup(picture, stage_costs(blocks)))


def drawing(blocks: Sequence[BlockFacts], image: int, title: str, caption: Content, named: bool = False) -> Markup:
    """Return the drawing of a network in a container that scrolls where the page is narrow; ``named``: under its caption."""
    said = f"{title}: {len(blocks) - 1} blocks"
    svg = Markup(draw_network(blocks, image, said, standalone=False))
    size = next((f" {name}" for most, name in _SMALL if len(blocks) <= most), "")
    picture = element("div", svg, class_=f"scroll drawing{size}", tabindex=0, role="region", aria_label=said)
    below = element("figcaption", caption)
    return element("figure", below, picture) if named else element("figure", picture, below)


def stage_costs(blocks: Sequence[BlockFacts]) -> Markup:
    """Return a table with a row for each part of a network."""
    params, flops = (max(1, sum(getattr(block, key) for block in blocks)) for key in ("params", "flops"))
    rows: list[Sequence[Content]] = [
        (
            element("code", block.text),
            block.stage if not block.is_classifier else "",
            f"{block.channels:,} × {block.resolution}²" if not block.is_classifier else f"{block.channels:,}",
            block.layers or "",
            bar(block.params / params, short_count(block.params)),
            bar(block.flops / flops, short_count(block.flops)),
        )
        for block in blocks
    ]
    rows.append(("total", "", "", sum(block.layers for block in blocks), short_count(params), short_count(flops)))
    columns = ["super-block", "stage", "output", "layers", "parameters", "FLOPs"]
    return table(columns, rows, "Where the parameters and FLOPs went")
