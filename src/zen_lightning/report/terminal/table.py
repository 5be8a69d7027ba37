"""Tables on the terminal: with rich where it is installed, as plain text where not."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Table:
    """A table to print.

    Attributes:
        title: printed above it.
        columns: headings; the first column, and those without a heading, are aligned left, the others right.
        rows: cells as text.
        sections: numbers of the rows that a line is drawn under.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)

    def add(self, *cells: Any, end_section: bool = False) -> None:
        """Append a row."""
        self.rows.append([str(cell) for cell in cells])
        if end_section:
            self.sections.add(len(self.rows) - 1)

    def print(self) -> None:
        """Print the table to the terminal."""
        try:
            import rich.box
            import rich.table
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            print(self.plain())
            return
        table = rich.table.Table(title=self.title, title_justify="left", title_style="bold", box=rich.box.ROUNDED)
        for index, column in enumerate(self.columns):
            table.add_column(column, justify="right" if self._is_right(index) else "left", no_wrap=index > 0, overflow="fold")
        for index, row in enumerate(self.rows):
            table.add_row(*(Text(cell) for cell in row), end_section=index in self.sections)
        console = Console()
        # A log file has no width: let the rows be as long as they are.
        console.print(table) if sys.stdout.isatty() else Console(width=max(80, self._width())).print(table)

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

    def _is_right(self, index: int) -> bool:
        return index > 0 and bool(self.columns[index])

    def _widths(self) -> list[int]:
        return [max(len(row[index]) for row in [self.columns, *self.rows]) for index in range(len(self.columns))]

    def _width(self) -> int:
        return sum(self._widths()) + 3 * len(self.columns) + 1
