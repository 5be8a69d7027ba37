"""The file of a profile: whole, or refused with a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fake_device import fake_profile
from zen_lightning.errors import UserError
from zen_lightning.latency.profile import find_profile, profile_names, read_profile

Damage = Callable[[str], str]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    found = read_profile(path)
    assert (found.name, found.settings, found.held_out) == ("fake", fake_profile().settings, fake_profile().held_out)
    assert found.checksum == fake_profile().checksum
    assert len(found.points["conv3s1"]) == len(fake_profile().points["conv3s1"])
    assert {"name", "driver", "clocks", "versions"} <= found.device.keys()
    assert found.date.count("-") == 2


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda text: text[: len(text) // 2],
            r"is damaged or cut short \(line 52: .*\): fetch it again, or profile the device again",
        ),
        (lambda text: "", "is damaged or cut short"),
        (lambda text: text.replace('"threads": 1', '"threads": 2'), r"not as it was written \(its checksum differs\): fetch"),
        (
            lambda text: text.replace('_profile": 1', '_profile": 9'),
            "of format 9, .* reads formats 1 and 2: profile the device again",
        ),
        (lambda text: "{}", "is not a profile of a device: make one by task=profile"),
        (lambda text: "[1, 2]", "holds no JSON object"),
    ],
)
def test_files_that_are_not_as_they_were(tmp_path: Path, damage: Damage, message: str) -> None:
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(UserError, match=message):
        read_profile(path)


def test_profiles_are_found_by_name_and_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZEN_LIGHTNING_PROFILES", str(tmp_path / "mine"))
    fake_profile().write(tmp_path / "mine" / "laptop.json")
    fake_profile().write(tmp_path / "profiles" / "server.json")
    assert {"laptop", "server"} <= set(profile_names())
    for name in ("laptop", "server", "profiles/server.json", str(tmp_path / "mine" / "laptop.json")):
        assert find_profile(name).checksum == fake_profile().checksum
    with pytest.raises(UserError, match=r"^name=labtop: no such profile; did you mean 'laptop'\? Choose from: "):
        find_profile("labtop")
    with pytest.raises(UserError, match=r"gone.json: there is no such profile"):
        find_profile("gone.json")


def test_shipped_profiles_can_be_read() -> None:
    shipped = Path(find_profile.__code__.co_filename).with_name("profiles")
    for path in shipped.glob("*.json"):
        profile = read_profile(path)
        assert path.stat().st_size < 1_000_000
        if profile.source:  # Measured by others: where from, and by which licence, is said.
            assert {"title", "url", "licence", "note"} <= profile.source.keys()
            assert profile.settings.elsewhere
        else:
            assert profile.held_out.networks >= 30
            assert profile.warning is None


def test_what_was_measured_here_stays_in_the_first_format(tmp_path: Path) -> None:
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    content = json.loads(path.read_text())
    assert content["zen_lightning_latency_profile"] == 1
    assert not {"fused", "whole", "source"} & content.keys()
    assert "elsewhere" not in content["settings"]
    replace(fake_profile(), fused=("relu",), source={"title": "a table"}).write(path)
    assert json.loads(path.read_text())["zen_lightning_latency_profile"] == 2
    assert (read_profile(path).fused, read_profile(path).source) == (("relu",), {"title": "a table"})


def test_a_busy_device_or_poor_predictions_are_told(tmp_path: Path) -> None:
    assert fake_profile().warning is None
    path = tmp_path / "fake.json"
    fake_profile().write(path)
    profile = read_profile(path)
    profile.unsteady["networks"] = 0.5
    assert "50% of the networks measured differently each time; close what else runs" in str(profile.warning)
    assert json.loads(path.read_text())["unsteady"]["networks"] == 0.0
