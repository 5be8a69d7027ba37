"""The spaces with codes of their own, from the command line to the files."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.arch import MacroArchitecture, parse_architecture
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.space import search_space

FEW = ("search=zen", "search.iterations=200", "search.population_size=20", "search.finalists=0")


@pytest.mark.parametrize(
    ("asked", "space"),
    [
        (("budget=nas_bench_macro", "budget.flops=60M"), "nas_bench_macro"),
        (("budget=transnas_macro", "budget.flops=3G"), "transnas_macro"),
        (("search_space=accel_nasbench", "budget=flops400M"), "accel_nasbench"),
    ],
)
def test_a_search_answers_in_the_code_of_its_space(zen: Zen, tmp_path: Path, asked: tuple[str, ...], space: str) -> None:
    ended = zen(*FEW, *asked, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    text = (tmp_path / "best_structure.txt").read_text().strip()
    best = search_space(space).parse(text)
    assert str(best) == text
    result = json.loads((tmp_path / "result.json").read_text())
    resolution, classes = best.resolution, best.num_classes
    assert (result["structure"], result["layers"]) == (text, best.num_layers)
    assert (result["params"], result["flops"]) == (best.num_params(classes), best.flops(resolution, classes))
    assert result["search_score"] == pytest.approx(ZenClosedForm(resolution).score(best).value, abs=1e-9)
    start = search_space(space).parse(search_space(space).start)
    assert result["search_score"] > ZenClosedForm(resolution).score(start).value


def test_a_code_is_looked_at_as_its_benchmark_does(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", "arch=12012120", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "(32 px, 10 classes)" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["structure"] == "12012120"
    assert result["params"] == MacroArchitecture.parse("12012120").num_params(10)


def test_a_wrong_code_ends_in_a_sentence_with_its_place(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=analyze", "arch=12013120", f"output_dir={tmp_path}")
    assert ended.code == 2
    assert "'3' is no such digit at position 4" in ended.err


def test_a_start_in_another_language_is_refused_if_the_user_gave_it(zen: Zen, tmp_path: Path) -> None:
    start = "start=SuperConvK3BNRELU(3,8,1,1)SuperConvK1BNRELU(8,16,1,1)"
    ended = zen(*FEW, "search_space=nas_bench_macro", start, f"output_dir={tmp_path}")
    assert ended.code == 2
    assert "8 digits, each one of 0, 1, 2" in ended.err


def test_codes_are_read_by_parse_architecture_as_by_their_space() -> None:
    for name in ("accel_nasbench", "nas_bench_macro", "transnas_macro"):
        space = search_space(name)
        assert parse_architecture(space.start) == space.parse(space.start)
