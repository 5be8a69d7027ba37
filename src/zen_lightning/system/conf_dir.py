"""Where the configuration lies."""

from pathlib import Path

from zen_lightning.errors import UserError


def conf_dir() -> Path:
    """Return the folder of the shipped configuration: in the installed package, or beside ``src`` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "conf", package.parents[1] / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise UserError("the configuration folder conf/ is missing", remedy="install zen-lightning again")
