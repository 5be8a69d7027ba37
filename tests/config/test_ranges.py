"""Types and ranges of keys, for every task."""

import pytest
from omegaconf import OmegaConf

from command_line import Zen
from zen_lightning.config.ranges import range_problems

ODD = [
    ("seed=-1", "seed=-1"),
    ("seed=99999999999", "seed=99999999999"),
    ("search.threads=99999", "search.threads=99999"),
    ("resolution=100000000", "resolution=100000000"),
    ("num_classes=99999999", "num_classes=99999999"),
]
TRAINING = [
    "limit=0",
    "limit=-1",
    "use_se=-1",
    "trainer.loader_prefetch=0",
    "trainer.checkpoint_minutes=nan",
    "seed=18446744073709551616",
]


@pytest.mark.parametrize(("override", "said"), ODD)
def test_a_search_says_the_key(zen: Zen, override: str, said: str) -> None:
    ended = zen("search=zen", "budget=params1M", "search.iterations=5", override, "task=validate")
    assert (ended.code, said in ended.out) == (1, True), ended


@pytest.mark.parametrize("override", TRAINING)
def test_a_training_says_the_key(zen: Zen, override: str) -> None:
    command = ("task=train", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits", override)
    ended = zen(*command, "task=validate")
    assert (ended.code, override in ended.out) == (1, True), ended


def test_a_run_is_refused_too(zen: Zen) -> None:
    ended = zen("search=zen", "budget=params1M", "seed=-1")
    assert (ended.code, "seed=-1: expected 0 or more" in ended.err) == (2, True)


def test_what_is_no_list_or_mapping() -> None:
    config = OmegaConf.create(
        {"objectives": 5.0, "tune": 5, "dataset": {"classes": 5}, "latency": {"measure_seconds": float("inf")}}
    )
    assert [problem.key for problem in range_problems(config)] == [
        "latency.measure_seconds",
        "dataset.classes",
        "objectives",
        "tune",
    ]


@pytest.mark.parametrize("more", [(), ("task=validate",)])
def test_stages_that_are_no_list(zen: Zen, more: tuple[str, ...]) -> None:
    ended = zen("task=pipeline", "stages=5", *more)
    assert ended.code in (1, 2)
    assert "expected a list of stages" in ended.err + ended.out


def test_a_user_who_is_not_there(zen: Zen) -> None:
    for more, code in ((), 2), (("task=validate",), 1):
        ended = zen("task=analyze", "arch='~nosuchuser/net.txt'", *more)
        assert ended.code == code
        assert "there is no user nosuchuser" in ended.err + ended.out
