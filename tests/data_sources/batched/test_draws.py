"""Random numbers of many images: they depend on seed, epoch and image alone, and are spread as they should be."""

import numpy as np
import pytest

from zen_lightning.data.batched.draws import TRIES, Column, Draws

COLUMNS = range(Column.CROPPED_SHAPE + 2 * TRIES)


def test_no_two_uses_share_a_column() -> None:
    widths = {"STAGES": 6, "LIGHTING": 6, "ERASED_SHAPE": 2 * TRIES, "CROPPED_SHAPE": 2 * TRIES}
    taken = [column + step for column in Column for step in range(widths.get(column.name, 1))]
    assert len(taken) == len(set(taken))


def test_an_image_has_its_own_numbers() -> None:
    alone, among = Draws(4, 2, np.array([8])), Draws(4, 2, np.array([1, 8, 3]))
    for column in COLUMNS:
        assert alone.uniform(column)[0] == among.uniform(column)[1]
    other = [Draws(5, 2, np.array([8])), Draws(4, 3, np.array([8])), Draws(4, 2, np.array([9]))]
    assert len({float(draws.uniform(0)[0]) for draws in (alone, *other)}) == 4


def test_numbers_are_uniform_and_not_correlated() -> None:
    values = np.stack([Draws(0, 0, np.arange(20_000)).uniform(column) for column in COLUMNS])
    assert values.min() >= 0
    assert values.max() < 1
    shares = np.stack([np.bincount((row * 10).astype(int), minlength=10) for row in values]) / 20_000
    assert np.abs(shares - 0.1).max() < 5 * np.sqrt(0.09 / 20_000)
    correlations = np.corrcoef(values) - np.eye(len(values))
    assert np.abs(correlations).max() < 5 / np.sqrt(20_000)
    neighbours = [np.corrcoef(row[:-1], row[1:])[0, 1] for row in values]
    assert np.abs(neighbours).max() < 5 / np.sqrt(20_000)


def test_whole_and_normal_numbers() -> None:
    draws = Draws(0, 0, np.arange(20_000))
    assert np.bincount(draws.whole(3, 9)).tolist() == pytest.approx([20_000 / 9] * 9, rel=0.1)
    assert draws.whole(3, np.full(20_000, 4)).max() == 3
    normal = draws.normal(Column.LIGHTING)
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.03)
    assert np.isfinite(normal).all()
