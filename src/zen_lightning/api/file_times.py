"""How long exported files take on this CPU, beside PyTorch."""

from collections.abc import Sequence

import torch

from zen_lightning.api.trained import Trained
from zen_lightning.latency.clock import WallClock
from zen_lightning.latency.runner import measuring, network_pass
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.timing import Timing, time_calls
from zen_lightning.nets.export import Exported, Exporter
from zen_lightning.nets.image_channels import image_channels

PYTORCH = "PyTorch"
"""The name of the timing without a file."""

SETTINGS = LatencySettings(batch_size=1, channels_last=False)
"""One image on one thread: as a network is used in an application, and what another program disturbs least."""


def time_files(trained: Trained, exporters: Sequence[Exporter], files: Sequence[Exported], seconds: float) -> dict[str, Timing]:
    """Return how long one image takes on one thread of this CPU, by the name of the file; that of PyTorch first.

    Args:
        trained: the network that was exported.
        exporters: the formats.
        files: a file for each.
        seconds: for each, after a warm-up.
    """
    size = trained.setting.resolution
    image = torch.randn(1, image_channels(trained.network), size, size, generator=torch.Generator().manual_seed(0))
    found = {}
    with measuring(SETTINGS):
        run = network_pass(trained.network, image, SETTINGS)
        found[PYTORCH] = time_calls(run, WallClock(), seconds)
        for exporter, file in zip(exporters, files, strict=True):
            classify = exporter.load(file.path)
            found[file.path.name] = time_calls(lambda classify=classify: classify(image), WallClock(), seconds)  # type: ignore[misc]
    return found
