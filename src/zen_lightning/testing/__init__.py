"""Conformance suites: a class of your own is run through what every one of its kind keeps to, by one line in your tests.

    from zen_lightning.testing import check_proxy

    def test_my_proxy():
        check_proxy(MyProxy, resolution=16, batch_size=4)

Each ``check_...`` takes a class, or what makes one, and the options of its constructor, and raises an AssertionError that lists
whatever does not hold. No test framework is needed.
"""

from typing import TYPE_CHECKING, Any

from zen_lightning.system.lazy import lazy_name

_HOMES = {
    "check_block": "blocks",
    "check_dataset": "datasets",
    "check_limit": "limits",
    "check_proxy": "proxies",
    "check_space": "spaces",
    "check_task": "tasks",
    "check_teacher": "teachers",
    "check_tracker": "trackers",
}

if TYPE_CHECKING:
    from zen_lightning.testing.blocks import check_block
    from zen_lightning.testing.datasets import check_dataset
    from zen_lightning.testing.limits import check_limit
    from zen_lightning.testing.proxies import check_proxy
    from zen_lightning.testing.spaces import check_space
    from zen_lightning.testing.tasks import check_task
    from zen_lightning.testing.teachers import check_teacher
    from zen_lightning.testing.trackers import check_tracker

__all__ = [
    "check_block",
    "check_dataset",
    "check_limit",
    "check_proxy",
    "check_space",
    "check_task",
    "check_teacher",
    "check_tracker",
]


def __getattr__(name: str) -> Any:
    """Import a suite as it is asked for: that of trackers needs no torch."""
    return lazy_name(__name__, _HOMES, name)
