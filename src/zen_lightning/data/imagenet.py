"""ImageNet-1k (O. Russakovsky et al., 2015, https://arxiv.org/abs/1409.0575)."""

from functools import cached_property

from zen_lightning.data.folder_layout import FolderLayout
from zen_lightning.data.image_folder import ImageFolder
from zen_lightning.data.verification import Corrupt
from zen_lightning.errors import UserError
from zen_lightning.normalisation import IMAGENET_MEAN, IMAGENET_STD
from zen_lightning.system.value_types import Pixels

_CLASSES = 1000
"""Of ILSVRC 2012."""


class ImageNet(ImageFolder):
    """The folders ``root/train/`` and ``root/val/`` with a thousand class folders each; labels follow their sorted names.

    Args:
        root: the folder.
        name: as in ``dataset=``.
        image_size: height and width that a network sees by default.
        corrupt: as for :class:`~zen_lightning.data.ImageFolder`.
        verify: as for :class:`~zen_lightning.data.ImageFolder`; reading all images takes long.
    """

    def __init__(
        self,
        root: str = "~/data/imagenet",
        name: str = "imagenet",
        image_size: Pixels = 224,
        corrupt: Corrupt = "fatal",
        verify: bool = False,
    ) -> None:
        super().__init__(
            root,
            name,
            image_size,
            mean=IMAGENET_MEAN,
            std=IMAGENET_STD,
            crop_ratio=0.875,
            corrupt=corrupt,
            verify=verify,
        )

    @property
    def num_classes(self) -> int:
        """A thousand, known without the files."""
        return _CLASSES

    @cached_property
    def _layout(self) -> FolderLayout:
        for folder in (self._root / "train", self._root / "val"):
            if not folder.is_dir():
                raise UserError(
                    f"{folder} is not there", key="root", value=self._root, remedy="ImageNet has folders train/ and val/"
                )
            count = sum(entry.is_dir() and not entry.name.startswith(".") for entry in folder.iterdir())
            if count != _CLASSES:
                hint = "sort its images into class folders" if count == 0 else "image_folder takes any number"
                what = f"{folder} has {count:,} class folders, ImageNet has {_CLASSES:,}"
                raise UserError(what, key="root", remedy=hint)
        return super()._layout
