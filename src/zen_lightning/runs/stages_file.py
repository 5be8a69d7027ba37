"""The file in which a pipeline keeps what it asked each of its stages for: paths in it are relative to its folder."""

import re
from collections.abc import Sequence
from pathlib import Path

from zen_lightning.runs.names import STAGES
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import TEXTS, Each

_HERE = "@/"
"""Stands for the folder of the pipeline, so that one that was moved or copied goes on."""

_QUOTED = re.compile(r"'(@/[^',\[\]]*)'")


def portable(overrides: Sequence[str], folder: Path) -> list[str]:
    """Return overrides in which the folder of the pipeline is ``@/``, whatever it is called and wherever it is.

    Example:
        >>> portable(["arch=/runs/one/search", "weights='/runs/one/my weights.pth'", "seed=1"], Path("/runs/one"))
        ['arch=@/search', 'weights=@/my weights.pth', 'seed=1']
    """
    here = f"{folder}/"
    escaped = here.replace("'", "\\'")
    return [_QUOTED.sub(r"\1", one.replace(escaped, _HERE).replace(here, _HERE)) for one in overrides]


def read_stages_asked(folder: Path) -> dict[str, list[str]]:
    """Return what each stage of the pipeline in a folder was asked for, by name; nothing where there is no record.

    Paths below the folder are where it is now.

    Raises:
        UserError: the record cannot be used.
    """
    path = folder / STAGES
    if not holds_file(path):
        return {}
    asked = read_json(path, "choose another output_dir", Each(TEXTS), key="output_dir", value=folder).content
    return {name: [one.replace(_HERE, f"{folder}/") for one in overrides] for name, overrides in asked.items()}


def write_stages_asked(folder: Path, asked: dict[str, list[str]]) -> None:
    """Keep what each stage was asked for."""
    write_json(folder / STAGES, {name: portable(overrides, folder) for name, overrides in asked.items()})
