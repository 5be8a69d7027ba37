"""``search.optimizer=exact`` from the command line to the files."""

import csv
import itertools
import json
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm

START = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperConvK1BNRELU(16,64,1,1)"


def overrides(*more: str) -> list[str]:
    limits = ["budget.flops=1M", "budget.layers=5", "resolution=32", "num_classes=10"]
    return ["budget=flops600M", f'start="{START}"', *limits, "search.optimizer=exact", *more]


@pytest.mark.slow
def test_leaves_optimum_bound_and_finalists(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*overrides("search.finalists=3", "search.rerank.repeats=1", f"output_dir={tmp_path / 'a'}"))
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "a" / "result.json").read_text())
    best = Architecture.parse(result["optimum_structure"])
    assert result["optimum"] == ZenClosedForm(32).score(best).value
    assert result["optimum"] <= result["bound"] <= result["optimum"] + 1e-5
    assert result["gap"] == pytest.approx(result["bound"] - result["optimum"])
    assert result["optimizer"] == "exact"
    assert (best.flops(32, 10) <= 1_000_000, best.num_layers <= 5) == (True, True)
    finalists = list(csv.DictReader((tmp_path / "a" / "finalists.csv").open()))
    kinds = {
        tuple((block.name, block.sub_layers) for block in Architecture.parse(row["structure"]).blocks) for row in finalists
    }
    assert len(kinds) == len(finalists) > 1
    assert max(float(row["search_score"]) for row in finalists) == result["optimum"]
    bounds = list(csv.DictReader((tmp_path / "a" / "bounds.csv").open()))
    assert float(bounds[-1]["bound"]) == pytest.approx(result["bound"])
    assert "upper bound, widths up to" in ended.out
    page = (tmp_path / "a" / "report.html").read_text()
    assert "The optimum and its bound" in page
    assert all(said not in page for said in ("search.iterations=", "population</dt>", "moves</dt>"))
    assert "already finished: the exact optimiser keeps nothing" in zen(f"resume={tmp_path / 'a'}").out
    again = zen(*overrides("search.finalists=3", "search.rerank.repeats=1", "seed=0", f"output_dir={tmp_path / 'b'}"))
    assert again.code == 0, again.err
    for name in ("bounds.csv", "population.csv", "finalists.csv", "best_structure.txt"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ["search=zen_calibrated"],
        ["search=deepmad", "proxy.rho=1"],
        ["budget.latency_ms=0.004", "latency.profile=v100-tensorrt-fp16"],
    ],
    ids=["calibrated", "deepmad", "latency"],
)
def test_another_score_and_another_cost(zen: Zen, tmp_path: Path, more: list[str]) -> None:
    ended = zen(*overrides("search.finalists=0", *more, f"output_dir={tmp_path / 'a'}"))
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "a" / "result.json").read_text())
    assert result["optimum"] <= result["bound"] <= result["optimum"] + 1e-5 + 1e-7 * result["optimum"]
    assert Architecture.parse(result["optimum_structure"]).flops(32, 10) <= 1_000_000
    if "latency_ms" in more[0]:
        assert "latency_ms" in result["prices"]
        assert result["latency_ms"] <= 0.004
        assert "an optimum under predicted latency takes long" in ended.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["search.optimizer=exakt"], "expected evolution or exact"),
        (["search.optimizer=exact", "search.restarts=3"], "search.optimizer=exact has one answer"),
        (["search.optimizer=exact", "search=flops"], "states no tables of what each block adds"),
        (["search.optimizer=exact", "budget=nas_bench_201"], "states no tables of its blocks"),
        (["search.optimizer=exact", "budget.layers=null"], "needs a limit on layers"),
        (["search.minutes=0"], "search.minutes=0.0: expected more than 0 minutes"),
        (["search.optimizer=exact", "task=pareto", "objectives=activations"], "the front of FLOPs, of parameters or of both"),
        (["search.optimizer=exact", "task=pareto", "objectives=flops"], "where the budget limits one of them"),
    ],
)
def test_what_it_refuses(zen: Zen, tmp_path: Path, more: list[str], said: str) -> None:
    ended = zen(*more, f"output_dir={tmp_path / 'a'}")
    assert ended.code == 2
    assert said in ended.err
    assert not (tmp_path / "a" / "command.json").exists()


