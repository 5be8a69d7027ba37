"""The file in which a pipeline keeps what it asked each of its stages for."""

from pathlib import Path

from zen_lightning.runs.names import STAGES
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.schema import TEXTS, Each


def read_stages_asked(folder: Path) -> dict[str, list[str]]:
    """Return what each stage of the pipeline in a folder was asked for, by name; nothing where there is no record.

    Raises:
        UserError: the record cannot be used.
    """
    path = folder / STAGES
    if not path.is_file():
        return {}
    return read_json(path, "choose another output_dir", Each(TEXTS), key="output_dir", value=folder).content


def write_stages_asked(folder: Path, asked: dict[str, list[str]]) -> None:
    """Keep what each stage was asked for."""
    write_json(folder / STAGES, asked)
