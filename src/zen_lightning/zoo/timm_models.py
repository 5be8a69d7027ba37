"""The published networks in timm: importing this registers them with its ``create_model`` and ``list_models``.

Example:
    >>> import timm
    >>> import zen_lightning.zoo.timm_models
    >>> len(timm.list_models("zennet*"))
    15
    >>> network = timm.create_model("zennet_cifar10_model_size05M_res32", num_classes=37)
    >>> network.get_classifier().out_features
    37
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.nets import Network, load_original_checkpoint
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD, IMAGENET_MEAN, IMAGENET_STD

_CIFAR = {"mean": CIFAR_MEAN, "std": CIFAR_STD, "crop_pct": 1.0}
_IMAGENET = {"mean": IMAGENET_MEAN, "std": IMAGENET_STD, "crop_pct": 0.875}
"""What timm evaluates with; 0.875 is the usual crop at evaluation, 224 of 256 pixels."""

_SOURCES = ("url", "file", "state_dict", "hf_hub_id")
_LARGE = 1 << 10
"""A resolution that every network of the zoo can halve as often as it does, to read off its reductions."""


class TimmNetwork(Network):
    """A network of super-blocks with the methods that timm expects of a model.

    Args:
        structure: text of the architecture.
        num_classes: logits; 0 for the pooled features instead.
        use_se: whether it has squeeze-and-excitation.
        in_chans: 3.
        drop_rate: rate of the dropout before the classifier.
        global_pool: ``"avg"``.

    Attributes:
        num_classes: see above.
        num_features: channels of the last feature map.
        head_hidden_size: features that the classifier takes.
        feature_info: for the last super-block at each resolution: its channels (``num_chs``), ``reduction`` and ``module``.
    """

    def __init__(
        self,
        structure: str,
        num_classes: int = 1000,
        use_se: bool = False,
        in_chans: int = 3,
        drop_rate: float = 0.0,
        global_pool: str = "avg",
    ) -> None:
        if in_chans != 3:
            raise UserError(key="in_chans", value=in_chans, expected="3, the only one that these networks have")
        if global_pool != "avg":
            raise UserError(key="global_pool", value=global_pool, expected="avg, the only one that these networks have")
        architecture = Architecture.parse(structure)
        super().__init__(architecture, max(num_classes, 1), use_se)
        self.drop_rate = drop_rate
        self.num_features = self.head_hidden_size = architecture.out_channels
        self.feature_info = _feature_info(architecture)
        self.num_classes = max(num_classes, 1)
        if num_classes == 0:
            self.reset_classifier(0)

    def forward_features(self, images: Tensor) -> Tensor:
        """Return the feature map before global pooling, shape (batch, num_features, height', width')."""
        return self.features(images)

    def forward_head(self, x_bchw: Tensor, pre_logits: bool = False) -> Tensor:
        """Return the logits, shape (batch, classes); with ``pre_logits`` the pooled features, shape (batch, num_features)."""
        x_bc = self.classifier.pool(x_bchw).flatten(1)
        x_bc = functional.dropout(x_bc, self.drop_rate, self.training)
        out: Tensor = x_bc if pre_logits else self.classifier.linear(x_bc)
        return out

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        return self.forward_head(self.forward_features(images))

    def forward_intermediates(
        self,
        images: Tensor,
        indices: int | list[int] | None = None,
        norm: bool = False,
        stop_early: bool = False,
        output_fmt: str = "NCHW",
        intermediates_only: bool = False,
    ) -> Any:
        """Return the last feature map and those of ``feature_info``, or the latter alone.

        Args:
            images: shape (batch, 3, height, width).
            indices: entries of ``feature_info``: the last n, a list, or None for all.
            norm: ignored; for timm's sake.
            stop_early: stop after the last one that is asked for.
            output_fmt: ``"NCHW"``.
            intermediates_only: leave the last feature map out.
        """
        if output_fmt != "NCHW":
            raise UserError(key="output_fmt", value=output_fmt, expected="NCHW, the format of all feature maps")
        every = list(range(len(self.feature_info)))
        wanted = (
            every[-indices:] if isinstance(indices, int) else sorted(every[i] for i in (every if indices is None else indices))
        )
        kept, x_bchw = {}, images
        for name, block in self.blocks.named_children():
            x_bchw = block(x_bchw)
            kept[f"blocks.{name}"] = x_bchw
            if stop_early and f"blocks.{name}" == self.feature_info[wanted[-1]]["module"]:
                break
        maps = [kept[self.feature_info[index]["module"]] for index in wanted]
        return maps if intermediates_only else (x_bchw, maps)

    def get_classifier(self) -> nn.Module:
        """Return the linear layer; an Identity without classes."""
        return self.classifier.linear

    def reset_classifier(self, num_classes: int, global_pool: str | None = None) -> None:
        """Give the network a fresh classifier: ``num_classes`` logits, or the pooled features for 0."""
        self.num_classes = num_classes
        fresh = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()
        self.classifier.linear = fresh.to(next(self.parameters()).device)  # type: ignore[assignment]

    def load_pretrained(self, path: str) -> None:
        """Load a checkpoint of the original, as timm asks for it; with other classes the classifier stays random."""
        published, wanted = int(self.pretrained_cfg["num_classes"]), self.num_classes  # type: ignore[index]
        if wanted == published:
            load_original_checkpoint(self, path)
            return
        self.reset_classifier(published)
        load_original_checkpoint(self, path)
        self.reset_classifier(wanted)


def _feature_info(architecture: Architecture) -> list[dict[str, Any]]:
    rows = architecture.summary(_LARGE)[:-1]
    return [
        {"num_chs": row.channels, "reduction": _LARGE // row.resolution, "module": f"blocks.{index}"}
        for index, row in enumerate(rows)
        if index + 1 == len(rows) or rows[index + 1].stage != row.stage
    ]


def _config(name: str) -> dict[str, Any]:
    known = zoo.entry(name)
    return {
        "url": known.checkpoint_url,
        "custom_load": True,
        "num_classes": known.num_classes,
        "input_size": (3, known.resolution, known.resolution),
        "interpolation": "bicubic",
        "first_conv": "blocks.0.0.conv",
        "classifier": "classifier.linear",
        **(_CIFAR if known.resolution == 32 else _IMAGENET),
    }


def _entrypoint(name: str) -> Callable[..., nn.Module]:
    def make(pretrained: bool = False, **kwargs: Any) -> nn.Module:
        from timm.models import build_model_with_cfg

        known = zoo.entry(name)
        overlay = dict(kwargs.pop("pretrained_cfg_overlay", None) or {})
        # timm would cache the file in a folder of its own. A source that the user gives is loaded by timm.
        if pretrained and not kwargs.get("pretrained_cfg") and not any(overlay.get(source) for source in _SOURCES):
            overlay |= {"file": str(zoo.download(name)), "custom_load": True}
        stages = range(len(_feature_info(Architecture.parse(known.structure))))
        network: nn.Module = build_model_with_cfg(
            TimmNetwork,
            name,
            pretrained,
            pretrained_cfg_overlay=overlay,
            feature_cfg={"feature_cls": "getter", "out_indices": tuple(stages)},
            structure=known.structure,
            use_se=known.use_se,
            **kwargs,
        )
        return network

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"Return {name} of the zoo; ``pretrained`` loads its published weights."
    return make


def _register() -> None:
    try:
        from timm.models import generate_default_cfgs, register_model
    except ImportError:
        raise MissingExtraError("timm", "timm", "zen_lightning.zoo.timm_models") from None
    globals()["default_cfgs"] = generate_default_cfgs({name: _config(name) for name in zoo.names()})
    for name in zoo.names():
        register_model(_entrypoint(name))


_register()