def test_a_front_has_a_bound_for_each_network(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*overrides("task=pareto", "objectives=flops", "structures=2", "search.processes=1", f"output_dir={tmp_path}"))
    assert ended.code == 0, ended.err
    rows = list(csv.DictReader((tmp_path / "front.csv").open()))
    assert len(rows) >= 2
    for row in rows:
        arch = Architecture.parse(row["structure"])
        assert int(row["flops"]) == arch.flops(32, 10)
        assert float(row["score"]) == ZenClosedForm(32).score(arch).value
        assert float(row["score"]) <= float(row["bound"]) + 1e-12
    best = max(rows, key=lambda row: float(row["score"]))
    assert float(best["bound"]) == pytest.approx(float(best["score"]), abs=1e-5)
    bounds = [float(row["bound"]) for row in sorted(rows, key=lambda row: int(row["flops"]))]
    assert bounds == sorted(bounds)


@pytest.mark.long
def test_a_front_of_two_costs(zen: Zen, tmp_path: Path) -> None:
    asked = ("task=pareto", "objectives=[flops,params]", "structures=2", "search.processes=1")
    ended = zen(*overrides(*asked, f"output_dir={tmp_path / 'a'}"))
    assert ended.code == 0, ended.err
    assert "params at most" in ended.out
    rows = list(csv.DictReader((tmp_path / "a" / "front.csv").open()))
    points = [(float(row["score"]), int(row["flops"]), int(row["params"])) for row in rows]
    assert len(points) >= 2
    for score, flops, params in points:
        others = [one for one in points if one[0] >= score and one[1] <= flops and one[2] <= params]
        assert others == [(score, flops, params)]
    for row in rows:
        score, bound = float(row["score"]), float(row["bound"])
        assert score <= bound <= min(float(row["bound_flops"]), float(row["bound_params"])) + 1e-12
    assert sum(float(row["bound"]) - float(row["score"]) < 1e-5 for row in rows) >= 2
    page = (tmp_path / "a" / "report.html").read_text()
    assert page.count("upper bound") >= 2
    again = zen(*overrides(*asked, "search.processes=2", f"output_dir={tmp_path / 'b'}"))
    assert again.code == 0, again.err
    assert (tmp_path / "a" / "front.csv").read_bytes() == (tmp_path / "b" / "front.csv").read_bytes()


def test_validate_says_what_would_be_done(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*overrides("task=validate", f"output_dir={tmp_path / 'a'}"))
    assert ended.code == 0, ended.err
    assert "the optimum by zen, with a bound" in ended.out
    ended = zen("task=validate", *overrides("task=pareto", "objectives=[flops,params]"))
    assert "the front of optima against flops and params by zen, with a bound" in ended.out
    ended = zen("task=validate", *overrides("budget.latency_ms=1", "latency.profile=v100-tensorrt-fp16"))
    assert "an optimum under predicted latency takes long" in ended.out


def test_a_front_beside_that_of_evolution(zen: Zen, tmp_path: Path) -> None:
    names = ("front", "exact")
    folders = {name: tmp_path / name for name in names}
    few = ("task=pareto", "objectives=flops", "structures=2", "search.processes=1")
    evolved = [key for key in overrides() if key != "search.optimizer=exact"]
    ended = zen(*evolved, *few, "search.iterations=300", f"output_dir={folders['front']}")
    assert ended.code == 0, ended.err
    ended = zen(*overrides(*few, f"beside={folders['front']}", f"output_dir={folders['exact']}"))
    assert ended.code == 0, ended.err
    other = list(csv.DictReader((folders["front"] / "front.csv").open()))
    assert list(csv.DictReader((folders["exact"] / "front_beside.csv").open())) == other
    page = (folders["exact"] / "report.html").read_text()
    assert "best of the other front" in page
    assert "upper bound" in page
    exact = list(csv.DictReader((folders["exact"] / "front.csv").open()))
    for row in other:
        bounds = [float(one["bound"]) for one in exact if int(one["flops"]) >= int(row["flops"])]
        assert not bounds or float(row["score"]) <= min(bounds) + 1e-9
    ended = zen(*overrides(*few, "proxy.bn_variance=batch", f"beside={tmp_path / 'none'}", f"output_dir={tmp_path / 'b'}"))
    assert ended.code == 2
    ended = zen(*evolved, *few, "resolution=64", f"beside={folders['front']}", f"output_dir={tmp_path / 'c'}")
    assert "has resolution 32, and this one 64" in ended.err


