"""The proxies that ``proxies=`` names."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.api.proxies import ProxiesFor, distinct, label_of, split_entry
from zen_lightning.api.sources import Setting
from zen_lightning.config import build
from zen_lightning.config.plain import plain
from zen_lightning.config.proxies import check_proxy_images, proxy_named
from zen_lightning.correlate.scoring import NamedProxy
from zen_lightning.proxy.base import Proxy
from zen_lightning.runs.command import NO_COMMAND, Command


def proxies_of(config: DictConfig, command: Command = NO_COMMAND) -> ProxiesFor:
    """Return what gives the proxies of a command for a resolution and classes; errors as for :func:`read_proxies`."""

    def give(setting: Setting) -> list[NamedProxy]:
        own = config.copy()
        own.resolution, own.num_classes = setting.resolution, setting.num_classes
        return read_proxies(own, command)

    return give


def read_proxies(config: DictConfig, command: Command = NO_COMMAND) -> list[NamedProxy]:
    """Return the proxies of a run, in the order given.

    Args:
        config: the composed configuration. An entry of ``proxies`` is the name of a YAML under ``conf/proxy``, or a mapping of
            ``name`` and keyword arguments that replace those of the YAML; they become part of the label.
        command: what the command line said.

    Raises:
        UserError: an entry that is neither, a name that no YAML has, an argument that the class refuses, or one proxy twice.
    """
    wanted = plain(config.proxies)
    entries = wanted if isinstance(wanted, list) else [wanted]
    return distinct(_named(config, command, entry) for entry in entries)


def _named(config: DictConfig, command: Command, entry: Any) -> NamedProxy:
    name, arguments = split_entry(entry)
    node = proxy_named(config, name, arguments, command.folders)
    check_proxy_images(config, [node])
    proxy = build(node, f"proxies.{name}", Proxy)
    settings = OmegaConf.to_container(node, resolve=True)
    assert isinstance(settings, dict)
    return NamedProxy(label_of(name, arguments), proxy, {str(key): value for key, value in settings.items()})
