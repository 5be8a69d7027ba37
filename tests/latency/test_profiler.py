"""Profiling, on a device that is a formula."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fake_device import EXTENT, SETTINGS, FakeMeasurer
from zen_lightning.errors import UserError
from zen_lightning.latency.profile import read_profile
from zen_lightning.latency.profiler import ProfilingStep, profile_device
from zen_lightning.latency.settings import LatencySettings


def test_the_error_on_networks_held_out_is_small(tmp_path: Path) -> None:
    steps: list[ProfilingStep] = []
    output = tmp_path / "profiles" / "fake.json"
    profile = profile_device(SETTINGS, EXTENT, output, steps.append, FakeMeasurer())
    assert profile.held_out.networks == EXTENT.held_out
    assert profile.held_out.median < 0.02
    assert profile.held_out.spearman > 0.99
    assert [step.done for step in steps] == list(range(1, steps[0].total + 1))
    assert steps[-1].share_done == 1.0
    assert sum(row["held_out"] for row in profile.networks) == EXTENT.held_out
    assert [path.name for path in output.parent.iterdir()] == ["fake.json"]
    assert read_profile(output).checksum == profile.checksum


def test_a_profile_that_was_stopped_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    whole = profile_device(SETTINGS, EXTENT, tmp_path / "whole.json", measurer=FakeMeasurer())
    output = tmp_path / "stopped.json"
    with pytest.raises(KeyboardInterrupt):
        profile_device(SETTINGS, EXTENT, output, measurer=FakeMeasurer(stop_after=500))
    journal = tmp_path / ".stopped.json.part"
    journal.write_bytes(journal.read_bytes()[:-20])
    assert not output.exists()
    steps: list[ProfilingStep] = []
    measurer = FakeMeasurer()
    again = profile_device(SETTINGS, EXTENT, output, steps.append, measurer)
    assert steps[0].resumed == 499
    assert measurer.measured == steps[0].total - 499
    assert (again.points, again.correction, again.networks) == (whole.points, whole.correction, whole.networks)
    assert not journal.exists()


def test_the_journal_of_another_profile_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "fake.json"
    with pytest.raises(KeyboardInterrupt):
        profile_device(SETTINGS, EXTENT, output, measurer=FakeMeasurer(stop_after=3))
    with pytest.raises(UserError, match=r"to another profile: extent was .*Delete it to begin anew, or choose another output"):
        profile_device(SETTINGS, replace(EXTENT, drawn=5), output, measurer=FakeMeasurer())
    journal = tmp_path / ".fake.json.part"
    journal.write_text(json.dumps({"another": "file"}) + "\n")
    with pytest.raises(UserError, match="is not a journal of a profile: move it away"):
        profile_device(SETTINGS, EXTENT, output, measurer=FakeMeasurer())


@pytest.mark.parametrize("settings", [LatencySettings(engine="onnxruntime"), LatencySettings(compile=True)])
def test_engines_that_fuse_operations_have_no_profile(tmp_path: Path, settings: LatencySettings) -> None:
    with pytest.raises(UserError, match="leave out engine and compile"):
        profile_device(settings, EXTENT, tmp_path / "x.json")
