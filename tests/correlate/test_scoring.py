"""Scoring what is missing, and ranking within the sample."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.correlate.record import ScoreRecord
from zen_lightning.correlate.scoring import NamedProxy, collect_parts, collect_scores, score_missing
from zen_lightning.proxy.base import CannotScoreError, Proxy, RankedProxy, Scorable, Score, ascending_ranks
from zen_lightning.search.local_pool import LocalPool

NETS: list[BaseArchitecture] = [Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)") for width in range(8, 20)]


def width(architecture: Scorable) -> int:
    assert isinstance(architecture, Architecture)
    return architecture.out_channels


class Width(Proxy):
    name = "width"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        self.asked.append(width(architecture))
        if width(architecture) == 9:
            raise CannotScoreError("nine is too odd")
        return Score(math.inf if width(architecture) == 11 else float(width(architecture)))


class Ranked(RankedProxy):
    name = "ranked"
    part_names = ("up", "down")

    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        if width(architecture) == 10:
            raise CannotScoreError("ten")
        parts = (float(width(architecture)), -2.0 * width(architecture))
        return Score(self.combine([parts])[0], None, parts)

    def combine(self, parts: Sequence[tuple[float, ...]]) -> list[float]:
        return [10 * rank for rank in ascending_ranks([up for up, _ in parts])]


def study(path: Path, proxies: list[Proxy], nets: list[BaseArchitecture]) -> tuple[list[NamedProxy], ScoreRecord, list[Any]]:
    named = [NamedProxy(proxy.name, proxy, {}) for proxy in proxies]
    record = ScoreRecord(path, {})
    for proxy in named:
        record.join(proxy.label, {})
    told: list[Any] = []
    with LocalPool(proxies) as pool:
        score_missing(pool, named, nets, record, lambda: told.append(None))
    return named, record, told


def test_only_what_is_missing_is_scored(tmp_path: Path) -> None:
    path, first = tmp_path / "scores.jsonl", Width()
    _, record, told = study(path, [first], NETS[:5])
    record.close()
    assert (sorted(first.asked), len(told)) == ([8, 9, 10, 11, 12], 5)
    second = Width()
    proxies, record, told = study(path, [Ranked(), second], NETS)
    assert (sorted(second.asked), len(told)) == (list(range(13, 20)), 7 + 12)
    scores = collect_scores(proxies[1], NETS, record)
    record.close()
    assert scores.values == [8.0, None, 10.0, None, *map(float, range(12, 20))]
    assert scores.failures == Counter({"nine is too odd": 1, "the score is inf: not a finite number": 1})
    assert scores.seconds is not None


def test_ranked_proxies_rank_within_the_networks_they_could_score(tmp_path: Path) -> None:
    (proxy,), record, _ = study(tmp_path / "scores.jsonl", [Ranked()], NETS)
    assert collect_scores(proxy, NETS[::-1][-5:], record).values == [40.0, 30.0, None, 20.0, 10.0]
    assert collect_scores(proxy, [NETS[2]], record) == ([None], None, Counter({"ten": 1}))
    record.close()


def test_what_was_not_tried_has_no_score(tmp_path: Path) -> None:
    (proxy,), record, _ = study(tmp_path / "scores.jsonl", [Width()], NETS[:1])
    scores = collect_scores(proxy, NETS[:2], record)
    record.close()
    assert (scores.values, scores.failures.total()) == ([8.0, None], 0)


def test_a_stop_keeps_what_is_done(tmp_path: Path) -> None:
    class Stopped(Width):
        def score(self, architecture: Scorable, seed: int = 0) -> Score:
            if len(self.asked) == 3:
                raise KeyboardInterrupt
            return super().score(architecture, seed)

    with pytest.raises(KeyboardInterrupt):
        study(tmp_path / "scores.jsonl", [Stopped()], NETS)
    assert (tmp_path / "scores.jsonl").read_text().count('"architecture"') == 3


def test_parts_of_a_ranked_proxy_are_reported_on_their_own(tmp_path: Path) -> None:
    proxies, record, _ = study(tmp_path / "scores.jsonl", [Ranked(), Width()], NETS[:4])
    parts = dict(collect_parts(proxies[0], NETS[:4], record))
    assert list(parts) == ["up", "down"]
    assert parts["up"].values == [8.0, 9.0, None, 11.0]
    assert parts["down"].values == [-16.0, -18.0, None, -22.0]
    assert parts["down"].failures == Counter({"ten": 1})
    assert collect_parts(proxies[1], NETS[:4], record) == []
