"""``zl.search`` and ``zl.pareto``: the answers of the command line, without one."""

import csv
import json
from pathlib import Path

import pytest

import zen_lightning as zl
from command_line import Zen
from pool_proxies import Nap
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.events import DepthChosen, Event, Note, Searched, Searching
from zen_lightning.search.run import Progress
from zen_lightning.space import ResNetSpace

SMALL = {"iterations": 400, "population_size": 30}


def test_it_finds_what_the_command_line_finds(zen: Zen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = zl.search("params1M", **SMALL, finalists=2, seed=3)
    assert capsys.readouterr().out == ""
    assert found.folder is None
    keys = ("search.iterations=400", "search.population_size=30", "search.finalists=2", "seed=3")
    assert zen("budget=params1M", *keys, f"output_dir={tmp_path}").code == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert (str(found.architecture), found.search_score) == (result["structure"], result["search_score"])
    assert found.score == pytest.approx(result["score"], rel=1e-6)
    assert {name: result[name] for name in found.counts} == found.counts
    with (tmp_path / "history.csv").open() as file:
        best = [float(row["best"]) for row in csv.DictReader(file)]
    assert found.history["best"].tolist() == best
    assert found.history["iteration"][-1] == found.iterations == 400
    assert [str(one.architecture) for one in found.finalists] == [
        row["structure"] for row in csv.DictReader((tmp_path / "finalists.csv").open())
    ]


def test_objects_take_the_place_of_names(tmp_path: Path) -> None:
    start = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperConvK1BNRELU(16,64,1,1)"
    budget = zl.Budget(params=60e3, layers=8)
    found = zl.search(
        budget,
        space=ResNetSpace(),
        start=zl.Architecture.parse(start),
        resolution=32,
        num_classes=10,
        proxy=ZenClosedForm(32),
        finalists=1,
        rerank=None,
        **SMALL,
    )
    named = zl.search(budget, space="resnet", start=start, resolution=32, num_classes=10, finalists=0, **SMALL)
    assert found.architecture == named.architecture
    assert found.counts["params"] <= 60_000
    assert found.counts["layers"] <= 8
    assert found.setup.budget.limits[1].maximum == 60_000


def test_a_budget_that_is_no_preset_begins_where_those_of_its_space_do() -> None:
    few = {"iterations": 20, "finalists": 0}
    small = zl.search(zl.Budget(params="1M"), space="resnet", resolution=32, **few)
    large = zl.search(zl.Budget(flops="900M", layers=16), space="resnet", **few)
    assert str(small.setup.start).startswith("SuperConvK3BNRELU(3,8,1,1)")
    assert str(large.setup.start).startswith("SuperConvK3BNRELU(3,32,2,1)")
    assert (large.resolution, large.num_classes) == (224, 1000)
    cell = zl.search(zl.Budget(), space="nas_bench_201", proxy="params", resolution=32, num_classes=10, **few)
    assert str(cell.architecture).startswith("|")


def test_a_preset_with_changes_keeps_its_setting() -> None:
    found = zl.search(zl.Budget.preset("params1M", params=300_000), iterations=50, finalists=0)
    assert (found.resolution, found.num_classes, found.setup.space.name) == (32, 100, "resnet")
    assert found.counts["params"] <= 300_000


def test_a_folder_is_a_run_and_is_continued(zen: Zen, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = zl.search("params1M", **SMALL, finalists=0, folder=folder)
    assert first.folder == folder
    result = json.loads((folder / "result.json").read_text())
    assert (result["task"], result["structure"], result["budget"]) == ("search", str(first.architecture), "params1M")
    assert zl.Architecture.parse((folder / "best_structure.txt").read_text()) == first.architecture
    told = zen("task=analyze", f"arch={folder}", f"output_dir={tmp_path / 'analyze'}")
    assert told.code == 0, told.err
    longer = zl.search("params1M", iterations=600, population_size=30, finalists=0, folder=folder)
    fresh = zl.search("params1M", iterations=600, population_size=30, finalists=0)
    assert longer.outcomes[0].resumed == 400
    assert longer.history["best"].tolist() == fresh.history["best"].tolist()
    with pytest.raises(UserError, match="belongs to another search: seed was 0, now 1"):
        zl.search("params1M", **SMALL, finalists=0, seed=1, folder=folder)


def test_what_the_command_line_began_is_continued(zen: Zen, tmp_path: Path) -> None:
    small = ("search.iterations=200", "search.population_size=30", "search.finalists=0")
    assert zen("budget=params1M", *small, f"output_dir={tmp_path}").code == 0
    found = zl.search("params1M", **SMALL, finalists=0, folder=tmp_path)
    assert found.outcomes[0].resumed == 200


def test_progress_is_told_by_events() -> None:
    events: list[Event] = []
    found = zl.search("params1M", **SMALL, finalists=0, restarts=2, processes=1, progress=events.append)
    kinds = [type(event) for event in events]
    assert kinds[0] is Note
    assert kinds.index(Searching) < kinds.index(Progress) < kinds.index(Searched)
    assert events[kinds.index(Searching)] == Searching(400, 2)
    assert {event.restart for event in events if isinstance(event, Progress)} == {0, 1}
    assert {outcome.restart for outcome in found.outcomes} == {0, 1}


def test_a_bar_is_shown_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    zl.search("params1M", **SMALL, finalists=0, progress=True)
    assert "400 of 400 iterations" in capsys.readouterr().out


def test_a_depth_is_chosen(tmp_path: Path) -> None:
    events: list[Event] = []
    budget = zl.Budget.preset("flops600M", layers="auto", depths=[7, 9])
    found = zl.search(budget, iterations=100, population_size=20, finalists=0, progress=events.append)
    assert [one.limit for one in found.depths] == [7, 9]
    best = max(found.depths, key=lambda one: one.calibrated)
    assert found.counts["layers"] <= best.limit
    assert [event.depths for event in events if isinstance(event, DepthChosen)] == [list(found.depths)]


def test_the_optimum_has_a_bound() -> None:
    start = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperConvK1BNRELU(16,64,1,1)"
    budget = zl.Budget(flops="2M", layers=5)
    found = zl.search(
        budget, space="mobilenet", start=start, resolution=32, num_classes=10, optimizer="exact", finalists=1, rerank=None
    )
    assert found.optimum is not None
    assert found.search_score == found.optimum.score <= (found.bound or 0) <= found.search_score + 1e-5
    assert found.history["best"].tolist() == []


def test_a_front(zen: Zen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    front = zl.pareto("params1M", objectives=["params", "flops"], iterations=600, structures=4, folder=tmp_path / "own")
    assert capsys.readouterr().out == ""
    few = ("objectives=[params,flops]", "search.iterations=600", "structures=4")
    assert zen("task=pareto", "budget=params1M", *few, f"output_dir={tmp_path / 'command'}").code == 0
    assert (tmp_path / "own" / "front.csv").read_bytes() == (tmp_path / "command" / "front.csv").read_bytes()
    assert front.table["params"] == sorted(front.table["params"])
    assert front.best.score == max(front.table["score"])
    assert [one.architecture.num_params(100) for one in front.chosen] == [one.point.costs[0] for one in front.chosen]
    assert json.loads((tmp_path / "own" / "result.json").read_text())["task"] == "pareto"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"budget": "flops6000M"}, "budget=flops6000M: did you mean 'flops600M'"),
        ({"space": "resnt"}, "space=resnt: did you mean 'resnet'"),
        ({"proxy": "zem"}, "proxy=zem: did you mean 'zen'"),
        ({"rerank": "zem", "finalists": 1}, "rerank=zem: did you mean 'zen'"),
        ({"iterations": 0}, "iterations=0: expected 1 or more"),
        ({"population_size": 0}, "population_size=0: expected 1 or more"),
        ({"restarts": 0}, "restarts=0: expected 1 or more"),
        ({"finalists": -1}, "finalists=-1: expected 0 or more"),
        ({"resolution": 0}, "resolution=0: expected 1 or more"),
        ({"workers": "many"}, "workers=many: expected a count of 1 or more, auto"),
        ({"optimizer": "exakt"}, "optimizer=exakt: expected evolution or exact"),
        ({"budget": zl.Budget(params="few")}, "params=few: expected a positive count"),
        (
            {"budget": zl.Budget(), "space": "resnet"},
            "the budget has no limit, which this space needs: set one of params, flops",
        ),
        ({"budget": zl.Budget(params=1e6, widths="falling")}, "widths=falling: expected rising"),
        ({"start": "nowhere.txt"}, "start=nowhere.txt: expected a structure"),
        ({"optimizer": "exact", "restarts": 2}, "restarts=2: they repeat an evolution; optimizer=exact has one answer"),
        ({"optimizer": "exact", "proxy": Nap()}, "states no tables"),
    ],
)
def test_what_cannot_be_used_is_said_of_the_arguments(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(UserError) as caught:
        zl.search(**{"iterations": 20, "finalists": 0, **arguments})  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "search." not in str(caught.value)


def test_moves_are_those_of_the_search_or_as_asked(zen: Zen, tmp_path: Path) -> None:
    few = {"iterations": 30, "population_size": 5, "finalists": 0}
    spaces = {
        "tied": zl.search("flops600M", **few),
        "original": zl.search("flops600M", moves="original", **few),
    }
    assert {name: found.setup.space.moves for name, found in spaces.items()} == {name: name for name in spaces}
    assert zl.search("params1M", **few).setup.space.moves == "original"
    assert zl.search("params1M", moves="tied", **few).setup.space.moves == "tied"
    assert zl.search("flops600M", proxy="flops", **few).setup.space.moves == "original"
    assert zl.search(zl.Budget(flops="600M", layers=14), resolution=224, **few).setup.space.moves == "tied"
    assert zl.pareto("flops600M", moves="original", iterations=30).setup.space.moves == "original"
    keys = ("search.iterations=30", "search.population_size=5", "search.finalists=0")
    for number, (key, moves) in enumerate(
        {
            "budget=flops600M": "tied",
            "search_space.moves=original": "original",
            "search=flops": "original",
            "budget=custom flops=600M": "tied",
        }.items()
    ):
        asked = key.split() if key.startswith("budget") else ["budget=flops600M", key]
        ended = zen(*asked, *keys, f"output_dir={tmp_path / str(number)}")
        assert ended.code == 0, ended.err
        assert json.loads((tmp_path / str(number) / "result.json").read_text())["moves"] == moves
    with pytest.raises(UserError, match=r"moves=tied.*the search space 'mbconv' has no moves to choose"):
        zl.search("flops400M", space="mbconv", moves="tied", **few)
    with pytest.raises(UserError, match=r"moves=tide.*did you mean 'tied'"):
        zl.search("flops600M", moves="tide", **few)
