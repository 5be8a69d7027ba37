"""The loggers that ``logger=`` names."""

import netrc
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import MissingExtraError, UserError

_WANDB_RUN = "wandb_run_id.txt"


def make_loggers(config: DictConfig, folder: Path) -> list[Any]:
    """Return the loggers of Lightning for a run; none for ``logger=csv``, which every run has by itself.

    A resumed run goes on with the run of Weights & Biases that it began, whose name is in ``wandb_run_id.txt``. Without an API
    key, and unless WANDB_MODE says otherwise, that run is offline: nobody is asked for a key.

    Raises:
        UserError: there is no such logger.
        MissingExtraError: its package is not installed.
    """
    node = OmegaConf.to_container(config.logger, resolve=True)
    assert isinstance(node, dict)
    name = node.get("name")
    if name == "csv":
        return []
    if name == "wandb":
        return [_wandb(config, folder, node)]
    if name == "tensorboard":
        from pytorch_lightning.loggers import TensorBoardLogger

        try:
            return [TensorBoardLogger(folder, name="", version="tensorboard")]
        except ModuleNotFoundError:
            raise MissingExtraError("tensorboard", "tensorboard", "logger=tensorboard") from None
    raise UserError(f"logger.name={name}: choose one of csv, wandb, tensorboard")


def _wandb(config: DictConfig, folder: Path, node: dict[Any, Any]) -> Any:
    from pytorch_lightning.loggers import WandbLogger

    offline = "WANDB_MODE" not in os.environ and not _has_key()
    record = folder / _WANDB_RUN
    try:
        with record.open("x") as file:  # Of several processes, the first makes it.
            file.write(secrets.token_hex(4) + "\n")
    except FileExistsError:
        pass
    return WandbLogger(
        project=node["project"],
        group=node["group"],
        job_type=config.task.name,
        name=HydraConfig.get().job.override_dirname[:120] or config.task.name,
        id=record.read_text().strip(),
        resume="allow",
        save_dir=folder,
        offline=offline,
        config=OmegaConf.to_container(config, resolve=True, throw_on_missing=False),
    )


def _has_key() -> bool:
    """Whether Weights & Biases has an API key: in the environment, or kept by ``wandb login``."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    path = Path(os.environ.get("NETRC", "~/.netrc")).expanduser()
    try:
        return netrc.netrc(path).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False
