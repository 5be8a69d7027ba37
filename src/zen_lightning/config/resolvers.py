"""The resolvers of ``${name:...}`` in ``conf/``."""

import re
import secrets

from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from zen_lightning.config.schema import store
from zen_lightning.config.sources import check_sources

FOLDER_DATASETS = ("image_folder", "imagenet")
"""Datasets whose root is a folder that proxies can read."""


def proxy_images(name: str, root: str | None) -> str | None:
    """Return the folder whose images proxies are computed on, by the name and the root of the dataset; None for noise."""
    return root if name in FOLDER_DATASETS else None


def register() -> None:
    """Make the schema and the resolvers known to Hydra, and have the files looked at that it reads."""
    store()
    check_sources()
    OmegaConf.register_new_resolver("run_suffix", lambda: secrets.token_hex(4), use_cache=True, replace=True)
    OmegaConf.register_new_resolver("sanitize", sanitize, replace=True)
    OmegaConf.register_new_resolver("proxy_images", proxy_images, replace=True)
    OmegaConf.register_new_resolver("experiment_name", experiment_name, replace=True)
    OmegaConf.register_new_resolver("search_label", chosen_search, replace=True)


def sanitize(name: str) -> str:
    """Return a name that can be a folder: overrides may hold slashes, quotes and whole structures.

    Example:
        >>> sanitize("arch='Super(3,8,1,1)',seed=1")
        'arch=Super_3_8_1_1_seed=1'
    """
    return re.sub(r"[^A-Za-z0-9=.+-]+", "_", name.replace("'", "")).strip("_")[:120]


def experiment_name(choice: str | None) -> str:
    """Return the name that ``experiment=`` chose, or ``pipeline``."""
    return str(choice or "pipeline")


def chosen_search(name: str) -> str:
    """Return what folders of a search are called by: its name, and its proxy where that is another than the name says."""
    choices = HydraConfig.get().runtime.choices if HydraConfig.initialized() else {}
    return search_label(name, choices.get("proxy"))


def search_label(name: str, proxy: str | None) -> str:
    """Return the name of a search and its proxy; searches that ship are called by the proxy that they bring.

    Example:
        >>> search_label("naswot", "naswot"), search_label("evolution", "spread"), search_label("zen", "mine/best")
        ('naswot', 'evolution-spread', 'zen-mine_best')
    """
    return name if proxy in (None, name) else f"{name}-{sanitize(str(proxy))}"
