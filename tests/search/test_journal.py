"""A journal continues a search exactly, whatever was cut off it."""

import json
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.search.evolution import Evolution
from zen_lightning.search.journal import SearchJournal
from zen_lightning.search.run import SearchSetup

IDENTITY = {"seed": 3, "start": "x"}


def searched(setup: SearchSetup, path: Path, marks: list[int]) -> Evolution:
    evolution = setup.evolution(0)
    journal = SearchJournal(path, IDENTITY)
    journal.restore(evolution)
    for mark in marks:
        evolution.advance(mark)
        journal.write(evolution)
    journal.close()
    return evolution


def assert_same(one: Evolution, two: Evolution) -> None:
    assert one.rng.getstate() == two.rng.getstate()
    assert one.history == two.history
    assert one.cloud.points == two.cloud.points
    assert (one.iteration, one.accepted, one.rejected, one.best) == (two.iteration, two.accepted, two.rejected, two.best)
    members = [(m.serial, m.score, str(m.architecture), m.slot) for m in one.population.members]
    assert members == [(m.serial, m.score, str(m.architecture), m.slot) for m in two.population.members]


def test_restores_every_part_of_the_state(setup: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    searched(setup, path, [5, 300, 900])
    resumed = searched(setup, path, [1_400])
    straight = setup.evolution(0)
    straight.advance(1_400)
    assert_same(resumed, straight)


@pytest.mark.parametrize("cut", [1, 2, 60, 3_000, 8_000])
def test_a_line_cut_short_is_dropped_and_searched_again(setup: SearchSetup, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal.jsonl"
    searched(setup, path, [100, 600, 1_000])
    path.write_bytes(path.read_bytes()[:-cut])
    resumed = searched(setup, path, [1_200])
    straight = setup.evolution(0)
    straight.advance(1_200)
    assert_same(resumed, straight)
    assert all(json.loads(line) for line in path.read_text().splitlines())


@pytest.mark.parametrize("kept", [0, 1, 20, 50])
def test_a_header_cut_short_is_a_new_search(setup: SearchSetup, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "journal.jsonl"
    searched(setup, path, [50])
    path.write_bytes(path.read_bytes()[:kept])
    resumed = searched(setup, path, [400])
    straight = setup.evolution(0)
    straight.advance(400)
    assert_same(resumed, straight)


def test_another_search_is_refused_with_what_differs(setup: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    searched(setup, path, [50])
    before = path.read_bytes()
    with pytest.raises(UserError, match="belongs to another search: seed was 3, now 4"):
        SearchJournal(path, {**IDENTITY, "seed": 4})
    assert path.read_bytes() == before


def test_a_foreign_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text("my precious notes\n")
    with pytest.raises(UserError, match="not a journal"):
        SearchJournal(path, IDENTITY)
    assert path.read_text() == "my precious notes\n"


def test_two_processes_cannot_write_one_journal(setup: SearchSetup, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = SearchJournal(path, IDENTITY)
    with pytest.raises(UserError, match="still running"):
        SearchJournal(path, IDENTITY)
    first.close()
    SearchJournal(path, IDENTITY).close()
