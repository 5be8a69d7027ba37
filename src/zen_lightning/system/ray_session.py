"""A connection to a Ray cluster, https://docs.ray.io, that leaves nothing behind."""

import logging
from typing import Any

from zen_lightning.system.followers import Followers


class RaySession:
    """Connects this process to the cluster at hand, or starts one on this machine, which ends with this process.

    Args:
        ray: the package, imported.
    """

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._followers = Followers()

    def start(self) -> None:
        """Connect, or start a cluster; raises what Ray raises."""
        with self._followers.marking():  # Some processes of Ray stay where this one is killed.
            self._ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)

    def end(self) -> None:
        """Disconnect; a cluster that was started ends."""
        self._ray.shutdown()
        self._followers.close()
