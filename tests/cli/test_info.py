import subprocess
import sys

import pytest

from command_line import Zen
from zen_lightning import __version__
from zen_lightning.cli.info import asks_info, print_info
from zen_lightning.config import conf_dir


def test_info_says_what_is_here(zen: Zen) -> None:
    out = zen("--info").out
    rows = {line.partition("  ")[0]: line.partition("  ")[2].strip() for line in out.splitlines() if "  " in line}
    assert rows["zen-lightning"].startswith(__version__)
    assert rows["conf"] == str(conf_dir())
    assert "torch 2" in rows["packages"]
    assert "matplotlib" in rows["extra report"]
    assert "csv" in rows["logger="]
    assert rows["cores"].split()[0].isdecimal()


def test_a_missing_extra_comes_with_its_command(zen: Zen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zen_lightning.cli.info._version", lambda package: None if package == "ray" else "1.0")
    assert "not installed (ray): pip install 'zen-lightning[ray]'" in zen("--info").out


@pytest.mark.parametrize("arguments", [["--info", "searchpath"], ["--info=defaults"], ["seed=1"], ["-i", "plugins"]])
def test_the_rest_is_for_hydra(arguments: list[str]) -> None:
    assert not asks_info(arguments)


def test_hydra_still_answers() -> None:
    command = [sys.executable, "-m", "zen_lightning", "--info", "searchpath"]  # It leaves logging handlers installed.
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, str(conf_dir()) in done.stdout) == (0, True)


def test_lines_end_between_words_on_a_terminal(
    zen: Zen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    zen("--info")
    print_info()
    whole = capsys.readouterr().out.split()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    print_info()
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines).split() == whole
    assert all(len(line) <= 80 or len(line.split()) <= 2 for line in lines)
