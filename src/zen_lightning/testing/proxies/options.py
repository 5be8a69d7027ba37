"""Requirements on options: what cannot be used is refused, and images of a folder can be scored on."""

import math
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory

from zen_lightning.errors import UserError
from zen_lightning.testing.networks import RESNET, write_images
from zen_lightning.testing.proxies.suite import PROXY, Make, options_of
from zen_lightning.testing.suite import raises

_COUNTS = ("resolution", "num_classes", "batch_size", "repeats", "in_channels", "batches")


@PROXY.add
def _an_unknown_variant_is_refused(factory: Make) -> None:
    for option, wrong, known in (("variant", "papr", "paper"), ("bn_variance", "batches", "batch")):
        if option in options_of(factory):
            with raises(UserError, f"^{option}={wrong}: .*did you mean '{known}'"):
                factory(**{option: wrong})


@PROXY.add
def _counts_are_positive(factory: Make) -> None:
    for option in set(_COUNTS) & set(options_of(factory)):
        for wrong in (0, -1):
            with raises(UserError, f"^{option}={wrong}: "):
                factory(**{option: wrong})


@PROXY.add
def _a_device_that_is_none_is_refused(factory: Make) -> None:
    if "device" in options_of(factory):
        with raises(UserError, r"^device=gpu: expected cpu, cuda"):
            factory(device="gpu")


@PROXY.add
def _images_of_a_folder(factory: Make) -> None:
    if "images" not in options_of(factory):
        return
    with TemporaryDirectory() as folder:
        _check_images(factory, write_images(Path(folder) / "images"))


def _check_images(factory: Make, images: Path) -> None:
    proxy = factory(images=str(images))
    score = proxy.score(RESNET, seed=1)
    assert math.isfinite(score.value)
    assert proxy.score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert proxy.images == str(images)  # type: ignore[attr-defined]
    if getattr(proxy, "variant", "paper") == "released":
        assert score == factory().score(RESNET, seed=1), "the released code scores on noise alone"
    with raises(UserError, "expected a folder of class folders with images in them, and there is none"):
        factory(images=str(images.parent / "nowhere"))
