"""What ``zl.*`` offers: a typed function for each verb, with plain arguments and typed results; no Hydra, nothing printed.

Results are dataclasses. No folder is written unless one is asked for (``folder=``).
"""

from importlib import import_module
from typing import Any

VERBS = {
    "analyze": "networks",
    "compare": "networks",
    "correlate": "networks",
    "distill": "training",
    "evaluate": "training",
    "export": "networks",
    "latency": "timing",
    "pareto": "searching",
    "profile": "timing",
    "search": "searching",
    "train": "training",
}
"""Module of each verb, below this one."""


def __getattr__(name: str) -> Any:
    if name not in VERBS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{VERBS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(VERBS)
