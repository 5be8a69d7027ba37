"""Proxies that worker processes can import: quick, with failures of every kind. Nothing here is a score of anything."""

import os
import signal
import time
from pathlib import Path

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy, RankedProxy, Score, ascending_ranks


class Nap(Proxy):
    """Scores after a nap whose length is the structure's; cannot score some."""

    name = "nap"

    def __init__(self, nap: float = 0.0) -> None:
        self.nap = nap

    def score(self, architecture: BaseArchitecture, seed: int = 0) -> Score:
        params = architecture.num_params(10)
        time.sleep(self.nap * (params % 7))
        if params % 5 == 0:
            raise CannotScoreError(f"{params} is a multiple of five")
        return Score(float(params % 1009 + seed))


class Deadly(Nap):
    """Kills the process that scores a structure of this many layers."""

    def __init__(self, layers: int, nap: float = 0.0) -> None:
        super().__init__(nap)
        self.layers = layers

    def score(self, architecture: BaseArchitecture, seed: int = 0) -> Score:
        if architecture.num_layers == self.layers:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(architecture, seed)


class Faulty(Proxy):
    """Raises: a user's mistake for one layer, else a fault of the program."""

    name = "faulty"

    def score(self, architecture: BaseArchitecture, seed: int = 0) -> Score:
        if architecture.num_layers == 1:
            raise UserError("batch_size=0: expected 1 or more")
        raise ZeroDivisionError("one over nothing")


class Environment(Proxy):
    """Scores what its process sees: torch's threads as its environment has them, the GPU, whether it was preloaded."""

    name = "environment"

    def score(self, architecture: BaseArchitecture, seed: int = 0) -> Score:
        import sys

        found = (os.environ["OMP_NUM_THREADS"], os.environ.get("CUDA_VISIBLE_DEVICES", "-1"), "colorsys" in sys.modules)
        return Score(0.0, None, tuple(float(value) for value in found))


class Counting(Nap):
    """Writes a line to a file for each score."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def score(self, architecture: BaseArchitecture, seed: int = 0) -> Score:
        with self.path.open("a") as file:
            file.write(f"{architecture}\n")
        return super().score(architecture, seed)


class Ranked(RankedProxy):
    """Ranks by parameters, few first, and by layers, many first."""

    name = "ranked"
    part_names = ("frugality", "depth")

    def score(self, architecture: BaseArchitecture, seed: int = 0) -> Score:
        parts = (-float(architecture.num_params(10) % 997), float(architecture.num_layers))
        return Score(self.combine([parts])[0], 0.0, parts)

    def combine(self, parts: list[tuple[float, ...]]) -> list[float]:
        columns = [ascending_ranks([row[index] for row in parts]) for index in (0, 1)]
        return [(one + two) / len(parts) for one, two in zip(*columns, strict=True)]
