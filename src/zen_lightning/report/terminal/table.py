"""Tables on the terminal: with rich where it is installed, as plain text where not."""

import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from zen_lightning.system.visible import visible

_SHORT = 20
"""Characters of a name in the first column that no line break divides. A choice: a quarter of 80 columns."""


@dataclass
class Table:
    """A table to print.

    Attributes:
        title: printed above it.
        columns: headings; the first column, and those without a heading, are aligned left, the others right.
        rows: cells as text.
        sections: numbers of the rows that a line is drawn under.
        optional: numbers of the columns that are left out, in this order, where a terminal is too narrow for all.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)
    optional: Sequence[int] = ()

    def add(self, *cells: Any, end_section: bool = False) -> None:
        """Append a row."""
        self.rows.append([str(cell) for cell in cells])
        if end_section:
            self.sections.add(len(self.rows) - 1)

    def print(self) -> None:
        """Print the table to the terminal."""
        try:
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            print(self._without_blank_columns().within(width).plain())
            return
        full = self._visible()._without_blank_columns()
        # A log file has no width: let the title and the rows be as long as they are.
        console = Console() if sys.stdout.isatty() else Console(width=max(80, full._width(), len(full.title)))
        # A title of its own, and not the table's: that would be wrapped at the width of the table.
        console.print(Text(full.title, style="bold"), overflow="fold", soft_wrap=not sys.stdout.isatty())
        parts = full.within(console.width, between=3, around=4)._parts(console.width) if sys.stdout.isatty() else [full]
        for part in parts:
            console.print(part._made(console.width))

    def _made(self, width: int) -> Any:
        """Return the table of rich, for a terminal of so many columns."""
        import rich.box
        import rich.table
        from rich.text import Text

        made = rich.table.Table(box=rich.box.ROUNDED)
        tight = self._width() > width
        for index, column in enumerate(self.columns):
            cells = [row[index] for row in self.rows]
            # Where there is too little room, headings and lists go over several lines before a short name does.
            heading = _wrapped(column, max(map(len, cells), default=0)) if tight and index else column
            made.add_column(
                Text(heading),  # As text, brackets in it are no markup.
                justify="right" if self._is_right(index) else "left",
                no_wrap=not (tight and any(", " in cell for cell in cells))
                if index
                else tight and max(map(len, cells), default=0) <= _SHORT,
                overflow="fold",
            )
        for index, row in enumerate(self.rows):
            made.add_row(*(Text(cell) for cell in row), end_section=index in self.sections)
        return made

    def _parts(self, width: int) -> list["Table"]:
        """Return the table as one, or several below each other where it is too wide: each begins with the first column."""
        least = [self._least(index) for index in range(len(self.columns))]
        groups: list[list[int]] = [[0]]
        for index in range(1, len(least)):
            if len(groups[-1]) > 1 and sum(least[place] + 3 for place in [*groups[-1], index]) + 1 > width:
                groups.append([0])
            groups[-1].append(index)
        if len(groups) == 1:
            return [self]
        picked = [[[row[place] for place in group] for row in self.rows] for group in groups]
        return [
            Table("", [self.columns[place] for place in group], list(rows), self.sections)
            for group, rows in zip(groups, picked, strict=True)
        ]

    def _least(self, index: int) -> int:
        """Return the characters that a column needs so that nothing of it is cut off."""
        cells = [row[index] for row in self.rows]
        longest = max(map(len, cells), default=0)
        if index == 0:
            return min(longest, _SHORT)
        if any(", " in cell for cell in cells):
            longest = max(len(word) for cell in cells for word in [*cell.split(), ""])
        return max([longest, *map(len, self.columns[index].split())])

    def within(self, width: int | None, between: int = 2, around: int = 0) -> "Table":
        """Return the table without as many of its optional columns as do not fit a width.

        Args:
            width: in characters; None for any.
            between: characters between two columns.
            around: characters before the first and after the last column, together.

        Example:
            >>> table = Table("Blocks", ["block", "layers", ""], optional=[2, 1])
            >>> table.add("SuperResK3K3(8,16,2,8,1)", 1, "#####")
            >>> [list(table.within(width).columns) for width in (40, 36, 30)]
            [['block', 'layers', ''], ['block', 'layers'], ['block']]
        """
        kept = list(range(len(self.columns)))
        for index in self.optional:
            if width is None or sum(self._widths()[place] for place in kept) + between * (len(kept) - 1) + around <= width:
                break
            kept.remove(index)
        rows: list[Sequence[str]] = [[row[place] for place in kept] for row in self.rows]
        return Table(self.title, [self.columns[place] for place in kept], rows, self.sections)

    def plain(self) -> str:
        """Return the table as aligned text.

        Example:
            >>> table = Table("Budget", ["limit", "value"])
            >>> table.add("layers", 14)
            >>> print(table.plain())
            Budget
            limit   value
            layers     14
        """
        widths = self._widths()
        lines = [self.title]
        for row in [self.columns, *self.rows]:
            sized = enumerate(zip(row, widths, strict=True))
            cells = [cell.rjust(width) if self._is_right(index) else cell.ljust(width) for index, (cell, width) in sized]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)

    def _visible(self) -> "Table":
        """Return the table without control characters: the stream cannot tell them from those that rich writes."""
        rows: list[Sequence[str]] = [list(map(visible, row)) for row in self.rows]
        return Table(visible(self.title), list(map(visible, self.columns)), rows, self.sections, self.optional)

    def _without_blank_columns(self) -> "Table":
        """Return the table without columns that have neither a heading nor a text."""
        kept = [index for index, heading in enumerate(self.columns) if heading or any(row[index] for row in self.rows)]
        optional = [kept.index(index) for index in self.optional if index in kept]
        rows: list[Sequence[str]] = [[row[index] for index in kept] for row in self.rows]
        return Table(self.title, [self.columns[index] for index in kept], rows, self.sections, optional)

    def _is_right(self, index: int) -> bool:
        return index > 0 and bool(self.columns[index])

    def _widths(self) -> list[int]:
        return [max(len(row[index]) for row in [self.columns, *self.rows]) for index in range(len(self.columns))]

    def _width(self) -> int:
        return sum(self._widths()) + 3 * len(self.columns) + 1


def _wrapped(heading: str, width: int) -> str:
    r"""Return a heading in lines that are no longer than a width, or than its longest word.

    Example:
        >>> _wrapped("largest difference of logits", 7)
        'largest\ndifference\nof logits'
    """
    width = max([width, *map(len, heading.split())])
    return "\n".join(textwrap.wrap(heading, width)) or heading
