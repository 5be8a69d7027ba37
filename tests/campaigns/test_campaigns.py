"""The campaigns, at small scale."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import browser
from browser import find_browser

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"


def campaign(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a script of ``campaigns/``, which imports those beside it."""
    monkeypatch.syspath_prepend(CAMPAIGNS)
    spec = importlib.util.spec_from_file_location(f"campaigns_{name}", CAMPAIGNS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.long
def test_no_damage_is_silent_and_none_is_raw(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["damage.py"])
    assert campaign("damage", monkeypatch).main(["--count", "1", "--seed", "7"]) == 0
    printed = capsys.readouterr().out
    assert "weights.safetensors" in printed
    assert '"faults": []' in printed


@pytest.mark.long
@pytest.mark.parametrize(("name", "more"), [("yaml_files", []), ("commands", []), ("commands", ["--odd", "2"])])
def test_nothing_that_is_typed_or_written_is_raw(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, more: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert campaign(name, monkeypatch).main(["--count", "15", "--seed", "7", *more]) == 0
    assert '"faults": []' in capsys.readouterr().out


def test_no_download_is_taken_for_whole_that_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert campaign("downloads", monkeypatch).main(["--count", "40", "--seed", "7"]) == 0
    printed = capsys.readouterr().out
    assert '"faults": []' in printed
    assert '"whole":' in printed


def test_no_image_is_silently_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert campaign("images", monkeypatch).main(["--count", "300", "--seed", "7"]) == 0
    printed = capsys.readouterr().out
    assert '"faults": []' in printed
    assert '"right": 0' not in printed


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("folders", ["--count", "8"]),
        ("odd_runs", ["--count", "4", "--odd", "2", "--kinds", "search", "train"]),
        ("kills", ["--count", "2", "--kinds", "train", "search, closed form"]),
        ("odd_files", ["--kinds", "a pipe", "20 GB of zeros"]),
        ("disks", ["--count", "2", "--kinds", "train", "search, closed form"]),
    ],
)
def test_nothing_runs_or_is_lost(tmp_path: Path, name: str, words: list[str]) -> None:
    """In processes of their own: these campaigns fork their commands."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, CAMPAIGNS / f"{name}.py", "--seed", "7", "--output", figures, *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(figures.read_text())
    if "not run" in found:
        pytest.skip(found["not run"])
    assert found["faults"] == []


def test_pages_say_that_there_is_no_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "NAMES", ())
    for name in ("CHROMIUM", "CI"):
        monkeypatch.delenv(name, raising=False)
    assert campaign("pages", monkeypatch).main(["--reports", str(tmp_path)]) == 0
    assert '"not run": "no Chromium' in capsys.readouterr().out


@pytest.mark.long
def test_what_is_cut_on_a_page_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    find_browser()
    pages = campaign("pages", monkeypatch)
    monkeypatch.setattr(pages, "SITE", tmp_path / "none")
    chart = (
        '<svg class="chart" viewBox="0 0 100 50" style="width:300px;overflow:visible"><text x="{}" y="20">said</text>{}</svg>'
    )
    bodies = {
        "sound": ("<p>text</p>" + chart.format(10, ""), ""),
        "wide": ('<p style="width:400px">text</p>', "wide-report, 375 px: beyond the window: p text"),
        "box": ('<div style="width:200px"><p style="width:250px">text</p></div>', "beyond its box: p text"),
        "hidden": (
            '<p style="width:100px;overflow:hidden;white-space:nowrap">a long line of text</p>',
            "hidden: p a long line",
        ),
        "chart": (chart.format(95, ""), "beyond its chart: said"),
        "overlap": (chart.format(10, '<text x="12" y="22">other</text>'), "on one another: said, other"),
    }
    for name, (body, _) in bodies.items():
        (tmp_path / "reports" / name).mkdir(parents=True)
        (tmp_path / "reports" / name / "report.html").write_text(f"<!doctype html><body style='margin:8px'>{body}")
    words = ["--reports", str(tmp_path / "reports"), "--pictures", str(tmp_path / "pictures")]
    assert pages.main(words) == 1
    printed = capsys.readouterr().out
    assert "sound" not in printed
    for _, fault in bodies.values():
        assert fault in printed
    assert (tmp_path / "pictures" / "sound-report-375.png").is_file()
