"""Best sums over columns and over rows, made at once or a row at a time: the same."""

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest

from zen_lightning.search.exact.arrays import NEVER
from zen_lightning.search.exact.arriving import Arriving


@contextlib.contextmanager
def row_by_row(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for name in ("_AT_ONCE", "_FEW_AT_ONCE"):
            patch.setattr(f"zen_lightning.search.exact.arriving.{name}", 0)
        yield


@pytest.mark.parametrize("cells", [1, 3])
@pytest.mark.parametrize("share", [None, 0.1, 0.9])
def test_a_row_at_a_time(monkeypatch: pytest.MonkeyPatch, cells: int, share: float | None) -> None:
    rng = np.random.default_rng(3)
    rows, kinds, count = 7, 4, 60
    first = np.sort(rng.integers(0, kinds - 1, count))  # No column is of the last kind.
    gains = rng.normal(size=(kinds, rows, cells))
    gains[1, 2] = NEVER
    paid = rng.normal(size=(rows, count))
    columns = None
    if share is not None:
        allowed = rng.random((rows, count)) < share
        allowed[4] = False
        paid[~allowed] = np.inf
        columns = [np.flatnonzero(row) for row in allowed]
    whole, apart = Arriving(gains, first, paid), Arriving(gains, first, paid, columns)
    for of_columns in (rng.normal(size=(1, count, cells)), rng.normal(size=(rows, count, cells))):
        expected = (whole.every + of_columns).max(axis=1)
        assert whole.best_of_rows(of_columns) == pytest.approx(expected)
        assert apart.best_of_rows(of_columns) == pytest.approx(expected)
        with row_by_row(monkeypatch):
            assert apart.best_of_rows(of_columns) == pytest.approx(expected)
    of_rows, some = rng.normal(size=(rows, cells)), np.array([0, 2, 4, 5])
    expected = (of_rows[some][:, None] + whole.every[some]).max(axis=0)
    assert whole.best_of_columns(of_rows, some) == pytest.approx(expected)
    at = np.array([1, 5])[:, None], np.array([3, 40]), np.zeros(2, np.int64)
    for way in (contextlib.nullcontext(), row_by_row(monkeypatch)):
        with way:
            assert apart.best_of_columns(of_rows, some) == pytest.approx(expected)
            assert apart.at(*at) == pytest.approx(whole.every[at])
    assert apart.some(3, np.array([1, 8])) == pytest.approx(whole.every[3, [1, 8]])
