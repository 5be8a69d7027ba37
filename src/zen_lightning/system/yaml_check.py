"""Looks at a YAML file before anything is made of it: what is wrong is said with file and line."""

from pathlib import Path
from typing import Any

import yaml

from zen_lightning.errors import UserError
from zen_lightning.system.ordinary_file import holds_file

LARGEST = 2**20
"""Bytes of the largest file. A choice: the largest that is shipped has 4 kB."""

_DEEPEST = 32
_MOST_VALUES = 100_000
"""Levels, and values after all aliases have been replaced. A choice: an experiment has some dozens; without a bound, few lines
of aliases to aliases fill any memory."""

_TAGS = ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value")
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = {yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list"}


def check_yaml(path: Path) -> None:
    """Raise a UserError unless a file is YAML of plain values, of a size that can be read.

    Raises:
        UserError: what is wrong: file, line, and what to do where that is known.
        OSError: it cannot be read.
    """
    check_size(path)
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, line {line}: it is no UTF-8 text", remedy="save the file as UTF-8") from None
    try:
        root = yaml.compose(text, Loader=_BASE)
    except yaml.YAMLError as error:
        raise _explained(path, text, error) from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply", remedy=f"{_DEEPEST} levels at most") from None
    if root is not None:
        _Checker(path).check(root)


def check_size(path: Path) -> None:
    """Raise a UserError where there is no file, or one that is larger than any YAML that somebody writes.

    Raises:
        UserError: it is so.
        OSError: it cannot be read.
    """
    holds_file(path, LARGEST, remedy="a configuration is text that somebody writes")


class _Checker:
    """Walks over the nodes of a file, those of an alias once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def check(self, node: yaml.Node, depth: int = 0) -> int:
        """Return how many values a node has with all its aliases replaced."""
        if id(node) in self._sizes:
            return self._sizes[id(node)]
        if id(node) in self._open:
            raise self._wrong(node, "it contains itself, by an alias")
        if depth > _DEEPEST:
            raise self._wrong(node, f"nested more than {_DEEPEST} levels deep")
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _TAGS:
            raise self._wrong(node, f"{node.tag.replace('tag:yaml.org,2002:', '!!')} is no plain value")
        self._open.add(id(node))
        size = 1 + sum(self.check(inner, depth + 1) for inner in self._inner(node))
        self._open.discard(id(node))
        if size > _MOST_VALUES:
            raise self._wrong(node, f"its aliases stand for more than {_MOST_VALUES:,} values")
        self._sizes[id(node)] = size
        return size

    def _inner(self, node: yaml.Node) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if not isinstance(node, yaml.MappingNode):
            return []
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(key, f"{_KINDS[type(key)]} is no key", "quote it, where it is meant as text")
            if key.value in seen and not key.tag.endswith(":merge"):
                raise self._wrong(key, f"the key {key.value} is there already, in line {seen[key.value]}")
            seen[key.value] = key.start_mark.line + 1
        return [part for pair in node.value for part in pair]

    def _wrong(self, node: yaml.Node, what: str, remedy: str = "") -> UserError:
        return UserError(f"{self._path}, line {node.start_mark.line + 1}: {what}", remedy=remedy)


def _explained(path: Path, text: str, error: yaml.YAMLError) -> UserError:
    """Return the sentence for what the parser refused."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        at = getattr(error, "position", 0)
        line = text[:at].count("\n") + 1
        return UserError(f"{path}, line {line}: a character that no text has", remedy="take it out")
    line, problem = error.problem_mark.line + 1, str(error.problem or error.context)
    lines = text.splitlines()
    if "\t" in (lines[line - 1] if line <= len(lines) else ""):
        return UserError(f"{path}, line {line}: {problem}", remedy="it has a tab: indent by spaces")
    if "quoted scalar" in str(error.context) and error.context_mark is not None:
        return UserError(f"{path}, line {error.context_mark.line + 1}: the quote that begins there is not closed ({problem})")
    context = f" ({error.context})" if error.context else ""
    return UserError(f"{path}, line {line}: {problem}{context}")
