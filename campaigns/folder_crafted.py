"""What a crafted folder is, the sound files that it begins with, and the commands that are given it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from folder_payloads import Payloads

TINY = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"

TRAIN = ("dataset=digits", "recipe.epochs=1", "recipe.batch_size=16", "limit=32", "resolution=8", "trainer=cpu")

SEARCH = ("search=zen", "budget=params1M", "search.population_size=8", "search.finalists=0", "search.iterations=50")

TUNE = (*("task=tune", "tune.task=search", "tune.metric=score", "budget=params1M", "search.finalists=0"),
        *("search.iterations=50", "tune.space={search.population_size:[8,16]}"))  # fmt: skip

CALLED = (
    *("os.system", "posix.system", "subprocess.call", "builtins.exec", "builtins.eval", "evil.Proxy", "evil.Task", "evil"),
    *("hydra.utils.call", "hydra.utils.instantiate", "importlib.import_module", "theirs.evil.Proxy", "torch.hub.load"),
    *("zen_lightning.runs.provenance.subprocess.call", "zen_lightning.system.own_modules.import_own", "runpy.run_path"),
    *("zen_lightning.search.pool.pickle.loads", "zen_lightning.api.presets.import_module", "zen_lightning.nope.os.system"),
)
"""Names of what must not be called."""


class Attack(NamedTuple):
    """A crafted folder.

    Attributes:
        name: what is in it.
        commands: command lines that are given it, in this order, each from the working directory that holds it.
        inside: whether the folder itself is the working directory.
    """

    name: str
    commands: list[list[str]]
    inside: bool = False


class Sound(NamedTuple):
    """Folders and files that this project made, which crafted ones begin as copies of."""

    train: Path
    search: Path
    tune: Path
    program: Path


def take_checksums(folder: Path) -> None:
    """Delete the checksums beside files, so that these count as changed by hand or as of another program."""
    for place in list(folder.rglob(".sha256")):
        shutil.rmtree(place)


Crafted = tuple[int, Callable[[Any, Path, Payloads, Sound], Attack]]
"""How often a folder of a kind is crafted, beside the others, and what makes it."""
