"""Networks of torchvision and timm in the place of an architecture: counted, timed, trained and exported by their names."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.arch.base import CLASSIFIER, BaseArchitecture, StageSummary
from zen_lightning.arch.languages import is_named_module, parse_architecture
from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.feature_map import feature_map
from zen_lightning.nets.image_channels import as_taken
from zen_lightning.nets.module_counts import LayerCounts, count_layers, count_parameters, multiply_adds
from zen_lightning.nets.named_modules import check_named_module, default_resolution, named_module
from zen_lightning.nets.staged import StagedNetwork


class NamedArchitecture(BaseArchitecture):
    """A network of torchvision or timm, by its name. What is counted is read from the module, which is built for it.

    Args:
        name: ``torchvision:resnet18``, ``timm:regnetx_002``.

    Example:
        >>> arch = NamedArchitecture.parse("torchvision:resnet18")
        >>> arch.num_params(), arch.flops(64), arch.num_layers, str(arch)
        (11689512, 148557824, 20, 'torchvision:resnet18')
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def parse(cls, text: str) -> "NamedArchitecture":
        """Return the network of a name, which is not built.

        Raises:
            MissingExtraError: timm is not installed.
            UserError: there is no such network; the message names the nearest.
        """
        check_named_module(text)
        return cls(text.strip())

    @property
    def resolution(self) -> int:
        """Height and width of the images that it is usually given."""
        return default_resolution(self.name)

    @property
    def num_layers(self) -> int:
        """Its convolutions and linear layers, each counted once, without the classifier."""
        layers = (isinstance(module, nn.modules.conv._ConvNd | nn.Linear) for module in _built(self.name, 1000).modules())
        return sum(layers) - 1

    @property
    def out_channels(self) -> int:
        """Inputs of its classifier."""
        return _classifier(_built(self.name, 1000), self.name).in_features

    def num_params(self, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the trainable parameters; squeeze-and-excitation is there or not, whatever ``use_se`` says."""
        return count_parameters(_built(self.name, num_classes))

    def flops(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the multiply-adds of convolutions and linear layers for one image."""
        if resolution < 1:
            raise UserError(key="resolution", value=resolution, expected="1 or more")
        return _counted(self.name, resolution, num_classes).multiply_adds

    def split(self) -> "NamedArchitecture":
        """Return itself."""
        return self

    def summary(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> list[StageSummary]:
        """Return a row for each part of the module on its top level, in their order, and one for its classifier."""
        module = _built(self.name, num_classes)
        head = _classifier(module, self.name)
        parts = _parts(self.name, resolution, num_classes)
        rows: list[StageSummary] = []
        stage, size, channels = 1, resolution, self.in_channels
        for name, child in module.named_children():
            work, shape = parts[name]
            params = count_parameters(child) - (count_parameters(head) if head in child.modules() else 0)
            flops = work - (head.weight.numel() if head in child.modules() else 0)
            layers = sum(isinstance(one, nn.modules.conv._ConvNd | nn.Linear) and one is not head for one in child.modules())
            if not params and not flops:
                continue
            after = shape if shape[0] else (channels, size)
            stage += bool(rows) and after[1] != size
            channels, size = after
            rows.append(StageSummary(name, stage, size, channels, layers, params, flops))
        loose = self.num_params(num_classes) - count_parameters(head) - sum(row.params for row in rows)
        flops = self.flops(resolution, num_classes) - sum(row.flops for row in rows)
        last = StageSummary(CLASSIFIER, stage + 1, 1, num_classes, 0, count_parameters(head) + loose, flops)
        return [*rows, last]

    def layer_parts(self, resolution: int, num_classes: int = 1000) -> dict[str, int]:
        """Return the row of :meth:`summary` that layers belong to, by the beginning of their names in the network."""
        module = _built(self.name, num_classes)
        head = _classifier(module, self.name)
        rows = self.summary(resolution, num_classes)
        named = next(name for name, one in module.named_modules() if one is head)
        return {f"net.{named}.": len(rows) - 1, **{f"net.{row.block}.": number for number, row in enumerate(rows[:-1])}}

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"NamedArchitecture({self.name!r})"

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NamedArchitecture) and self.name == other.name

    def __reduce__(self) -> tuple[type["NamedArchitecture"], tuple[str]]:
        return NamedArchitecture, (self.name,)


class NamedNetwork(StagedNetwork):
    """The module of a :class:`NamedArchitecture`, with the interface of the networks of this project.

    Args:
        architecture: its name.
        num_classes: number of logits.
    """

    def __init__(self, architecture: NamedArchitecture, num_classes: int = 1000) -> None:
        nn.Module.__init__(self)
        self.architecture = architecture
        self.net = _checked_build(architecture.name, num_classes)
        self.blocks = nn.ModuleList()
        self.last = nn.Identity()
        self._in_channels = architecture.in_channels
        # Not a module: its linear layer belongs to the network, and would be there twice.
        self.classifier = _View(_classifier(self.net, architecture.name))  # type: ignore[assignment]

    def features(self, images: Tensor) -> Tensor:
        """Return the feature map before global pooling; see :func:`~zen_lightning.nets.feature_map.feature_map`."""
        return feature_map(self.net, as_taken(images, self._in_channels))

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        logits: Tensor = self.net(as_taken(images, self._in_channels))
        return logits

    def units(self) -> Iterator[nn.Module]:
        """Yield nothing: what its units are is not known."""
        yield from ()

    def stage_features(self, images: Tensor, first_ratio: int = 16) -> tuple[list[Tensor], Tensor]:
        """Refuse: which of its parts end a stage is not known.

        Raises:
            UserError: always.
        """
        remedy = "learn from the teacher's logits alone, or train a network of blocks"
        raise UserError(f"{self.architecture} has no stage features", key="arch", remedy=remedy)


class _View:
    """Has the layer that gives the logits, where other networks have a module."""

    def __init__(self, linear: nn.Linear) -> None:
        self.linear = linear


def architecture_of(text: str) -> BaseArchitecture:
    """Return the architecture that a text names; also ``timm:NAME`` and ``torchvision:NAME``.

    Raises:
        UserError: it names none.
    """
    return NamedArchitecture.parse(text) if is_named_module(text) else parse_architecture(text)


def _classifier(module: nn.Module, name: str) -> nn.Linear:
    last = [one for one in module.modules() if isinstance(one, nn.Linear)][-1:]
    if not last:
        raise UserError(f"{name} does not end in a linear layer", key="arch", remedy="choose another network")
    return last[0]


def _checked_build(name: str, num_classes: int) -> nn.Module:
    try:
        return named_module(name, num_classes, auxiliary=False)
    except UserError:
        raise
    except (RuntimeError, TypeError, ValueError) as error:
        raise UserError(f"{name} cannot be built with {num_classes} classes: {error}", key="arch") from error


@lru_cache(maxsize=2)
def _built(name: str, num_classes: int) -> nn.Module:
    """Build a module to count; the last two are kept."""
    return _checked_build(name, num_classes)


@lru_cache(maxsize=1_000)
def _counted(name: str, resolution: int, num_classes: int) -> LayerCounts:
    try:
        return count_layers(_built(name, num_classes), resolution)
    except (RuntimeError, AssertionError, ValueError, TypeError) as error:
        reason = first_line(error)
        what = f"{name} does not run on images of {resolution} x {resolution} ({reason})"
        raise UserError(what, key="resolution", remedy=f"try {{resolution}}={default_resolution(name)}") from error


@lru_cache(maxsize=100)
@torch.no_grad()
def _parts(name: str, resolution: int, num_classes: int) -> dict[str, tuple[int, tuple[int, int]]]:
    """Return, for each part on the top level, the work in it, and channels and size of what it leaves; 0 without a map."""
    _counted(name, resolution, num_classes)  # Says it where it does not run.
    module = _built(name, num_classes)
    was_training = module.training
    module.eval()
    work = {child: 0 for child, _ in module.named_children()}
    shapes = {child: (0, 0) for child, _ in module.named_children()}

    def watch(child: str) -> Any:
        def note(_: nn.Module, __: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.dim() == 4:
                shapes[child] = (int(output.shape[1]), int(output.shape[-1]))

        return note

    def count(child: str) -> Any:
        def add(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
            work[child] += multiply_adds(layer, arguments[0], output)

        return add

    handles = [part.register_forward_hook(watch(child)) for child, part in module.named_children()]
    for child, part in module.named_children():
        layers = [one for one in part.modules() if isinstance(one, nn.modules.conv._ConvNd | nn.Linear)]
        handles += [layer.register_forward_hook(count(child)) for layer in layers]
    try:
        module(torch.zeros(1, 3, resolution, resolution))
    finally:
        for handle in handles:
            handle.remove()
        module.train(was_training)
    return {child: (work[child], shapes[child]) for child in work}
