"""What a block pays and gains by the width that arrives, for all widths and blocks, not all of it at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats, Ints
from zen_lightning.search.time_limit import check_time

_AT_ONCE, _FEW_AT_ONCE = 4_000_000, 200_000
"""Values up to which all of them are made at once, the second where only some columns follow each row. With more they are made
a row at a time, which stays in the processor's cache. A choice: only times change, and memory."""

_FEW = 0.4
"""Part of the columns below which those that a row may arrive at are picked out. A choice: it only changes the time."""


@dataclass(frozen=True)
class Arriving:
    """The part of score less price that depends on the input width: of each row, column and cell.

    Where costs are looked up there are a hundred thousand columns, so not all of it is made at once.

    Attributes:
        gains: gains of first convolutions, shape (kinds, rows, cells).
        first: kind of first convolution of each column.
        paid: what each column pays for the input width, shape (rows, columns).
        columns: for each row, the columns at which it may arrive; None where it may at all.
    """

    gains: Floats
    first: Ints
    paid: Floats
    columns: list[Ints] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of rows, columns and cells."""
        return (*self.paid.shape, self.gains.shape[2])

    @property
    def size(self) -> int:
        """Number of values."""
        rows, columns, cells = self.shape
        return rows * columns * cells

    @property
    def is_small(self) -> bool:
        """Whether all values are made at once."""
        return self.size <= (_AT_ONCE if self.columns is None else _FEW_AT_ONCE)

    @cached_property
    def edges(self) -> Ints:
        """The first column of each kind of first convolution, and the number of columns: they are in the order of the kinds."""
        return np.searchsorted(self.first, np.arange(len(self.gains) + 1))

    @cached_property
    def every(self) -> Floats:
        """All values, of the shape above."""
        return self.gains[self.first].transpose(1, 0, 2) - self.paid[:, :, None]

    def some(self, row: int, columns: Ints) -> Floats:
        """Return the values of a row at some columns, shape (columns, cells)."""
        values: Floats = self.gains[:, row][self.first[columns]] - self.paid[row, columns][:, None]
        return values

    def at(self, rows: Ints, columns: Ints, cells: Ints) -> Floats:
        """Return the values at some rows, columns and cells, which are broadcast together."""
        if self.is_small:
            return self.every[rows, columns, cells]
        values: Floats = self.gains[self.first[columns], rows, cells] - self.paid[rows, columns]
        return values

    def best_of_rows(self, of_columns: Floats) -> Floats:
        """Return the best sum over columns for each row, shape (rows, cells).

        Args:
            of_columns: what is added, shape (rows or 1, columns, cells).
        """
        if self.is_small:
            best: Floats = (self.every + of_columns).max(axis=1)
            return best
        rows, _, cells = self.shape
        found = np.full((rows, cells), NEVER)
        added = None if len(of_columns) > 1 else np.ascontiguousarray(of_columns[0].T)
        for row in range(rows):
            check_time()
            sums = np.ascontiguousarray(of_columns[row].T) if added is None else added
            columns, edges = self._columns_of(row)
            paid = self.paid[row]
            sums = sums - paid if columns is None else sums[:, columns] - paid[columns]
            for kind, start, end in self._kinds_of(row, edges):
                np.maximum(found[row], sums[:, start:end].max(axis=1) + self.gains[kind, row], out=found[row])
        return found

    def best_of_columns(self, of_rows: Floats, rows: Ints) -> Floats:
        """Return the best sum over some rows for each column, shape (columns, cells).

        Args:
            of_rows: what is added, shape (all rows, cells).
            rows: numbers of the rows.
        """
        if self.is_small:
            best: Floats = (of_rows[rows][:, None, :] + self.every[rows]).max(axis=0)
            return best
        _, count, cells = self.shape
        found = np.full((cells, count), NEVER)
        for row in rows.tolist():
            check_time()
            columns, edges = self._columns_of(row)
            for kind, start, end in self._kinds_of(row, edges):
                at = slice(start, end) if columns is None else columns[start:end]
                values = (of_rows[row] + self.gains[kind, row])[:, None] - self.paid[row, at]
                found[:, at] = np.maximum(found[:, at], values)
        return np.ascontiguousarray(found.T)

    def _columns_of(self, row: int) -> tuple[Ints | None, Ints]:
        """Return the columns of a row, None for all of them, and the first place in them of each kind."""
        columns = None if self.columns is None else self.columns[row]
        if columns is None or len(columns) > _FEW * len(self.first):
            return None, self.edges
        return columns, np.searchsorted(columns, self.edges)

    def _kinds_of(self, row: int, edges: Ints) -> Iterator[tuple[int, int, int]]:
        """Yield the kinds that may follow a row, each with the range of its columns."""
        for kind in np.flatnonzero(self.gains[:, row].max(axis=1) > NEVER).tolist():
            if edges[kind + 1] > edges[kind]:
                yield kind, int(edges[kind]), int(edges[kind + 1])
