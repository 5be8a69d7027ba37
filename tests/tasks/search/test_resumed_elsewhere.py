"""What a command names by names of its folder is found by a search that is continued in another one."""

import shutil
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.latency.profile import profile_path

SEARCH = ("search.population_size=8", "search.finalists=0")
WITHIN = ("budget=latency03ms", "budget.latency_ms=50", "latency.calibrate=false", "search.iterations=16", *SEARCH)


@pytest.mark.parametrize("named", ["mine", "own.json"])
def test_a_profile(named: str, zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "profiles").mkdir()
    for place in (tmp_path / "profiles" / "mine.json", tmp_path / "own.json"):
        shutil.copy(profile_path("build-cpu"), place)
    monkeypatch.chdir(tmp_path)
    assert zen("search=zen", *WITHIN, f"latency.profile={named}", "output_dir=found").code == 0
    monkeypatch.chdir("/")
    again = zen(f"resume={tmp_path / 'found'}", "search.iterations=24")
    assert again.code == 0, again.err


def test_a_front_beside(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    front = ("task=pareto", "budget=params1M", "search.iterations=200")
    monkeypatch.chdir(tmp_path)
    assert zen(*front, "output_dir=one").code == 0
    assert zen(*front, "output_dir=two", "beside=one").code == 0
    monkeypatch.chdir("/")
    again = zen(f"resume={tmp_path / 'two'}", "search.iterations=300")
    assert again.code == 0, again.err
