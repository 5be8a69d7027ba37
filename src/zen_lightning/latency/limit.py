"""A limit on measured latency, as the original searched: every candidate is built and timed."""

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.measure import measure_latency
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings

_REMEMBERED = 10_000
"""Structures whose latency is kept. A choice: some MB of memory; one that is forgotten is measured again."""


class LatencyLimit(BaseLatencyLimit):
    """Bounds the milliseconds for one image on the device at hand.

    A measurement is not repeatable to the last digit, and neither is a search under this limit.

    Args:
        maximum: milliseconds for one image.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        batch_size: images a pass.
        dtype: ``float16``, ``bfloat16`` or ``float32``.
        device: torch's name of it.
    """

    repeatable = False

    def __init__(
        self,
        maximum: float,
        resolution: int,
        num_classes: int,
        batch_size: int = 64,
        dtype: str = "float16",
        device: str = "cuda",
    ) -> None:
        super().__init__(maximum)
        self.resolution = resolution
        self.num_classes = num_classes
        self.batch_size = batch_size
        self.dtype = dtype
        self.device = device
        self._known: dict[str, float] = {}

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return milliseconds for one image; a structure is timed once.

        Raises:
            UserError: the device is not there, or the dtype is unknown.
        """
        text = str(architecture)
        if text not in self._known:
            if not self._known:
                self._check_device()
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = measure_latency(
                architecture, self.resolution, self.num_classes, self.batch_size, self.dtype, self.device
            )
        return self._known[text]

    def _check_device(self) -> None:
        with keyed({name: f"latency_{name}" for name in ("device", "dtype", "batch_size")}):
            settings = LatencySettings(device=self.device, dtype=self.dtype, batch_size=self.batch_size)
        try:
            check_present(settings)
        except UserError as error:
            raise UserError(
                f"it is measured on {{latency_device}}={self.device}, and {error.said}",
                key=self.name,
                value=f"{self.maximum:g}",
                remedy="let it be measured on the CPU ({latency_device}=cpu {latency_dtype}=float32), or predicted from a "
                "profile ({latency_profile}=v100-tensorrt-fp16)",
                involves=["latency_device", "latency_dtype", "latency_profile"],
            ) from error
