"""Hook of MkDocs: the reference of all groups and keys, read from conf/ with its comments."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

CONF = Path(__file__).resolve().parents[2] / "conf"
PAGE = "reference/keys.md"
_INTRO = """# Configuration keys

Every key of every group, as `conf/` ships it. `GROUP=OPTION` on the command line chooses an option, `KEY=VALUE` sets a key, and
`python run.py ... --cfg job` shows what a command composes. `${...}` takes the value of another key; `???` has to be given.
"""


class Key(NamedTuple):
    """A key of a file.

    Attributes:
        path: dotted, as on the command line.
        value: as written.
        comment: beside it, or above.
    """

    path: str
    value: str
    comment: str


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page."""
    files.append(File.generated(config, PAGE, content=page()))
    return files


def page() -> str:
    """Return the page: the keys that always hold, then group by group."""
    parts = [_INTRO, "## Always there\n", table(CONF / "config.yaml", "")]
    for group in sorted(folder for folder in CONF.iterdir() if folder.is_dir() and folder.name not in ("hydra", "local")):
        parts.append(f"## {group.name}\n")
        for path in sorted(group.glob("*.yaml")):
            text = table(path, group.name)
            body = "\n".join(f"    {line}".rstrip() for line in [summary(path), "", *text.splitlines()])
            parts.append(f'??? note "{group.name}={path.stem}"\n\n{body}\n')
    return "\n".join(parts)


def summary(path: Path) -> str:
    """Return what the comment at the top of a file says."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            lines.append(line.removeprefix("#").strip())
    return _escaped(" ".join(lines))


def table(path: Path, group: str) -> str:
    """Return the keys of a file as a table; nothing for a file without any."""
    rows = [f"| `{key.path}` | {_value(key.value)} | {_escaped(key.comment)} |" for key in keys(path, group)]
    return "\n".join(["| key | value | |", "|---|---|---|", *rows, ""]) if rows else ""


def keys(path: Path, group: str) -> list[Key]:
    """Return the keys of a file, in their order.

    Args:
        path: of the file.
        group: that it is an option of; its keys begin with it, unless the file says ``@package _global_``.
    """
    text = path.read_text(encoding="utf-8")
    root = yaml.compose(text)
    if not isinstance(root, yaml.MappingNode):
        return []
    prefix = "" if not group or "# @package _global_" in text else f"{group}."
    return list(_walk(root, prefix, text, text.splitlines()))


def _walk(node: yaml.MappingNode, prefix: str, text: str, lines: list[str]) -> Iterator[Key]:
    for name, value in node.value:
        if not prefix and name.value in ("defaults", "hydra"):
            continue
        if isinstance(value, yaml.MappingNode) and not value.flow_style:
            yield from _walk(value, f"{prefix}{name.value}.", text, lines)
            continue
        written = text[value.start_mark.index : value.end_mark.index].strip()
        if name.value != "defaults":
            yield Key(prefix + name.value, written, _comment(name.start_mark.line, value.end_mark.line, lines))


def _comment(first: int, last: int, lines: list[str]) -> str:
    """Return the comment on the line of a key, or on those right above it that are nothing else."""
    beside = lines[min(last, len(lines) - 1)] if last == first else lines[first]
    if " # " in beside:
        return beside.partition(" # ")[2]
    above = []
    for number in range(first - 1, -1, -1):
        line = lines[number].strip()
        if not line.startswith("#") or line.startswith("# @package") or number == 0:
            break
        above.insert(0, line.removeprefix("#").strip())
    return " ".join(above)


def _value(written: str) -> str:
    one_line = " ".join(written.split())
    return f"`{one_line}`".replace("|", "\\|") if one_line else ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
