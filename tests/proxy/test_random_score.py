"""Random scores: standard normal, one for each structure and seed."""

import math
import os
import random
import statistics
import subprocess
import sys

from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.proxy.random_score import RandomScore
from zen_lightning.space import NasBench201Space

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)")

ONE_SCORE = """
from zen_lightning.arch import Architecture
from zen_lightning.proxy.random_score import RandomScore
print(RandomScore().score(Architecture.parse({text!r}), seed=7).value.hex())
"""


def test_scores_are_standard_normal() -> None:
    proxy = RandomScore()
    values = sorted(proxy.score(cell, seed=1).value for cell in NasBench201Space().members())
    count = len(values)
    assert abs(statistics.fmean(values)) < 4.5 / math.sqrt(count)
    assert abs(statistics.pvariance(values) - 1) < 4.5 * math.sqrt(2 / count)
    normal = statistics.NormalDist()
    distance = max(abs(normal.cdf(value) - (rank + 0.5) / count) for rank, value in enumerate(values))
    assert distance < 2 / math.sqrt(count)


def test_scores_of_two_seeds_are_unrelated() -> None:
    proxy, members = RandomScore(), list(NasBench201Space().members())[::5]
    first, second = ([proxy.score(cell, seed).value for cell in members] for seed in (1, 2))
    assert abs(statistics.correlation(first, second)) < 4.5 / math.sqrt(len(members))


def test_a_structure_has_one_score_in_every_process() -> None:
    expected = RandomScore().score(ARCH, seed=7).value.hex()
    path = os.pathsep.join(path for path in sys.path if path)
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", ONE_SCORE.format(text=str(ARCH))]
        assert subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.strip() == expected


def test_the_order_of_scoring_changes_nothing() -> None:
    members = list(NasBench201Space().members())[:50]
    forward = [RandomScore().score(cell, 3) for cell in members]
    proxy = RandomScore()
    assert [proxy.score(cell, 3) for cell in reversed(members)] == forward[::-1]


def test_the_global_generator_is_left_alone() -> None:
    random.seed(1)
    before = random.getstate()
    RandomScore().score(ARCH)
    assert random.getstate() == before


def test_a_module_is_told_by_its_printed_form() -> None:
    proxy = RandomScore()
    assert proxy.score(nn.Conv2d(3, 8, 3)) == proxy.score(nn.Conv2d(3, 8, 3))
    assert proxy.score(nn.Conv2d(3, 8, 3)) != proxy.score(nn.Conv2d(3, 8, 5))


def test_a_single_draw_has_no_known_error() -> None:
    assert RandomScore().score(ARCH).standard_error is None
