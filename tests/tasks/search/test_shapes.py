"""``shape=`` from the command line to the files."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.budget.stages import stages

SEARCH = ("search=zen", "budget=flops600M", "search.iterations=300", "search.finalists=0", "search.population_size=30")


def test_every_network_of_a_search_has_the_shape(zen: Zen, tmp_path: Path) -> None:
    shape = ("shape.widths=rising", "shape.layers_each_stage=[2,5]", "shape.largest_share=0.9", "shape.effectiveness=9")
    ended = zen(*SEARCH, *shape, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    best = Architecture.parse((tmp_path / "best_structure.txt").read_text())
    widths = [block.out_channels for block in best.blocks]
    assert widths == sorted(widths)
    assert all(2 <= stage.layers <= 5 for stage in stages(best, 224))
    told = json.loads((tmp_path / "result.json").read_text())["shape"]
    assert told["widths"] == {"wanted": "rising", "found": "rising"}
    assert told["layers_each_stage"]["wanted"] == "2 to 5"
    assert "layers_each_stage" in ended.out
    assert "layers of each stage" in (tmp_path / "report.html").read_text()
    again = zen(f"resume={tmp_path}", "shape.widths=null")
    assert again.code == 2
    assert "belongs to another search" in again.err


def test_a_front_keeps_to_the_shape(zen: Zen, tmp_path: Path) -> None:
    task = ("task=pareto", "budget=flops600M", "search.iterations=300", "shape.layers_each_stage=2")
    ended = zen(*task, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    front = [path.read_text() for path in (tmp_path / "structures").glob("*.txt")]
    assert front
    assert all(min(stage.layers for stage in stages(Architecture.parse(text), 224)) >= 2 for text in front)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("shape.widths=falling", "shape.widths=falling: expected rising"),
        ("shape.layers_each_stage=[5,2]", "shape.layers_each_stage=[5,2]: expected [least,most]"),
        ("shape.layers_each_stage=[1,2,3]", "shape.layers_each_stage=[1, 2, 3]: expected [least,most]"),
        ("shape.layers_each_stage=many", "shape.layers_each_stage=many: expected [least,most]"),
        ("shape.largest_share=0", "shape.largest_share=0.0: expected a number above 0"),
        ("shape.effectiveness=-1", "shape.effectiveness=-1.0: expected a number above 0"),
        ("shape.layers_each_stage=9", "no network of this shape was found within the limits (shape.layers_each_stage "),
    ],
)
def test_what_cannot_be_used_is_said(zen: Zen, tmp_path: Path, key: str, said: str) -> None:
    ended = zen(*SEARCH, key, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert said in ended.err


def test_a_lifted_limit_on_layers_is_warned_of(zen: Zen, tmp_path: Path) -> None:
    said = "budget.layers is not limited: then depth alone drives the Zen-score"
    assert said in zen(*SEARCH, "budget.layers=null", f"output_dir={tmp_path / 'free'}").out
    bounded = zen(*SEARCH, "budget.layers=null", "shape.effectiveness=0.5", f"output_dir={tmp_path / 'bounded'}")
    assert said not in bounded.out


def test_a_front_of_a_shape_has_its_report(zen: Zen, tmp_path: Path) -> None:
    few = ("search.population_size=8", "search.iterations=50", "search.finalists=0")
    ended = zen("task=pareto", "budget=params1M", *few, "shape.layers_each_stage=1", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "no report" not in ended.out
    assert "1 or more" in (tmp_path / "report.html").read_text()
