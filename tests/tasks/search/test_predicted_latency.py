"""``task=search`` under a latency that a profile predicts, its measurements replaced."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from command_line import Zen
from fake_device import fake_profile
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.latency.measured import Measured
from zen_lightning.latency.predictor import LatencyPredictor

SMALL = ("search=zen", "budget=latency03ms", "search.iterations=2000", "search.population_size=40", "search.rerank=null")
OFF = 1.08


@pytest.fixture
def disturbed() -> list[float]:
    """Return how far the first measurements are off; a test may add to it."""
    return []


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disturbed: list[float]) -> str:
    """Return the path of a profile whose device takes 8% longer than it predicts."""
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    predictor = LatencyPredictor(fake_profile())

    def measure(architecture: BaseArchitecture, settings: Any, resolution: int, num_classes: int, seconds: float) -> Measured:
        milliseconds = (disturbed.pop() if disturbed else OFF) * predictor.milliseconds(architecture, resolution, num_classes)
        return Measured(milliseconds, milliseconds, 1.01 * milliseconds, 20)

    monkeypatch.setattr("zen_lightning.latency.measure.measure_network", measure)
    return f"latency.profile={path}"


def test_the_answer_is_measured_and_fits(zen: Zen, tmp_path: Path, profile: str) -> None:
    out = tmp_path / "out"
    ended = zen(*SMALL, "budget.latency_ms=2", profile, "search.finalists=3", f"output_dir={out}")
    assert ended.code == 0, ended.err
    result = json.loads((out / "result.json").read_text())
    latency = result["latency"]
    assert latency["measured_ms"] == pytest.approx(OFF * latency["predicted_ms"])
    assert 0.95 * 2 <= result["latency_ms"] == latency["measured_ms"] <= 2
    assert latency["factor"] == pytest.approx(OFF * 1.008)
    assert (latency["profile"], latency["trusted"], result["budgets"]["latency_ms"]) == ("fake", True, 2.0)
    finalists = list(csv.DictReader((out / "finalists.csv").open()))
    assert all(float(row["latency_measured_ms"]) <= 2 for row in finalists)
    assert "measured latency is 1.080 times the predicted one for networks of this kind" in ended.out
    assert "searching from a narrower one" in ended.out
    assert json.loads((out / "calibration.json").read_text())["ratio"] == pytest.approx(OFF)


@pytest.mark.parametrize("disturbance", [1.4, 2.5])
def test_a_search_whose_calibration_was_disturbed_is_searched_again(
    zen: Zen,
    tmp_path: Path,
    profile: str,
    disturbed: list[float],
    disturbance: float,
) -> None:
    disturbed.extend([disturbance] * 2)  # As many as the pilot search has networks to measure.
    out = tmp_path / "out"
    ended = zen(*SMALL, "budget.latency_ms=2", profile, "search.finalists=2", f"output_dir={out}")
    assert ended.code == 0, ended.err
    assert "searching again, by what was measured" in ended.out
    result = json.loads((out / "result.json").read_text())
    assert 0.95 * 2 <= result["latency_ms"] <= 2
    assert result["iterations"] == 2000
    assert json.loads((out / "calibration.json").read_text())["ratio"] == pytest.approx(OFF)
    before = (out / "population.csv").read_bytes()
    disturbed.extend([1.5] * 4)  # A busy moment throws nothing away.
    ended = zen(f"resume={out}")
    assert ended.code == 0, ended.err
    assert (out / "population.csv").read_bytes() == before


def test_a_run_can_go_on_where_the_device_is_not(
    zen: Zen,
    tmp_path: Path,
    profile: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    arguments = (*SMALL, "budget.latency_ms=2", profile)
    assert zen(*arguments, f"output_dir={here}").code == 0
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("zen_lightning.latency.at_hand.device_name", lambda device: "another CPU")
        assert zen(*arguments, f"output_dir={there}").code == 0
        ended = zen(f"resume={here}", "search.iterations=2100")
    assert ended.code == 0, ended.err
    ended = zen(f"resume={there}", "search.iterations=2100")
    assert ended.code == 0, ended.err


def test_it_goes_on_with_the_calibration_it_began_with(
    zen: Zen,
    tmp_path: Path,
    profile: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    arguments = (*SMALL, "budget.latency_ms=2", profile, "search.finalists=1")
    zen(*arguments, f"output_dir={whole}")
    zen(*arguments, f"output_dir={out}")
    journal = out / "journal" / "restart-00.jsonl"
    journal.write_bytes(journal.read_bytes()[:-100])
    ended = zen(f"resume={out}")
    assert ended.code == 0, ended.err
    assert "calibrating the profile" not in ended.out
    assert (out / "population.csv").read_bytes() == (whole / "population.csv").read_bytes()


def test_without_calibration_the_search_repeats_anywhere(zen: Zen, tmp_path: Path, profile: str) -> None:
    arguments = (*SMALL, "budget.latency_ms=2", profile, "latency.calibrate=false", "search.finalists=2")
    ended = zen(*arguments, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    latency = json.loads((tmp_path / "out" / "result.json").read_text())["latency"]
    assert latency["factor"] == 1.0
    over = latency["measured_ms"] / 2 - 1
    assert over <= 0.02 or f"the answer is the quickest, {over:.1%} over: profile the device anew" in ended.out
    assert not (tmp_path / "out" / "calibration.json").exists()


def test_for_another_device_the_answer_is_predicted(
    zen: Zen,
    tmp_path: Path,
    profile: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zen_lightning.latency.at_hand.device_name", lambda device: "another CPU")
    ended = zen(*SMALL, "budget.latency_ms=2", "budget.params=1M", profile, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["latency"]["measured_ms"] is None
    assert result["latency_ms"] == result["latency"]["predicted_ms"] <= 2
    assert result["params"] <= 1_000_000
    assert "is of another device" in ended.out
    predicted = LatencyPredictor(fake_profile()).milliseconds(Architecture.parse(result["structure"]))
    assert result["latency_ms"] == pytest.approx(predicted)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resolution=1024",), "does not reach the"),
        (("budget.latency_ms=2", "budget.layers=2"), "has layers 6 (the limit is 2)"),
        (("budget.latency_ms=0.001",), "even the narrowest start of this shape is predicted to take"),
        (
            ("latency.batch_size=8",),
            "latency.batch_size= cannot be combined with latency.profile=fake, which is for cpu",
        ),
    ],
)
def test_mistakes(zen: Zen, tmp_path: Path, profile: str, arguments: tuple[str, ...], message: str) -> None:
    ended = zen(*SMALL, profile, *arguments, f"output_dir={tmp_path / 'out'}")
    assert (ended.code, message in ended.err) == (2, True), ended.err


def test_a_front_over_predicted_latency(zen: Zen, tmp_path: Path, profile: str) -> None:
    out = tmp_path / "out"
    few = ("search.iterations=600", "structures=3", f"output_dir={out}")
    ended = zen("task=pareto", "budget=latency03ms", "budget.latency_ms=2", profile, "objectives=[latency_ms,params]", *few)
    assert ended.code == 0, ended.err
    result = json.loads((out / "result.json").read_text())
    predictor = LatencyPredictor(fake_profile())
    for row in csv.DictReader((out / "front.csv").open()):
        milliseconds = predictor.milliseconds(Architecture.parse(row["structure"]))
        assert float(row["latency_ms"]) == pytest.approx(OFF * 1.008 * milliseconds)
        assert float(row["latency_ms"]) <= 2
    assert [one["file"].startswith("structures/latency_ms_") for one in result["structures"]] == [True] * len(
        result["structures"]
    )
    for one in result["structures"]:
        assert one["measured_ms"] == pytest.approx(one["latency_ms"] / 1.008)
    assert zen(f"resume={out}", "search.iterations=700").code == 0
    assert json.loads((out / "calibration.json").read_text())["ratio"] == pytest.approx(OFF)


def test_without_a_gpu_the_profile_for_that_predicts(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    few = (*SMALL[:2], "search.iterations=200", "search.population_size=20", "search.finalists=0")
    ended = zen(*few, "latency.without_gpu=v100-tensorrt-fp16", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "PyTorch finds no cuda here: latency is predicted from the profile v100-tensorrt-fp16" in ended.out
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["latency"]["profile"] == "v100-tensorrt-fp16"
    assert 0 < result["latency_ms"] <= 0.3
    named = zen(*few, "latency.without_gpu=v100", "task=validate")
    assert (named.code, "latency.without_gpu=v100: no such profile" in named.err + named.out) == (1, True)
    measured = zen(*few, f"output_dir={tmp_path / 'other'}")
    assert (measured.code, "predicted from a profile (latency.profile=v100-tensorrt-fp16)" in measured.err) == (2, True)
