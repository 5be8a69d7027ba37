"""The choice among depths: what is kept, and what judges."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import Budget, ParamsLimit
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.depth_choice import DEPTHS, Depth, best_depth, choose_depth, chosen_by, depth_limits
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

START = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,64,1,1)")
SETUP = SearchSetup(
    search_space("resnet"), ZenClosedForm(32), Budget([ParamsLimit(60_000, 10)]), START, iterations=60, population_size=20
)


class Trainer:
    """Prefers shallow networks, which no score does; fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.asked: list[list[int]] = []

    def __call__(self, depths: Sequence[Depth], networks: Sequence[BaseArchitecture]) -> list[Depth]:
        self.asked.append([network.num_layers for network in networks])
        if self.failures:
            self.failures -= 1
            raise KeyboardInterrupt
        return [one._replace(trained=90.0 - one.limit) for one in depths]


def chosen(folder: Path, train: Trainer | None, epochs: int = 2) -> list[Depth]:
    return choose_depth(SETUP, [5, 9], 32, 10, folder, lambda text: None, train, {"epochs": epochs})


def test_a_training_overrules_the_calibrated_score(tmp_path: Path) -> None:
    trainer = Trainer()
    found = chosen(tmp_path, trainer)
    assert [one.trained for one in found] == [85.0, 81.0]
    assert trainer.asked == [[one.layers for one in found]]
    assert chosen_by(found) == "training"
    assert best_depth(found).limit == 5
    plain = [one._replace(trained=None) for one in found]
    assert chosen_by(plain) == "calibrated"
    assert best_depth(plain) == max(plain, key=lambda one: one.calibrated)
    assert best_depth([one._replace(trained=70.0) for one in reversed(found)]).limit == 5  # Of equals the shallower.
    assert json.loads((tmp_path / DEPTHS).read_text())["chosen"] == 5


def test_what_the_searches_found_survives_a_training_that_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = Trainer(failures=1)
    with pytest.raises(KeyboardInterrupt):
        chosen(tmp_path, stopped)
    kept = json.loads((tmp_path / DEPTHS).read_text())
    assert kept["chosen"] is None
    monkeypatch.setattr("zen_lightning.search.depth_choice._searched", None)  # Called, it would fail.
    again = chosen(tmp_path, stopped)
    assert [one._asdict() | {"trained": None} for one in again] == kept["depths"]
    assert stopped.asked[0] == stopped.asked[1]
    before = (tmp_path / DEPTHS).read_bytes()
    assert chosen(tmp_path, stopped) == again
    assert len(stopped.asked) == 2  # What is chosen is not trained again.
    assert (tmp_path / DEPTHS).read_bytes() == before


def test_a_choice_that_was_made_in_another_way_is_not_taken(tmp_path: Path) -> None:
    chosen(tmp_path, Trainer())
    for train, epochs in ((None, 2), (Trainer(), 3)):
        with pytest.raises(UserError, match=r"depths\.json belongs to another search"):
            chosen(tmp_path, train, epochs)
    other = replace(SETUP, identity={"seed": 5})
    with pytest.raises(UserError, match=r"depths\.json belongs to another search"):
        choose_depth(other, [5, 9], 32, 10, tmp_path, lambda text: None, Trainer(), {"epochs": 2})


def test_depths_that_are_none_are_told_in_words_of_python() -> None:
    with pytest.raises(UserError, match=r"a list of numbers of layers, such as \[10,14,18\]; None for the usual"):
        depth_limits(SETUP, [])
