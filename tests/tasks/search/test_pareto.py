"""``task=pareto`` from the command line to the files."""

import csv
import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm

SMALL = ("task=pareto", "budget=params1M", "objectives=[params,flops]", "search.iterations=1500", "structures=5")


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "front.csv").open() as file:
        return list(csv.DictReader(file))


def test_leaves_every_file_and_they_agree(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SMALL, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    front = rows(tmp_path)
    assert list(front[0]) == ["structure", "score", "params", "flops", "layers", "peak_activations", "latency_ms"]
    for row in front:
        arch = Architecture.parse(row["structure"])
        assert (int(row["params"]), int(row["flops"]), int(row["layers"])) == (
            arch.num_params(100),
            arch.flops(32, 100),
            arch.num_layers,
        )
        assert int(row["params"]) <= 1_000_000
        assert int(row["layers"]) <= 18
        assert float(row["score"]) == pytest.approx(ZenClosedForm(32).score(arch).value, abs=1e-9)
        assert row["latency_ms"] == ""
    values = [(-float(row["score"]), int(row["params"]), int(row["flops"])) for row in front]
    assert not [a for a in values for b in values if a != b and all(y <= x for x, y in zip(a, b, strict=True))]
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["front"] == len(front)
    assert result["objectives"] == ["score", "params", "flops"]
    assert result["score"] == max(float(row["score"]) for row in front)
    files = sorted(path.name for path in (tmp_path / "structures").iterdir())
    assert [f"structures/{name}" for name in files] == [one["file"] for one in result["structures"]]
    assert 3 <= len(files) <= 5
    known = {row["structure"]: row for row in front}
    for one in result["structures"]:
        assert float(known[(tmp_path / one["file"]).read_text().strip()]["score"]) == one["score"]
        assert one["file"] in ended.out
    assert [one["score"] for one in result["structures"]] == sorted(one["score"] for one in result["structures"])
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "history.csv").open() as file:
        assert int(list(csv.DictReader(file))[-1]["iteration"]) == 1500
    told = zen("task=analyze", f"arch={tmp_path / result['structures'][0]['file']}", f"output_dir={tmp_path / 'analyze'}")
    assert told.code == 0, told.err


def test_a_cut_journal_resumes_to_the_same_front(zen: Zen, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    zen(*SMALL, f"output_dir={whole}")
    zen(*SMALL, "search.iterations=705", f"output_dir={stopped}")
    journal = stopped / "journal" / "restart-00.jsonl"
    journal.write_bytes(journal.read_bytes()[:-500])
    ended = zen(f"resume={stopped}", "search.iterations=1500")
    assert ended.code == 0, ended.err
    for name in ("front.csv", "history.csv"):
        assert (whole / name).read_bytes() == (stopped / name).read_bytes()
    one, two = (sorted((p.name, p.read_text()) for p in (folder / "structures").iterdir()) for folder in (whole, stopped))
    assert one == two


def test_the_second_proxy_scores_the_files_again(zen: Zen, tmp_path: Path) -> None:
    repeats = ("search.rerank.repeats=2", "search.rerank.batch_size=2")
    ended = zen(*SMALL, "structures=2", "rescore=true", *repeats, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    for one in json.loads((tmp_path / "result.json").read_text())["structures"]:
        assert one["score_again"] == pytest.approx(one["score"], abs=5)
        assert f"{one['score_again']:.3f}" in ended.out


def test_a_space_with_a_largest_member_needs_no_budget(zen: Zen, tmp_path: Path) -> None:
    few = ("search.iterations=300", f"output_dir={tmp_path}")
    ended = zen("task=pareto", "budget=nas_bench_201", "search=params", "objectives=flops", *few)
    assert ended.code == 0, ended.err
    scores = [float(row["score"]) for row in rows(tmp_path)]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["objectives=[flops,parms]"], "did you mean 'params'"),
        (["objectives=[flops,flops]"], "is there twice"),
        (["objectives=[latency_ms]"], "objectives=latency_ms: choose from: params, flops, layers, activations"),
        (["objectives=[latency_ms]", "budget=latency03ms"], "is measured, and differs each time"),
        (["budget.params=null"], "a front needs a largest cost"),
        (["budget.params=null", "budget.layers=null"], "the budget has no limit"),
        (["search=az_nas"], "only ranks networks within a set"),
        (["search=naswot", "rescore=true"], "has no second proxy"),
        (["structures=0"], "structures=0: expected 1 or more"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(zen: Zen, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = zen("task=pareto", "budget=params1M", "search.iterations=50", *arguments, f"output_dir={tmp_path}")
    assert ended.code == 2
    assert message in ended.err


def test_another_front_is_not_continued_and_none_overwritten(zen: Zen, tmp_path: Path) -> None:
    zen(*SMALL, "search.iterations=50", f"output_dir={tmp_path}")
    before = (tmp_path / "front.csv").read_bytes()
    changed = zen(f"resume={tmp_path}", "objectives=[flops]")
    assert changed.code == 2
    assert "belongs to another search: objectives was ['params', 'flops'], now ['flops']" in changed.err
    again = zen(*SMALL, f"output_dir={tmp_path}")
    assert again.code == 2
    assert "already holds a search" in again.err
    search = zen("budget=params1M", "search.iterations=50", f"output_dir={tmp_path}")
    assert search.code == 2
    assert (tmp_path / "front.csv").read_bytes() == before
