"""Cells whose accuracy is known, as ``task=correlate`` reads them."""

import csv
import json
from itertools import islice
from pathlib import Path

from zen_lightning.space import search_space

CELLS = list(islice(search_space("nas_bench_201").members(), 3000, 15000, 1500))


QUICK = ("task=correlate", "proxies=[params,flops]", "bootstrap=50")


OWN = """
from zen_lightning.proxy import CannotScoreError, Proxy, Score


class Picky(Proxy):
    name = "picky"

    def __init__(self, resolution: int, sign: float = 1.0) -> None:
        self.factor = sign * resolution

    def score(self, architecture, seed=0):
        if "avg_pool" in str(architecture).split("+")[0]:
            raise CannotScoreError("no pooling at the start")
        return Score(self.factor * architecture.num_params(10))
"""


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open() as file:
        return list(csv.DictReader(file))


def result_of(folder: Path) -> dict[str, dict[str, object]]:
    """Return what ``result.json`` of a folder says of each proxy."""
    return {row["proxy"]: row for row in json.loads((folder / "result.json").read_text())["proxies"]}
