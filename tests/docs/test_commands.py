"""Every command that a user reads is one that its task takes: its groups, its choices, its keys."""

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
import yaml
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.cli.arguments import options_and_overrides, prepare
from zen_lightning.cli.examination import _jobs
from zen_lightning.cli.hydra_state import command_of_hydra, without_hydra
from zen_lightning.config import register
from zen_lightning.config.composing import composed
from zen_lightning.config.keys import foreign_keys
from zen_lightning.config.moved import with_moved_keys
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import Override, last_value
from zen_lightning.tasks.running import task_class

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
]
STARTS = re.compile(r"(?:(?:\.venv/bin/|.*)python run\.py|zen-lightning|make search ARGS=|torchrun .*?run\.py) ?(?=\S)")
VALUES = {"proxy": "zen", "seed": "0", "OUT": "outputs", "RANK": "0", "HOST": "node0"}
"""Of variables of the shell in commands."""

OTHER = ("--config-dir", "--info", "--help", "--hydra-help", "-sc", "--cfg")
"""Options of commands that need more than the configuration that is shipped, or compose none."""


CUT = ("<Tab>", "=...")
"""In commands that are cut short."""

MISTAKES = ("recipe.schedul=cosine", "epochs=3")
"""In commands that the page on configuration shows with their errors."""


def commands_in(text: str) -> Iterator[str]:
    """Yield the commands of a page: lines of its blocks, and what stands between backticks."""
    joined = re.sub(r"\\\n\s*", "", text)
    for line in joined.splitlines():
        inline = re.findall(r"`((?:python run\.py|zen-lightning) [^`]+)`", line)
        yield from inline or ([line.strip(" $!")] if re.match(r"\s*[$!]?\s*\S*(python run\.py|zen-lightning) ", line) else [])
        yield from re.findall(r"srun .*|torchrun .*|make search ARGS=.*|(?<=for )experiment=\S+$", line)


def words_of(command: str) -> list[str] | None:
    """Return the arguments of a command; None of one that cannot be composed from what is shipped."""
    command = re.sub(r"\$\{?(\w+)\}?", lambda match: VALUES.get(match[1], match[0]), command)
    match = STARTS.match(command)
    if match is None or "<the same>" in command:
        return None
    words = shlex.split(command[match.end() :], comments=True)
    if "ARGS=" in match[0]:
        words = shlex.split(words[0])
    words = list(takewhile(lambda word: "=" in word or word.startswith("-"), words))  # Not what the help says of it.
    excluded = any(word in MISTAKES or word.split("=")[0] in OTHER or any(mark in word for mark in CUT) for word in words)
    return None if excluded or not any("=" in word for word in words) else words


def documented() -> dict[str, list[tuple[str, ...]]]:
    """Return the different commands of all pages, and of the help, by page."""
    found: dict[str, list[tuple[str, ...]]] = {}
    seen = set()
    texts = {page.relative_to(ROOT).as_posix(): page.read_text() for page in PAGES}
    for name in (one for one in texts if one.endswith(".ipynb")):
        texts[name] = texts[name].replace("\\n", "").replace('\\"', '"')
    texts["--help"] = yaml.safe_load((ROOT / "conf/hydra/help/zen_lightning.yaml").read_text())["template"]
    for name, text in texts.items():
        for command in commands_in(text):
            words = words_of(re.split(" {3,}", command)[0] if name == "--help" else command)
            if words and tuple(words) not in seen:
                seen.add(tuple(words))
                found.setdefault(name, []).append(tuple(words))
    return found


COMMANDS = documented()


def problem_of(words: tuple[str, ...]) -> str | None:
    """Return why a command would be refused for its groups, choices or keys."""
    _options, overrides = options_and_overrides(list(words))
    begun = last_value(overrides, "resume") not in (None, "auto")
    # What a run began with is not here: a command that continues one may give the keys of any task.
    kept = [one for one in overrides if not one.startswith("resume=") and one != "task=validate"]
    if begun:
        kept = [one for one in kept if Override.parse(one).root in ("tune", "launcher", "search")]
        kept = [*(["task=tune"] if any("tune/" in word for word in words) else []), *kept]
    if with_moved_keys(kept)[1]:
        return f"an old spelling: {with_moved_keys(kept)[1]}"
    for job in _jobs(prepare(kept)) if {"-m", "--multirun"} & set(words) else [prepare(kept)]:
        try:
            with composed(job) as config:
                command = command_of_hydra()
                with without_hydra():
                    kind = task_class(config)
                    for error in foreign_keys(kind, config, command.overrides, kind.passes_on(config, command)):
                        return str(error)
        except (HydraException, OmegaConfBaseException, UserError) as error:
            return str(error)
    return None


@pytest.mark.long
@pytest.mark.parametrize("page", COMMANDS)
def test_every_documented_command_is_one_that_its_task_takes(page: str) -> None:
    register()
    refused = {shlex.join(words): problem for words in COMMANDS[page] if (problem := problem_of(words))}
    assert not refused


def test_commands_are_found() -> None:
    count = {page: len(commands) for page, commands in COMMANDS.items()}
    assert sum(count.values()) > 100
    assert {"README.md", "docs/training.md", "docs/sweeps.md", "docs/tuning.md", "--help"} <= set(count)


@pytest.mark.parametrize(
    "wrong",
    [
        ("task=train", "epochs=3"),
        ("search=zen", "recipe.lr=1"),
        ("task=latency", "batch_size=8"),
        ("search=zenn",),
        ("-m", "search=zen", "seed=1,2", "arch=x"),
    ],
)
def test_a_wrong_one_would_be_noticed(wrong: tuple[str, ...]) -> None:
    register()
    assert problem_of(wrong)
