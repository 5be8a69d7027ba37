"""Any model of timm (https://github.com/huggingface/pytorch-image-models) as a teacher."""

import difflib
import inspect
from typing import Any

import torch
from torch import Tensor

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.system.value_types import Pixels
from zen_lightning.training.teachers.teacher import Teacher
from zen_lightning.training.teachers.timm_weights import create_timm_model


class TimmTeacher(Teacher):
    """A model of timm as a teacher.

    Its stages are the finest that timm gives: in EfficientNets and their like, every row of blocks of the paper's table.

    Args:
        model: as timm names it, such as ``tf_efficientnet_b3.ns_jft_in1k``.
        pretrained: whether it has the weights that timm knows, downloaded where they are not yet.
        checkpoint: file of other weights for it, ``.safetensors`` or of PyTorch; its classes are those of the file.
        image_size: height and width of the images that it is given; None: those of its weights.

    Raises:
        MissingExtraError: timm is not installed.
        UserError: timm has no such model, its weights cannot be had, or they are of another.

    Example:
        >>> teacher = TimmTeacher("mobilenetv3_small_050", pretrained=False, image_size=64)
        >>> teacher.feature_channels(first_ratio=16)
        [24, 48]
    """

    def __init__(
        self, model: str, pretrained: bool = True, checkpoint: str | None = None, image_size: Pixels | None = None
    ) -> None:
        _check_name(model)
        network = create_timm_model(model, pretrained, checkpoint, image_size)
        config: dict[str, Any] = network.pretrained_cfg
        size = config["input_size"][-1] if image_size is None else image_size
        super().__init__(size, network.num_classes, config["mean"], config["std"])
        self.network = network
        self.model = model
        self._stages: dict[int, list[int]] = {}
        # By default timm gives the last of the blocks at a resolution; the first is meant here.
        forward = getattr(network, "forward_intermediates", None)
        finest = forward is not None and "extra_blocks" in inspect.signature(forward).parameters
        self._finest = {"extra_blocks": True} if finest else {}
        self.freeze()

    @torch.no_grad()
    def features(self, images: Tensor, first_ratio: int | None) -> tuple[list[Tensor], Tensor]:
        """Return the features of timm's stages, and the logits; see :meth:`Teacher.features`."""
        if first_ratio is None:
            return [], self.network(images)
        if first_ratio not in self._stages:
            self._stages[first_ratio] = self._find_stages(first_ratio)
        indices = self._stages[first_ratio]
        if not indices:
            return [], self.network(images)
        last_bchw, maps = self._forward(images, indices)
        return maps, self.network.forward_head(last_bchw)

    def _find_stages(self, first_ratio: int) -> list[int]:
        if not hasattr(self.network, "forward_intermediates"):
            raise UserError(
                "timm gives no features of it",
                key="model",
                value=self.model,
                remedy="choose another, or {feature_weight}=0",
                involves=["feature_weight"],
            )
        try:
            _, maps = self._forward(self.blank_images(), None)
        except Exception as error:  # Each family refuses sizes in its own way.
            what = f"no features of images of {self.image_size} px ({error})"
            raise UserError(what, key="model", value=self.model) from error
        indices, ratio = [], first_ratio
        for index, feature_bchw in enumerate(maps):
            if round(self.image_size / feature_bchw.shape[-1]) == ratio:
                indices.append(index)
                ratio *= 2
        return indices

    def _forward(self, images: Tensor, indices: list[int] | None) -> tuple[Tensor, list[Tensor]]:
        forward: Any = self.network.forward_intermediates
        last_bchw, maps = forward(images, indices=indices, output_fmt="NCHW", **self._finest)
        return last_bchw, list(maps)


def _check_name(model: str) -> None:
    try:
        import timm
    except ImportError:
        raise MissingExtraError("timm", "timm", f"the teacher {model}") from None
    if ":" in model:  # Of a hub, or a folder.
        return
    name, _, tag = model.partition(".")
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
        remedy = f"the nearest are {', '.join(near)}" if near else ""
        raise UserError("timm has no such model", key="model", value=model, remedy=remedy)
    known = timm.list_models(f"{name}.*", pretrained=True)
    if tag and model not in known:
        raise UserError("timm has no such weights", key="model", value=model, remedy=f"it has {', '.join(known) or 'none'}")
