"""The requirements on every proxy."""

from functools import partial
from typing import Any

from zen_lightning.testing.proxies import modules, options, ranks, scores
from zen_lightning.testing.proxies.suite import PROXY, Make

__all__ = ["PROXY", "check_proxy"]

CHECKS = (scores, options, modules, ranks)
"""Modules whose checks the suite holds: they are added as the modules are imported."""


def check_proxy(proxy: Make, **options: Any) -> None:
    """Check a proxy of your own against the requirements on every proxy: seeds, pickling, options, errors, networks unchanged.

    Args:
        proxy: its class, or what makes one.
        options: the options for its constructor; small ones keep it quick.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> from zen_lightning.proxy.counts import Flops
        >>> check_proxy(Flops, resolution=32)
    """
    PROXY.run(partial(proxy, **options))
