"""Proxies as a user names them: by a name, with arguments of their own, or as objects."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from zen_lightning.api.presets import class_of, made, read_preset, resolved
from zen_lightning.api.sources import Setting
from zen_lightning.correlate.scoring import NamedProxy
from zen_lightning.errors import UserError, keyed, nearest
from zen_lightning.proxy.base import Proxy

AnyProxy: TypeAlias = str | Mapping[str, Any] | Proxy | NamedProxy
"""A name (``"naswot"``), one with arguments (``{"name": "naswot", "batch_size": 32}``), or an object."""

ProxiesFor: TypeAlias = Callable[[Setting], Sequence[NamedProxy]]
"""Gives the proxies for networks of a resolution and classes."""

EXPECTED = "a list such as '[zen,naswot]' or '[{name: naswot, batch_size: 32}]'"


def proxies_for(wanted: AnyProxy | Sequence[AnyProxy], device: str = "cpu", images: str | Path | None = None) -> ProxiesFor:
    """Return what gives the proxies for networks of a resolution and classes.

    Args:
        wanted: one proxy, or several. An object is taken as it is, whatever its resolution.
        device: of torch.
        images: folder of class folders that proxies read; None: noise.

    Example:
        >>> give = proxies_for(["params", {"name": "naswot", "batch_size": 8}])
        >>> [proxy.label for proxy in give(Setting(32, 10))]
        ['params', 'naswot batch_size=8']
    """
    several = [wanted] if isinstance(wanted, str | Mapping | Proxy | NamedProxy) else list(wanted)

    def give(setting: Setting) -> list[NamedProxy]:
        values = {
            "resolution": setting.resolution,
            "num_classes": setting.num_classes,
            "device": device,
            "dataset.name": "noise" if images is None else "image_folder",
            "dataset.root": None if images is None else str(images),
        }
        return distinct(_named(one, values) for one in several)

    return give


def distinct(proxies: Iterable[NamedProxy]) -> list[NamedProxy]:
    """Return the proxies.

    Raises:
        UserError: there is none, or two of them have one label.
    """
    found: dict[str, NamedProxy] = {}
    for proxy in proxies:
        if found.setdefault(proxy.label, proxy) is not proxy:
            raise UserError(f"proxies= has {proxy.label} twice", key="proxies")
    if not found:
        raise UserError(key="proxies", value=[], expected=EXPECTED)
    return list(found.values())


def label_of(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the label of a proxy: its name, and the arguments that were given."""
    return " ".join([name, *(f"{key}={value}" for key, value in arguments.items())])


def split_entry(entry: Any) -> tuple[str, dict[str, Any]]:
    """Return name and arguments of what names a proxy.

    Raises:
        UserError: it names none.
    """
    arguments = dict(entry) if isinstance(entry, Mapping) else {"name": entry}
    name = arguments.pop("name", None)
    if not isinstance(name, str):
        raise UserError(key="proxies", value=entry, expected=EXPECTED)
    return name, arguments


def _named(entry: AnyProxy, values: Mapping[str, Any]) -> NamedProxy:
    if isinstance(entry, NamedProxy):
        return entry
    if isinstance(entry, Proxy):
        plain = {key: value for key, value in vars(entry).items() if isinstance(value, int | float | str | bool | None)}
        return NamedProxy(entry.name, entry, {"_target_": f"{type(entry).__module__}.{type(entry).__qualname__}", **plain})
    name, arguments = split_entry(entry)
    node = resolved(read_preset("proxy", name, "proxies").content, values) | arguments
    known = list(inspect.signature(class_of(node)).parameters)
    for key in arguments.keys() - set(known):
        what = f"unknown key proxies.{name}.{key}{nearest(key, known)}"
        raise UserError(what, key=f"proxies.{name}.{key}", remedy=f"{name} has {', '.join(known)}")
    with keyed(f"proxies.{name}"):
        return NamedProxy(label_of(name, arguments), made(node), node)
