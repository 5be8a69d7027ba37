"""Several networks side by side, stage by stage."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from zen_lightning.arch.base import CLASSIFIER
from zen_lightning.report.block_facts import BlockFacts
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import short_count

COLUMNS = ("network", "blocks", "kernels", "widths", "layers", "params", "FLOPs")

_SHORT = {"residual": "res", "bottleneck": "bott", "inverted": "inv"}
"""So that the table fits the terminal."""


class StageFacts(NamedTuple):
    """The blocks of one output resolution, or the classifier.

    Attributes:
        name: ``1/4`` for a stage whose output is a fourth of the image, or ``classifier``.
        resolution: height and width of what leaves.
        blocks: their kinds, in order, each once.
        kernels: their kernels, in order, each once.
        widths: channels that leave each block.
        layers: sub-layers of all.
        params: the parameters of all.
        flops: the FLOPs of all.
    """

    name: str
    resolution: int
    blocks: str
    kernels: str
    widths: str
    layers: int
    params: int
    flops: int


def stage_facts(blocks: Sequence[BlockFacts], image: int) -> list[StageFacts]:
    """Return the stages of a network, and its classifier.

    Args:
        blocks: the blocks of the network; see :func:`~zen_lightning.report.block_facts.block_facts`.
        image: height and width of the image.
    """
    groups: dict[str, list[BlockFacts]] = {}
    for block in blocks:
        name = f"1/{max(1, round(image / block.resolution))}" if not block.is_classifier else CLASSIFIER
        groups.setdefault(name, []).append(block)
    return [
        StageFacts(
            name,
            found[-1].resolution,
            ", ".join(dict.fromkeys(_kind(block) for block in found)) if name != CLASSIFIER else "",
            ", ".join(dict.fromkeys(str(block.kernel) for block in found if block.kernel)),
            ", ".join(str(block.channels) for block in found),
            sum(block.layers for block in found),
            sum(block.params for block in found),
            sum(block.flops for block in found),
        )
        for name, found in groups.items()
    ]


def stage_order(networks: Sequence[Sequence[StageFacts]]) -> list[str]:
    """Return the names of all stages that any network has, large resolutions first, the classifier last."""
    names = {stage.name for stages in networks for stage in stages}
    return sorted(names, key=lambda name: (name == CLASSIFIER, 0 if name == CLASSIFIER else int(name.removeprefix("1/"))))


def stage_comparison(networks: Sequence[tuple[str, Sequence[StageFacts]]]) -> Table:
    """Return a table for the terminal: a section for each stage, a row for each network that has it.

    Args:
        networks: name and stages of each.
    """
    table = Table("Stage by stage (output / image)", ["stage", *COLUMNS])
    for stage in stage_order([stages for _, stages in networks]):
        rows = [(name, found) for name, stages in networks for found in stages if found.name == stage]
        for number, (name, found) in enumerate(rows):
            heading = stage if number == 0 else ""
            blocks, *cells = stage_cells(found)
            for kind, short in _SHORT.items():
                blocks = blocks.replace(kind, short)
            table.add(heading, name, blocks, *cells, end_section=number == len(rows) - 1)
    return table


def stage_cells(stage: StageFacts) -> list[Any]:
    """Return a stage as the cells of a table, from its blocks on."""
    counts = short_count(stage.params), short_count(stage.flops)
    return [stage.blocks, stage.kernels, stage.widths, stage.layers or "", *counts]


def _kind(block: BlockFacts) -> str:
    return f"{block.kind} e{block.expansion}" if block.expansion else block.kind
