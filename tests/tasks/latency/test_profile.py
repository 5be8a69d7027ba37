"""``task=profile``, its timings replaced."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from fake_device import FakeMeasurer
from zen_lightning.latency.profile import read_profile

SMALL = (
    "latency.batch_size=2",
    "extent.drawn=4",
    "extent.networks_from=12",
    "extent.flops=[8e6,5e8]",
    "extent.fitted=16",
    "extent.held_out=8",
)


@pytest.fixture(autouse=True)
def formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zen_lightning.api.timing.Measurer", lambda settings, *seconds: FakeMeasurer())


def test_leaves_a_profile_that_can_be_read(zen: Zen, tmp_path: Path) -> None:
    output = tmp_path / "profiles" / "mine.json"
    ended = zen("task=profile", *SMALL, f"output={output}", f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    profile = read_profile(output)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["held_out"] == vars(profile.held_out)
    assert result["operations"] == sum(map(len, profile.points.values()))
    for shown in (str(profile.held_out), f"use it by latency.profile={output}", "measurements"):
        assert shown in ended.out
    again = zen("task=profile", *SMALL, f"output={output}", f"output_dir={tmp_path / 'out'}")
    assert (again.code, "is there already: move it away" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("output=null",), "task=profile needs output=: the file of the profile"),
        (("output=mine.txt",), "output=mine.txt: expected a file that ends in .json"),
        (("latency.batch_size=[1,8]",), "a profile is for one batch size"),
        (("extent.held_out=1",), "extent.held_out=1: expected 2 or more"),
        (("extent.flops=[1e9,1e8]",), "expected the FLOPs of the smallest and the largest network"),
        (("extent.network_seconds=0",), "expected seconds above 0"),
    ],
)
def test_mistakes(zen: Zen, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    ended = zen("task=profile", f"output={tmp_path / 'mine.json'}", *arguments, f"output_dir={tmp_path / 'out'}")
    assert (ended.code, message in ended.err) == (2, True), ended.err
