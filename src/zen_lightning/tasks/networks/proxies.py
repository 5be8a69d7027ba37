"""The proxies that ``proxies=`` names."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import build
from zen_lightning.config.proxies import check_proxy_images, proxy_named
from zen_lightning.correlate.scoring import NamedProxy
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.runs.command import NO_COMMAND, Command

_EXPECTED = "expected a list such as '[zen,naswot]' or '[{name: naswot, batch_size: 32}]'"


def read_proxies(config: DictConfig, command: Command = NO_COMMAND) -> list[NamedProxy]:
    """Return the proxies of a run, in the order given.

    Args:
        config: the composed configuration. An entry of ``proxies`` is the name of a YAML under ``conf/proxy``, or a mapping of
            ``name`` and keyword arguments that replace those of the YAML; they become part of the label.
        command: what the command line said.

    Raises:
        UserError: an entry that is neither, a name that no YAML has, an argument that the class refuses, or one proxy twice.
    """
    wanted = OmegaConf.to_container(config.proxies, resolve=True) if OmegaConf.is_config(config.proxies) else config.proxies
    entries = wanted if isinstance(wanted, list) else [wanted]
    if not entries:
        raise UserError(f"proxies=[]: {_EXPECTED}")
    proxies: dict[str, NamedProxy] = {}
    for entry in entries:
        proxy = _named(config, command, entry)
        if proxies.setdefault(proxy.label, proxy) is not proxy:
            raise UserError(f"proxies= has {proxy.label} twice")
    return list(proxies.values())


def _named(config: DictConfig, command: Command, entry: Any) -> NamedProxy:
    arguments = dict(entry) if isinstance(entry, Mapping) else {"name": entry}
    name = arguments.pop("name", None)
    if not isinstance(name, str):
        raise UserError(f"proxies={entry}: {_EXPECTED}")
    node = proxy_named(config, name, arguments, command.folders)
    check_proxy_images(config, [node])
    proxy = build(node, f"proxies.{name}")
    if not isinstance(proxy, Proxy):
        raise UserError(f"proxies.{name}: {type(proxy).__name__} is not a Proxy")
    settings = OmegaConf.to_container(node, resolve=True)
    assert isinstance(settings, dict)
    label = " ".join([name, *(f"{key}={value}" for key, value in arguments.items())])
    return NamedProxy(label, proxy, {str(key): value for key, value in settings.items()})
