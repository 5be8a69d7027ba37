"""The drawing of a network."""

import re
from xml.etree import ElementTree

import pytest

from zen_lightning import zoo
from zen_lightning.arch import parse_architecture
from zen_lightning.report.block_facts import block_facts
from zen_lightning.report.network_drawing import draw_network

SPACE = "{http://www.w3.org/2000/svg}"
CELL = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"


@pytest.mark.parametrize("text", [*(zoo.structure(name) for name in zoo.names()), CELL])
def test_every_part_is_drawn_within_the_picture(text: str) -> None:
    blocks = block_facts(parse_architecture(text), 224, 10)
    root = ElementTree.fromstring(draw_network(blocks, 224, "a & b <c>"))
    assert root.findtext(f"{SPACE}title") == "a & b <c>"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    titles = [node.text for node in root.iter(f"{SPACE}title")]
    assert len(titles) == 1 + len(blocks)
    places = [(float(node.attrib["x"]), float(node.attrib["y"])) for node in root.iter() if "x" in node.attrib]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)
    words = [node.text for node in root.iter(f"{SPACE}text")]
    for block in blocks:
        assert block.label in words
        assert f"{block.channels:,}" in words
    assert [word for word in words if word and word.startswith("stage ")] == [
        f"stage {number}" for number in dict.fromkeys(block.stage for block in blocks if block.layers)
    ]


def test_boxes_are_cut_into_layers_and_grow_with_channels() -> None:
    thin, wide = (
        draw_network(block_facts(parse_architecture(f"SuperConvK3BNRELU(3,{width},1,4)"), 32, 10), 32, "t")
        for width in (16, 256)
    )
    cuts = [re.findall(r'd="(M[^"]*)" fill="none" stroke="#fff"', svg) for svg in (thin, wide)]
    assert [paths[0].count("M") for paths in cuts] == [3, 3]
    steps = [[float(x) for x in re.findall(r"M([\d.]+) ", paths[0])] for paths in cuts]
    assert steps[1][1] - steps[1][0] > 3 * (steps[0][1] - steps[0][0])


def test_within_a_page_it_has_no_style_of_its_own() -> None:
    blocks = block_facts(parse_architecture("SuperConvK3BNRELU(3,8,1,1)"), 32, 10)
    assert "<style>" in draw_network(blocks, 32, "t")
    assert "<style>" not in draw_network(blocks, 32, "t", standalone=False)
