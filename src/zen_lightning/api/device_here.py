"""Whether the device that networks are scored on is here, asked before anything is scored."""

from collections.abc import Sequence

from zen_lightning.proxy.base import Proxy


def check_device_here(proxies: Sequence[Proxy], workers: int | str, device: str) -> None:
    """Raise a UserError where this machine runs networks to score them, and torch does not find the device for it.

    Closed forms need none, and a cluster has its own. A study or a comparison asks as it scores: with all scores it needs none.

    Args:
        proxies: that score.
        workers: as of :func:`~zen_lightning.search.open_pool.open_pool`.
        device: of the command; a proxy may have its own.
    """
    for proxy in proxies if workers != "ray" else ():
        own = str(getattr(proxy, "device", device))
        if not proxy.cheap and own != "cpu":
            from zen_lightning.nets.device import require_device  # Torch is loaded to look for the device.

            require_device(own)
