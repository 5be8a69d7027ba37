"""One torch thread for each process of the tests: they share the cores, and tiny networks are slower on several."""

import os

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes many seconds in front."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
