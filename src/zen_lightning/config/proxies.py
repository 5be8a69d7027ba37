"""Proxies of the configuration: by name, and the images that they read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config.resolvers import FOLDER_DATASETS
from zen_lightning.config.sources import load_config_file
from zen_lightning.errors import UserError, nearest
from zen_lightning.system.conf_dir import conf_dir

_GROUP = "proxy"


def proxy_named(config: DictConfig, name: str, overrides: Mapping[str, Any], folders: Sequence[Path] = ()) -> DictConfig:
    """Return the node of a proxy beside the one of ``proxy=``: its YAML, found where Hydra finds configuration.

    Args:
        config: the composed configuration, which the YAML's interpolations refer to; it stays as it is.
        name: the name of the YAML, in ``conf/proxy`` or in the folder ``proxy`` of a ``--config-dir``.
        overrides: keyword arguments instead of those in the YAML.
        folders: the configuration folders that are searched besides the shipped one.

    Raises:
        UserError: there is no such YAML.
    """
    places = [folder / _GROUP for folder in (*folders, conf_dir())]
    whole = config.copy()
    OmegaConf.set_struct(whole, False)
    whole.proxy = _loaded(name, places, ())
    whole.proxy.update(overrides)
    node = whole.proxy
    assert isinstance(node, DictConfig)
    return node


def _loaded(name: str, places: Sequence[Path], above: tuple[Path, ...]) -> DictConfig:
    """Return the content of a YAML, on top of those of its group that its defaults name; ``above`` are those that name it."""
    known = {path.stem: path for place in reversed(places) for path in sorted(place.glob("*.yaml")) if path.is_file()}
    by = f"{above[-1]}: " if above else ""
    if name not in known:
        choices = f"{nearest(name, sorted(known)) or '.'} The proxies are: {', '.join(sorted(known))}"
        raise UserError(f"{by}there is no proxy {name!r}{choices}", key="proxies")
    path = known[name]
    if path in above:
        raise UserError(f"{by}its defaults lead back to {path}", key="proxies")
    content = load_config_file(path)
    below = [str(entry) for entry in content.pop("defaults", []) if entry != "_self_"]
    merged = OmegaConf.merge(*[_loaded(one, places, (*above, path)) for one in below], content)
    assert isinstance(merged, DictConfig)
    return merged


def check_proxy_images(config: Any, nodes: Sequence[Any]) -> None:
    """Raise a UserError where proxies read images, and the dataset has no folder of class folders for them.

    Args:
        config: the composed configuration.
        nodes: those of the proxies.
    """
    name, root = config.dataset.name, config.dataset.root
    if name == "noise" and root is None:
        return
    involved = ("dataset.name", "dataset.root", "dataset._target_")
    wanted = "dataset=image_folder, or no dataset.root" if root is not None else "dataset.root=DIR, a folder of class folders"
    if name == "noise" or (name == "image_folder" and root is None):
        value = f"{name} dataset.root={root if root is not None else 'null'}"
        raise UserError(key="dataset", value=value, expected=wanted, involves=involved)
    if name not in FOLDER_DATASETS and any("images" in node for node in nodes):
        remedy = "choose dataset=image_folder dataset.root=DIR, or dataset=noise"
        raise UserError("proxies read images from class folders", key="dataset", value=name, remedy=remedy, involves=involved)
