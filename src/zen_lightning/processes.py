"""Which of several processes this is."""

import os

_RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID")


def is_main_process() -> bool:
    """Whether this is the main one of the processes that a strategy, torchrun or SLURM started, or the only one."""
    return next((os.environ[name] for name in _RANKS if name in os.environ), "0") == "0"
