"""``task=profile``, its timings replaced."""

import json
from pathlib import Path

import pytest

from command_line import Zen
from fake_device import EXTENT, SETTINGS, FakeMeasurer, network_seconds
from zen_lightning.latency.profile import read_profile
from zen_lightning.latency.profiler import profile_device
from zen_lightning.latency.samples import sample_networks
from zen_lightning.system.csv_files import write_csv

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


def test_a_run_is_continued_by_its_folder(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = [FakeMeasurer(stop_after=20), FakeMeasurer()]
    monkeypatch.setattr("zen_lightning.api.timing.Measurer", lambda settings, *seconds: made.pop(0))
    first, second = made
    command = ("task=profile", *SMALL, "output=profiles/mine.json", "output_dir=out")
    assert zen(*command).code == 130
    record = json.loads(Path("out/command.json").read_text())
    assert {"task=profile", "output=profiles/mine.json"} <= set(record["overrides"])
    ended = zen("resume=out")
    assert ended.code == 0, ended.err
    whole = FakeMeasurer()
    profile_device(SETTINGS, EXTENT, tmp_path / "whole.json", measurer=whole)
    assert (first.measured, first.measured + second.measured) == (20, whole.measured)
    Path("out/result.json").unlink()
    again = zen(*command, "resume=auto")
    assert (again.code, "nothing is left to measure" in again.out, second.measured) == (0, True, whole.measured - 20), again.err
    assert json.loads(Path("out/result.json").read_text())["output"] == "profiles/mine.json"
    other = zen("resume=out", "latency.batch_size=4")
    assert (other.code, "mine.json is there already, of" in other.err) == (2, True), other.err


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


def times(path: Path, count: int = 30, unit: float = 1000.0) -> list[float]:
    """Write a table of networks and their times, and return these in milliseconds."""
    networks = list(sample_networks(count, (3e7, 1e9), "phone"))
    seconds = [network_seconds(network) for network in networks]
    write_csv(path, ["architecture", "time"], [(str(a), unit * s) for a, s in zip(networks, seconds, strict=True)])
    return [1000 * s for s in seconds]


def test_a_phone_is_known_by_the_times_of_whole_networks(zen: Zen, tmp_path: Path) -> None:
    table, output = tmp_path / "times.csv", tmp_path / "phone.json"
    milliseconds = times(table, unit=1e6)
    made = ("task=profile", f"networks={table}", "unit=us", "device=Pixel 2", "latency.dtype=int8", f"output={output}")
    checked = zen(*made, "task=validate")
    assert checked.code == 0, checked.out
    ended = zen(*made, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 0, ended.err
    assert "the times of 30 networks, from times.csv: median error" in ended.out
    profile = read_profile(output)
    assert (profile.device["name"], profile.settings.dtype, profile.settings.batch_size) == ("Pixel 2", "int8", 1)
    assert [row["milliseconds"] for row in profile.networks] == pytest.approx(milliseconds, rel=1e-4)
    out = tmp_path / "timed"
    structure = profile.networks[0]["structure"]
    timed = zen("task=latency", f"arch={structure}", f"latency.profile={output}", "resolution=224", f"output_dir={out}")
    assert timed.code == 0, timed.err
    (found,) = json.loads((out / "result.json").read_text())["networks"][0]["latencies"]
    assert found["predicted_ms"] == pytest.approx(milliseconds[0], rel=0.1)
    assert "is of another device (Pixel 2)" in timed.out


def test_a_run_is_continued_only_with_the_profile_of_its_own_table(
    zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another may lie there by now, made from other times or of another device."""
    monkeypatch.chdir(tmp_path)
    times(Path("times.csv"), 12)
    made = zen("task=profile", "networks=times.csv", "output=phone.json", "output_dir=out")
    assert made.code == 0, made.err
    again = zen("resume=out")
    assert (again.code, "nothing is left to measure" in again.out) == (0, True), again.err
    times(Path("others.csv"), 13)
    for other in ("networks=others.csv", "unit=us", "latency.batch_size=4"):
        ended = zen("resume=out", other)
        said = "phone.json is there already, of the times of 12 networks, from times.csv"
        assert (ended.code, said in ended.err) == (2, True), (other, ended.out, ended.err)


@pytest.mark.parametrize(
    ("count", "arguments", "message"),
    [
        (9, (), "from the times of 10 networks or more, and here are 9: measure more"),
        (12, ("unit=minutes",), "unit=minutes: "),
        (12, ("column=ms",), "has no column 'ms'"),
        (12, ("networks=nosuch.csv",), "networks=nosuch.csv: there is no such file"),
    ],
)
def test_tables_that_are_refused(zen: Zen, tmp_path: Path, count: int, arguments: tuple[str, ...], message: str) -> None:
    table = tmp_path / "times.csv"
    times(table, count)
    command = ("task=profile", f"networks={table}", f"output={tmp_path / 'mine.json'}", *arguments)
    ended = zen(*command, f"output_dir={tmp_path / 'out'}")
    assert (ended.code, message in ended.err) == (2, True), ended.err
    checked = zen(*command, "task=validate")
    assert (checked.code, message.partition(":")[0] in checked.out) == (1, True), checked
    assert not (tmp_path / "mine.json").exists()
