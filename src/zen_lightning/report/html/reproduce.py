"""How to get the same result again."""

import re
import shlex
from collections.abc import Sequence

from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import code, facts, paragraph
from zen_lightning.runs.command_line import as_typed_by_hand, program
from zen_lightning.runs.run_folder import RunFolder

_PLAIN = re.compile(r"[\w@%+=:,./-]+")
_NOT_IN_DOUBLE_QUOTES = re.compile(r'["$`\\!]')


def reproduce(run: RunFolder) -> Section:
    """Return the section with the command, the commit and the versions."""
    commit = run.result.get("git_commit")
    body: list[Content] = [code(command(run), "command")]
    if commit:
        clean = str(commit).removesuffix("-dirty")
        changed = ", with changes that were not committed" if clean != commit else ""
        body.append(paragraph("Commit ", element("code", clean), f"{changed}."))
    versions = run.result.get("versions") or {}
    if versions:
        body.append(facts(list(versions.items())))
    return Section("reproduce", "Reproduce it", markup(*body))


def command(run: RunFolder) -> str:
    """Return the command that reproduces a run, as a shell takes it, its seed included."""
    overrides = list(run.overrides)
    named = {override.lstrip("+~").partition("=")[0] for override in overrides}
    if "task" not in named and "experiment" not in named and run.task != "search":
        overrides.insert(0, f"task={run.task}")
    overrides += [f"{key}={value}" for key, value in _continued(run).items()]
    if "seed" not in named and (seed := run.result.get("seed", run.setting("seed"))) is not None:
        overrides.append(f"seed={seed}")
    if "imports" not in named and (imports := run.setting("imports")):  # Of conf/local, which another machine does not have.
        overrides.append(f"imports=[{','.join(imports)}]" if isinstance(imports, list) else f"imports={imports}")
    options = [f"--config-dir={folder}" for folder in run.folders]
    return f"{program()} {shell_words([*options, *overrides])}"


def shell_words(words: Sequence[str]) -> str:
    """Return words as a POSIX shell reads them back, quoted as a person would do it.

    Example:
        >>> print(shell_words(["seed=1", "proxies=[zen,naswot]", "arch='A(3,8)'"]))
        seed=1 'proxies=[zen,naswot]' 'arch=A(3,8)'
    """
    return " ".join(map(_word, words))


def _word(word: str) -> str:
    word = as_typed_by_hand(word)
    if _PLAIN.fullmatch(word):
        return word
    if "'" not in word:
        return f"'{word}'"
    return shlex.quote(word) if _NOT_IN_DOUBLE_QUOTES.search(word) else f'"{word}"'


def _continued(run: RunFolder) -> dict[str, int]:
    """Return what a command that continued the run asked for beyond the one that began it: more iterations, or epochs."""
    # What the exact optimiser counts is its work, and no setting.
    iterations = run.result.get("iterations") if run.result.get("optimizer") != "exact" else None
    restarts = run.result.get("restarts", 1)
    done = {"search.iterations": iterations // restarts if iterations else None, "recipe.epochs": run.result.get("epochs")}
    return {key: value for key, value in done.items() if value and run.setting(key) not in (None, value)}
