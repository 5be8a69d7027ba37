"""What ``zl.*`` offers: a typed function for each verb, with plain arguments and typed results; no Hydra, nothing printed.

Results are dataclasses. No folder is written unless one is asked for (``folder=``).
"""

from typing import Any

from zen_lightning.system.lazy import lazy_name

VERBS = {
    "analyze": "networks",
    "compare": "networks",
    "correlate": "networks",
    "distill": "training",
    "evaluate": "evaluating",
    "export": "networks",
    "latency": "timing",
    "load": "loading",
    "pareto": "searching",
    "predict": "predicting",
    "profile": "timing",
    "search": "searching",
    "train": "training",
}
"""Module of each verb, below this one."""


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, VERBS, name)


def __dir__() -> list[str]:
    return sorted(VERBS)
