"""The command that reproduces a run."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from zen_lightning.cli.typed import as_typed
from zen_lightning.report.html.reproduce import command, shell_words
from zen_lightning.runs.command_line import command_line, program
from zen_lightning.runs.run_folder import RunFolder


def run(*overrides: str, task: str = "search", settings: dict[str, Any] | None = None, **result: Any) -> RunFolder:
    return RunFolder(Path("run"), task, result, overrides, settings or {})


def value_of(override: str) -> Any:
    """Return the value that the command line reads."""
    return OverridesParser.create().parse_override(as_typed(override, sweep=False)).value()


@pytest.mark.parametrize(
    "word",
    ["seed=1", "arch='A(3,8)B(8,8)'", "proxies=[{name: naswot, batch_size: 32}]", 'a=it\'s $HOME `x` "y" \\ !', "+x=~", "a b"],
)
def test_a_shell_reads_back_every_word(word: str) -> None:
    read = shlex.split(shell_words([word, word]))
    assert read == [word, word] or list(map(value_of, read)) == [value_of(word)] * 2


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ("arch='A(3,8)B(8,8)'", "'arch=A(3,8)B(8,8)'"),
        ("arch=['A(3,8)B(8,8)','nets/one.txt']", "'arch=[A(3,8)B(8,8),nets/one.txt]'"),
        ("images='/data/photos'", "images=/data/photos"),
        ("dataset.root='/data/2024_11_27'", "dataset.root=/data/2024_11_27"),
        ("output_dir='2024_11_27'", "\"output_dir='2024_11_27'\""),
        ("weights='/data/a, b'", "\"weights='/data/a, b'\""),
    ],
)
def test_quotes_of_hydra_are_shown_only_where_they_are_needed(override: str, shown: str) -> None:
    assert shell_words([override]) == shown
    assert command_line([override]) == f"{program()} {shown}"
    assert value_of(*shlex.split(shown)) == value_of(override)


def test_the_seed_and_the_task_are_part_of_it() -> None:
    assert command(run("budget=params1M", seed=3)) == "python run.py budget=params1M seed=3"
    assert command(run("task=score", "seed=4", task="score", seed=3)) == "python run.py task=score seed=4"
    assert command(run(task="analyze", settings={"seed": 7})) == "python run.py task=analyze seed=7"
    assert command(run("experiment=quickstart", task="pipeline", seed=0)) == "python run.py experiment=quickstart seed=0"


def test_a_run_that_was_continued_says_how_far() -> None:
    settings = {"search": {"iterations": 1000}, "recipe": {"epochs": 10}}
    longer = run("search.restarts=2", settings=settings, iterations=4000, restarts=2, seed=0)
    assert command(longer) == "python run.py search.restarts=2 search.iterations=2000 seed=0"
    assert command(run(settings=settings, iterations=2000, restarts=2, seed=0)) == "python run.py seed=0"
    assert (
        command(run(task="train", settings=settings, epochs=20, seed=0)) == "python run.py task=train recipe.epochs=20 seed=0"
    )
