"""Text of anybody's files on a terminal: nothing in it is a command."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from zen_lightning.system.visible import print_visibly, visible

RUN = Path(__file__).parents[2] / "run.py"
HOSTILE = [
    "\x1b]0;title\x07",
    "\x1b]52;c;eA==\x1b\\",
    "\x1bP$q\x1b\\",
    "\x9b31m",
    "\x1b[6n",
    "\x1b[21t",
    "\x1bc",
    "\u202e",
    "\x7f",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_commands_for_the_terminal_are_written_as_escapes(text: str) -> None:
    shown = visible(f"cat{text}dog")
    assert shown.startswith("cat\\")
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\x7f", "\u202e"}


@pytest.mark.parametrize("text", ["naïve ✓ 98%\t│\n", "عربي"])
def test_what_languages_need_stays(text: str) -> None:
    assert visible(text) == text


BAR = "\r\x1b[2K\x1b[1A\x1b[?25l\x1b[1;32mgreen\x1b[0m\b"
MODES = ["\x1b[?1003h", "\x1b[?1049h", "\x1b[20h", "\x1b[?2004l"]  # Reports of the mouse, another screen, line feeds, pasting.


@pytest.mark.parametrize("text", [*HOSTILE, *MODES])
def test_of_other_packages_only_what_progress_bars_need_stays(text: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    print_visibly(stream)
    exec("print(text, file=stream, end='', flush=True)", {"__name__": "rich.console", "text": f"{BAR}{text}", "stream": stream})
    stream.seek(0)
    assert stream.read() == f"{BAR}{visible(text)}"


@pytest.mark.parametrize("text", ["\x1b[2K\x1b[1A", "\x1b[8m", "\rerror: run this", "\b\b", *MODES])
def test_in_lines_of_this_package_nothing_is_written_over(text: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    print_visibly(stream)
    exec("print(text, file=stream, flush=True)", {"__name__": "zen_lightning.cli.main", "text": text, "stream": stream})
    stream.seek(0)
    shown = stream.read()
    assert shown == f"{visible(text)}\n"
    assert not set(shown) & {"\x1b", "\r", "\b"}


def test_a_stream_writes_visible_text_and_counts_what_it_was_given() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    print_visibly(stream, stream)
    assert stream.write("a\x07") == 2
    print("b\x1b]0;t\x07", file=stream, flush=True)
    stream.seek(0)
    assert stream.read() == "a\\x07b\\x1b]0;t\\x07\n"


def test_a_name_in_a_file_does_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text("architecture,top1,\x1b]0;t\x07\nSuperConvK3BNRELU(3;8;1;1),70,1\n")
    words = ["task=correlate", "accuracies=known.csv", "accuracy=x", "proxies=[params]"]
    ended = subprocess.run([sys.executable, str(RUN), *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "\\x1b]0;t\\x07" in ended.stderr
    assert "\x1b" not in ended.stderr