def stop_after(monkeypatch: pytest.MonkeyPatch, readings: int) -> None:
    """Let the clock of time limits jump ahead after it was read so often."""
    clock = itertools.count()
    monkeypatch.setattr("zen_lightning.search.time_limit.monotonic", lambda: 0.0 if next(clock) < readings else 1e9)


def test_ends_by_its_time(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = zen(*overrides("search.finalists=2", "search.rerank=null", f"output_dir={tmp_path / 'whole'}"))
    assert ended.code == 0, ended.err
    best = json.loads((tmp_path / "whole" / "result.json").read_text())["optimum"]
    told = set()
    for readings in (3, 550, 3_000):
        stop_after(monkeypatch, readings)
        folder = tmp_path / str(readings)
        asked = ("search.minutes=5", "search.finalists=2", "search.rerank=null", f"output_dir={folder}")
        ended = zen(*overrides(*asked))
        if ended.code == 2:
            assert "search.minutes=5.0: the exact optimiser found no network in this time; give it more" in ended.err
            told.add("nothing")
            continue
        assert ended.code == 0, ended.err
        result = json.loads((folder / "result.json").read_text())
        assert (result["minutes"], result["stopped_by_time"]) == (5, True)
        assert result["bound"] is None or result["optimum"] <= best <= result["bound"]
        more = "no bound is known yet; give it more" if result["bound"] is None else "the bound holds, and more minutes narrow"
        assert f"search.minutes=5 ended the search before the proof was complete: {more}" in " ".join(ended.out.split())
        page = (folder / "report.html").read_text()
        said = "No bound was proved by then" if result["bound"] is None else "The bound holds for every network"
        assert said in page
        lead = "ended before a bound was known" if result["bound"] is None else "with a bound"
        assert f"found by dynamic programming, {lead}; ended by its limit of 5 minutes" in page
        told.add(said)
    monkeypatch.undo()
    again = zen(f"resume={tmp_path / '3000'}", "search.minutes=null")
    assert "ended by its time: the exact optimiser keeps nothing to continue from" in again.out
    result = json.loads((tmp_path / "3000" / "result.json").read_text())
    assert (result["optimum"], "minutes" in result) == (best, False)
    assert told == {"nothing", "No bound was proved by then", "The bound holds for every network"}


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        (
            3,
            "the exact optimiser found no network in half of this time, which is for the choice of the depth",
        ),
        (550, "no complete proof in time under 5 layers: the best networks known by then count"),
    ],
)
def test_the_choice_of_a_depth_ends_by_its_time(
    zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readings: int, said: str
) -> None:
    stop_after(monkeypatch, readings)
    asked = ("budget.layers=auto", "budget.depths=[5]", "search.minutes=5", "search.finalists=0", f"output_dir={tmp_path}")
    ended = zen(*[key for key in overrides(*asked) if key != "budget.layers=5"])
    assert ended.code == (2 if readings == 3 else 0), ended.err
    assert said in " ".join((ended.err if ended.code else ended.out).split())


def test_a_front_ends_by_its_time(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_after(monkeypatch, 2_500)
    asked = ("task=pareto", "objectives=flops", "structures=2", "search.processes=1", "search.minutes=5")
    ended = zen(*overrides(*asked, f"output_dir={tmp_path}"))
    assert ended.code == 0, ended.err
    assert json.loads((tmp_path / "result.json").read_text())["stopped_by_time"] is True
    assert "search.minutes=5 ended the search before all limits were solved" in " ".join(ended.out.split())
    for row in csv.DictReader((tmp_path / "front.csv").open()):
        assert not row["bound"] or float(row["score"]) <= float(row["bound"])
