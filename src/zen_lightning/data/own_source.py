"""What a dataset of one's own is checked for as it is built: one sentence for each part that loaders cannot use."""

from collections.abc import Iterator
from typing import Any

from PIL.Image import Image

from zen_lightning.data.source import PLACEMENTS, DataSource
from zen_lightning.errors import UserError

_CHANNELS = 3
_PARTS = ("__len__", "image", "label")


def check_description(source: DataSource) -> None:
    """Raise a UserError where a dataset does not describe itself as loaders need it; those of this package do.

    Args:
        source: the dataset; no image of it is read.
    """
    for problem in _description(source) if _is_own(source) else ():
        raise problem


def check_images(source: DataSource) -> None:
    """Raise a UserError where the sets of a dataset, or the first image of each, are not what loaders need.

    Args:
        source: the dataset, after its ``prepare``.
    """
    for problem in _images(source) if _is_own(source) else ():
        raise problem


def _is_own(source: DataSource) -> bool:
    return not type(source).__module__.startswith("zen_lightning.")


def _description(source: DataSource) -> Iterator[UserError]:
    size: Any = getattr(source, "image_size", None)
    if not isinstance(size, int) or size < 1:
        yield _wrong(source, "image_size", size, "a whole number of pixels: set self.image_size")
    if not isinstance(getattr(source, "name", None), str):
        yield _wrong(source, "name", getattr(source, "name", None), "a text: set self.name")
    classes: Any = source.classes
    if not isinstance(classes, tuple) or not all(isinstance(name, str) for name in classes):
        yield _wrong(source, "classes", classes, "a tuple of names, ('cat', 'dog'), in the order of the labels")
    if source.placement not in PLACEMENTS:
        yield _wrong(source, "placement", source.placement, " or ".join(PLACEMENTS))
    for part in ("mean", "std"):
        values: Any = getattr(source, part)
        if not isinstance(values, tuple | list) or len(values) != _CHANNELS or not all(map(_is_share, values)):
            yield _wrong(source, part, values, "three numbers from 0 to 1, one for each channel")


def _images(source: DataSource) -> Iterator[UserError]:
    for part in ("train", "val"):
        images: Any = getattr(source, part)()
        missing = [name for name in _PARTS if not callable(getattr(images, name, None))]
        if missing:
            expected = "an object with __len__(), image(index) and label(index), such as zen_lightning.data.ArrayImages"
            yield _wrong(source, f"{part}()", type(images).__name__, expected)
            continue
        if len(images) < 1:
            yield _wrong(source, f"{part}()", "no images", "at least one image")
            continue
        image, label = images.image(0), images.label(0)
        if not isinstance(image, Image) or image.mode != "RGB":
            found = f"a PIL image of mode {image.mode}" if isinstance(image, Image) else type(image).__name__
            yield _wrong(source, f"{part}().image(0)", found, "a PIL image of mode RGB: Image.fromarray(pixels).convert('RGB')")
        elif not _is_label(label, source.num_classes):
            yield _wrong(source, f"{part}().label(0)", repr(label), f"a whole number from 0 to {source.num_classes - 1}")


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _is_label(label: Any, classes: int) -> bool:
    try:
        return not isinstance(label, float) and 0 <= int(label) < classes
    except (TypeError, ValueError):
        return False


def _wrong(source: DataSource, part: str, found: Any, expected: str) -> UserError:
    return UserError(f"{type(source).__qualname__}.{part} is {found}", key="dataset", expected=expected)
