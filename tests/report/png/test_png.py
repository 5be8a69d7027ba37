"""Charts as PNG."""

import sys
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest

from report.html.test_svg import CHART
from zen_lightning.errors import MissingExtraError
from zen_lightning.report import png
from zen_lightning.report.charts.axis import Axis


def size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def test_every_kind_of_series_is_drawn(tmp_path: Path) -> None:
    png.draw(tmp_path / "folder" / "one.png", [CHART])
    assert size(tmp_path / "folder" / "one.png") == (960, 576)
    for left_out in range(len(CHART.series)):
        rest = [one for at, one in enumerate(CHART.series) if at != left_out]
        png.draw(tmp_path / "less.png", [replace(CHART, series=rest)])
        assert (tmp_path / "less.png").read_bytes() != (tmp_path / "folder" / "one.png").read_bytes()


def test_charts_stand_below_one_another_and_repeat(tmp_path: Path) -> None:
    logarithmic = replace(CHART, x=Axis(1, 1000, "x", log=True), height=0.5)
    for name in ("one.png", "two.png"):
        png.draw(tmp_path / name, [CHART, logarithmic], "a title")
    assert size(tmp_path / "one.png") == (960, 864)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_without_matplotlib_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match="report"):
        png.draw(tmp_path / "one.png", [CHART])
    assert list(tmp_path.iterdir()) == []


def test_every_style_of_a_chart_has_a_look_in_both_renderers() -> None:
    css = (Path(png.__file__).parents[1] / "html" / "assets" / "report.css").read_text()
    missing = [name for name in png.STYLES if f".{name} " not in css and f".{name}," not in css]
    assert missing == []


def test_settings_of_the_working_directory_change_nothing(tmp_path: Path) -> None:
    """With ``text.usetex`` in a matplotlibrc there, TeX would be run on the labels."""
    png.draw(tmp_path / "one.png", [CHART])
    with matplotlib.rc_context({"text.usetex": True, "font.size": 3, "axes.facecolor": "red"}):
        png.draw(tmp_path / "two.png", [CHART])
        assert matplotlib.rcParams["font.size"] == 3
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.parametrize("text", [r"$\frac{$", "a$x_{$b", "$$", r"a\$b$", "$x^2$"])
def test_dollars_in_names_are_no_formulas(text: str, tmp_path: Path) -> None:
    named = replace(CHART, x=replace(CHART.x, label=text), series=[CHART.series[0]._replace(label=text)])
    png.draw(tmp_path / "one.png", [named], text)
    png.draw(tmp_path / "two.png", [replace(named, x=replace(CHART.x, label=text.replace("$", "")))], text)
    assert (tmp_path / "one.png").read_bytes() != (tmp_path / "two.png").read_bytes()
