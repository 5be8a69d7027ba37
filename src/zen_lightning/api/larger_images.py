"""What to say where a training sees larger images than its network was made for, and costs more than the budget allowed."""

import sys

from zen_lightning.api.sources import recorded_setting
from zen_lightning.arch import BaseArchitecture
from zen_lightning.system.numbers import short_count
from zen_lightning.system.processes import is_main_process


def tell_larger_images(source: str | BaseArchitecture, architecture: BaseArchitecture, size: int, num_classes: int) -> None:
    """Say what a network costs at the size of its training, where the run that it is from was for smaller images.

    Args:
        source: what names the network: nothing is known of a structure, of the folder of a run its resolution.
        architecture: the network.
        size: height and width of the images of the training.
        num_classes: outputs of its classifier.
    """
    made_for = recorded_setting(source).get("resolution")
    if isinstance(made_for, int) and made_for < size and is_main_process():
        before, now = (short_count(architecture.flops(pixels, num_classes)) for pixels in (made_for, size))
        print(
            f"{source} is a network for {made_for} px ({before} FLOPs); this training is at {size} px ({now} FLOPs): "
            f"resolution={made_for} trains it at its own",
            file=sys.stderr,
            flush=True,
        )
