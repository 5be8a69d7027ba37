"""The limits of ``budget=``, and those of classes from elsewhere."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from command_line import HydraConfigFor, Zen
from own_limits import ConvolutionsLimit, Flops320, WeightsLimit
from zen_lightning.arch import Architecture
from zen_lightning.budget import KINDS
from zen_lightning.config.schema import BUDGET_FIELDS
from zen_lightning.errors import UserError
from zen_lightning.runs.command import Command
from zen_lightning.tasks.search.limits import read_budget
from zen_lightning.tasks.search.setup import search_setup

OWN = (
    "budget.own={weights_mb:{_target_:own_limits.WeightsLimit,maximum:0.9},"
    "convolutions:{_target_:own_limits.ConvolutionsLimit,maximum:24}}"
)
SEARCH = ("budget=params1M", "search.iterations=400", "search.population_size=30", "search.finalists=0")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_each_kind_has_its_key() -> None:
    assert {kind.name for kind in KINDS} <= set(BUDGET_FIELDS)


def test_a_search_keeps_to_the_activation_memory(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SEARCH, "budget.activations=42k", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "result.json").read_text())
    found = Architecture.parse(result["structure"])
    assert result["budgets"] == {"layers": 18, "params": 1_000_000, "activations": 42_000}
    assert result["peak_activations"] == found.peak_activations(32, 100)
    members = rows(tmp_path / "population.csv")
    most = max(int(row["peak_activations"]) for row in members)
    assert most <= 42_000
    assert all(Architecture.parse(row["structure"]).peak_activations(32, 100) <= 42_000 for row in members)
    assert result["rejected"]["activations"] > 0
    assert "peak activations" in ended.out
    told = zen("task=report", f"run={tmp_path}")
    assert told.code == 0, told.err
    page = (tmp_path / "report.html").read_text()
    assert "42.0k peak activations" in page
    assert '["peak activations",""]' in page


def test_a_front_trades_the_activation_memory(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=pareto", *SEARCH, "objectives=[activations,flops]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    front = rows(tmp_path / "front.csv")
    values = [(-float(row["score"]), int(row["peak_activations"]), int(row["flops"])) for row in front]
    assert len({peak for _, peak, _ in values}) > 2
    assert not [a for a in values for b in values if a != b and all(y <= x for x, y in zip(a, b, strict=True))]
    assert sorted(path.name for path in (tmp_path / "structures").iterdir())[0].startswith("activations_")
    assert json.loads((tmp_path / "result.json").read_text())["objectives"] == ["score", "activations", "flops"]
    assert zen("task=report", f"run={tmp_path}").code == 0
    assert "peak activations" in (tmp_path / "report.html").read_text()


def test_a_search_keeps_to_limits_from_elsewhere(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SEARCH, OWN, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "weights_mb 0.9, convolutions 24" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    found = Architecture.parse(result["structure"])
    weights, convolutions = WeightsLimit(0.9, 100), ConvolutionsLimit(24)
    assert result["budgets"] == {"layers": 18, "params": 1_000_000, "weights_mb": 0.9, "convolutions": 24}
    assert result["costs"] == {"weights_mb": weights.measure(found), "convolutions": convolutions.measure(found)}
    members = rows(tmp_path / "population.csv")
    assert max(float(row["weights_mb"]) for row in members) <= 0.9
    assert max(int(row["convolutions"]) for row in members) <= 24
    for text in ("0.9 MB", "weights", "convolutions"):
        assert text in ended.out
    assert zen("task=report", f"run={tmp_path}").code == 0
    page = (tmp_path / "report.html").read_text()
    assert "1.00M parameters and 0.9 MB weights and 18 layers and 24 convolutions" in page
    assert '["weights","MB"]' in page
    refused = zen(f"resume={tmp_path}", "budget.own.weights_mb.maximum=0.5")
    assert refused.code == 2


def test_a_front_trades_a_limit_from_elsewhere(zen: Zen, tmp_path: Path) -> None:
    ended = zen("task=pareto", *SEARCH, OWN, "objectives=[weights_mb]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    names = [path.name for path in (tmp_path / "structures").iterdir()]
    assert all(name.startswith("weights_mb_") for name in names)
    front = rows(tmp_path / "front.csv")
    assert [float(row["weights_mb"]) for row in front] == sorted(float(row["weights_mb"]) for row in front)
    result = json.loads((tmp_path / "result.json").read_text())
    first = result["structures"][0]
    written = (tmp_path / first["file"]).read_text().strip()
    assert first["costs"]["weights_mb"] == WeightsLimit(1, 100).measure(Architecture.parse(written))
    assert zen("task=report", f"run={tmp_path}").code == 0
    assert "weights, MB" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("3", "budget.own=3: expected a mapping"),
        ("{weights_mb: 3}", "budget.own.weights_mb=3: expected a mapping"),
        ("{weights_mb: {maximum: 3}}", "budget.own.weights_mb has no _target_"),
        ("{weights_mb: {_target_: own_limits.Missing, maximum: 3}}", "cannot be imported"),
        ("{weights_mb: {_target_: own_limits.WeightsLimit}}", "budget.own.weights_mb.maximum is missing"),
        (
            "{weights_mb: {_target_: own_limits.WeightsLimit, maximum: -1}}",
            "budget.own.weights_mb.maximum=-1: expected a number",
        ),
        ("{convolutions: {_target_: own_limits.ConvolutionsLimit, maximum: few}}", "maximum=few: expected a positive count"),
        ("{weights_mb: {_target_: own_limits.WeightsLimit, maximum: 1, bytes: 2}}", "unknown key budget.own.weights_mb.bytes"),
        (
            "{weights: {_target_: own_limits.WeightsLimit, maximum: 1}}",
            "calls itself 'weights_mb': write budget.own.weights_mb",
        ),
        ("{unnamed: {_target_: own_limits.Unnamed, maximum: 1}}", "Unnamed has no name"),
        ("{score: {_target_: own_limits.Taken, maximum: 1}}", "'score' cannot be the name of a limit"),
        ("{flops: {_target_: zen_lightning.budget.FlopsLimit, maximum: 1M}}", "'flops' cannot be the name of a limit"),
        ("{unfinished: {_target_: own_limits.Unfinished, maximum: 1}}", "a class derived from zen_lightning.budget.Limit"),
        (
            "{nothing: {_target_: own_limits.nothing, maximum: 1}}",
            "_target_=own_limits.nothing: nothing is not a",
        ),
    ],
)
def test_what_cannot_be_a_limit_is_said(own: str, message: str) -> None:
    with HydraConfigFor("budget=params1M", f"budget.own={own}") as config, pytest.raises(UserError) as caught:
        read_budget(config, Command())
    assert message in str(caught.value)


def test_a_limit_from_elsewhere_gets_the_settings_that_it_asks_for() -> None:
    own = "{flops_320: {_target_: own_limits.Flops320, maximum: 3G}, weights_mb: null}"
    with HydraConfigFor("budget=params1M", f"budget.own={own}") as config:
        limits = read_budget(config, Command()).limits
    assert [limit.name for limit in limits] == ["layers", "params", "flops_320"]
    assert isinstance(limits[-1], Flops320)
    assert (limits[-1].maximum, limits[-1].resolution, limits[-1].num_classes) == (3_000_000_000, 320, 100)
    assert limits[-1].axis(32) == "FLOPs (multiply-adds, 320 px)"


def identity(*overrides: str) -> dict[str, Any]:
    with HydraConfigFor("budget=params1M", *overrides) as config:
        return search_setup(config, Command()).identity


def test_journals_from_before_go_on() -> None:
    """What makes it this search names new limits only where there are some."""
    plain = identity()
    assert set(plain) == {"version", "start", "budget", "search", "search_space", "proxy", "resolution", "num_classes", "seed"}
    assert plain["budget"] == {"layers": 18, "params": 1_000_000}
    assert identity("budget.activations=1M")["budget"] == {**plain["budget"], "activations": 1_000_000}
    # Nor are moves named that were the only ones.
    assert plain["search_space"] == {"_target_": "zen_lightning.space.ResNetSpace"}
    assert identity("search_space.moves=independent") == plain
    assert identity("search_space.moves=tied")["search_space"] == {**plain["search_space"], "moves": "tied"}
    assert identity(OWN)["own_limits"]["weights_mb"] == {"_target_": "own_limits.WeightsLimit", "maximum": 0.9}


def test_no_limit_is_a_sentence_with_all_keys() -> None:
    said = pytest.raises(UserError, match=r"set one of budget\.params, .*budget\.activations, budget\.latency_ms")
    with HydraConfigFor("budget=params1M", "budget.params=null", "budget.layers=null") as config, said:
        read_budget(config, Command())
