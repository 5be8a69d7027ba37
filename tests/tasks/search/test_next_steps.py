"""The end of a search: what to do next, in lines that fit a terminal."""

import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.arch import Architecture
from zen_lightning.report.terminal.network import stage_table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.command_line import program
from zen_lightning.tasks.search.next_steps import nearest_published, next_steps
from zen_lightning.zoo import structure

SMALL = ("search.iterations=200", "search.population_size=20", "search.finalists=0")


def next_commands(out: str) -> list[list[str]]:
    """Return the commands under the heading, as a shell reads them."""
    lines = out.partition("train it, analyze it, compare it:\n")[2].splitlines()
    return [shlex.split(line.removeprefix(f"  {program()} ")) for line in lines if line.startswith(f"  {program()} ")]


def test_the_commands_at_the_end_of_a_search_run(zen: Zen, tmp_path: Path) -> None:
    run = tmp_path / "one run, with commas"
    ended = zen("budget=params1M", "params=60k", "num_classes=10", *SMALL, f"output_dir='{run}'")
    assert ended.code == 0, ended.err
    train, analyze, compare = next_commands(ended.out)
    assert (train[0], train[-1]) == ("task=train", "dataset=cifar10")
    assert zen(*analyze).code == 0
    compared = zen(*compare, f"output_dir={tmp_path / 'compared'}")
    assert compared.code == 0, compared.err
    checked = zen(*train[:-1], "dataset=digits", "task=validate")
    assert checked.code == 0, checked.out


def test_the_commands_at_the_end_of_a_front_run(zen: Zen, tmp_path: Path) -> None:
    keys = ("task=pareto", "budget=custom", "params=60k", "resolution=48", "num_classes=3", *SMALL[:1], "objectives=params")
    ended = zen(*keys, "structures=3", f"output_dir={tmp_path / 'run'}")
    assert ended.code == 0, ended.err
    train, analyze, compare = next_commands(ended.out)
    assert train[-3:] == ["dataset=image_folder", "dataset.root=YOUR_IMAGES", "resolution=48"]
    shown = zen(*analyze)
    assert (shown.code, "(48 px, 3 classes)" in shown.out) == (0, True)
    compared = zen(*compare, f"output_dir={tmp_path / 'compared'}")
    assert compared.code == 0, compared.err


def test_what_a_budget_leaves_free_is_told(zen: Zen, tmp_path: Path) -> None:
    free = zen("budget=params1M", *SMALL, f"output_dir={tmp_path / 'params'}").out
    assert re.search(r"params are limited, FLOPs are not: [\d.]+M an image \(limit them by\s+budget.flops=\)", free)
    both = zen("budget=params1M", "flops=60M", *SMALL, f"output_dir={tmp_path / 'both'}").out
    assert "are not:" not in both
    other = zen("budget=flops400M", *SMALL, f"output_dir={tmp_path / 'flops'}").out
    assert re.search(r"FLOPs are limited, params are not: [\d.]+M, [\d.]+ MB of weights", other)


def test_the_time_of_an_epoch_is_that_of_the_finalists(zen: Zen, tmp_path: Path) -> None:
    keys = ("budget=params1M", "params=30k", "num_classes=10", *SMALL[:2], "search.finalists=3", "search.rerank.batch_size=4")
    out = " ".join(zen(*keys, f"output_dir={tmp_path}").out.split())
    assert re.search(r"an epoch of 50,000 images takes about \d+ (s|min|h)", out)


@pytest.mark.parametrize("called", ["run.py", "zen-lightning", "/usr/bin/zen-lightning", "C:/Scripts/zen-lightning.exe"])
def test_commands_begin_as_this_one_was_called(monkeypatch: pytest.MonkeyPatch, called: str, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", [called])
    assert program() == ("python run.py" if called == "run.py" else "zen-lightning")
    text = next_steps(tmp_path, Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"), 224, 1000)
    assert f"\n  {program()} task=train arch={tmp_path} dataset=imagenet\n" in text


def test_the_nearest_published_network_is_for_such_images() -> None:
    large = Architecture.parse(structure("zennet_imagenet1k_flops400M_SE_res224"))
    assert nearest_published(large, 224, 1000).startswith("zennet_imagenet1k_")
    assert nearest_published(large, 32, 100).startswith("zennet_cifar100_")
    assert nearest_published(large, 32, 3).startswith("zennet_cifar")


def test_long_lines_are_wrapped_and_paths_stay_whole() -> None:
    path = "/a/very/long/path" * 6
    lines = wrapped(f"in {path}: one.txt two.json").splitlines()
    assert path in lines[1]
    assert wrapped("short") == "short"


def test_the_summary_fits_80_columns(tmp_path: Path) -> None:
    """On a terminal of 80 columns no name wraps; on a wide one the bars are there."""
    arch = Architecture.parse(
        "SuperConvK3BNRELU(3,1024,2,1)SuperResIDWE6K7(1024,1480,2,1480,5)SuperResK1K7K1(1480,2048,2,2048,5)"
    )
    table = stage_table(arch, 224, 1000)
    for width, columns in ((80, 4), (100, 6), (200, 8)):
        made = table.within(width, between=3, around=4)
        assert len(made.columns) == columns
        assert made._width() <= width
    command = [sys.executable, "-m", "zen_lightning", "budget=params1M", *SMALL, f"output_dir={tmp_path}"]
    shown = on_a_terminal(command, 80)
    # What a user copies is not broken, however long the path of this folder is.
    lines = [line for line in shown.splitlines() if str(tmp_path) not in line and not line.startswith("SuperConv")]
    assert max(map(len, lines)) <= 80
    assert re.search(r"200 of 200 +best", shown)
    for block in (tmp_path / "best_structure.txt").read_text().strip().split(")")[:-1]:
        assert f"│ {block}) " in shown


def on_a_terminal(command: list[str], columns: int) -> str:
    """Return what a command shows on a terminal of so many columns, without colours and movements."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        read = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            read += more
        process.wait()
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", read.decode()).replace("\r\n", "\n").replace("\r", "\n")
