"""A budget in plain numbers, ``zl.Budget(flops=6e8, layers=14)``: resolved to limits once resolution and classes are known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.api.presets import read_preset
from zen_lightning.budget import KINDS, BaseLatencyLimit, LayersLimit, Limit, count_note
from zen_lightning.budget import Budget as Limits
from zen_lightning.budget.shape import Effectiveness, LargestShare, LayersEachStage, RisingWidths, Shape
from zen_lightning.errors import UserError, keyed
from zen_lightning.system.checked import checked, checked_fields

if TYPE_CHECKING:
    from zen_lightning.latency.profile import Profile

AUTO = "auto"
"""Of the layers: the depth is chosen before the search, see :mod:`zen_lightning.search.depth_choice`."""

JUDGES = ("calibrated", "training")
"""What can choose the depth."""

Count = int | float | str
_ZEROS = re.compile(r"\.0+(?=[A-Za-z]?$)")


@checked_fields
@dataclass(frozen=True)
class Budget:
    """What a network may cost, and what it must look like; None demands nothing.

    The arguments are called like the keys: ``budget.flops``, ``shape.widths``, ``latency.profile`` (``latency_profile``).

    Attributes:
        params: trainable parameters, a count such as ``1e6`` or ``"1M"``.
        flops: multiply-adds for one image.
        layers: sub-layers; ``"auto"``: the depth is chosen by short searches, see docs/shapes.md.
        activations: elements of feature maps that are alive at once, for one image.
        latency_ms: milliseconds for one image: measured, or predicted where there is a ``latency_profile``.
        own: limits of your own, see docs/limits.md.
        depths: numbers of layers that ``layers="auto"`` tries.
        layers_by: what chooses among them: the ``calibrated`` score, or a short ``training`` of the best network of each.
        widths: ``"rising"``: no width below the one before it.
        layers_each_stage: the least layers of each stage, or the least and the most.
        effectiveness: the largest depth over width, DeepMAD's rho.
        largest_share: the largest share of the FLOPs of all stages that one stage may have.
        latency_profile: its name, its file, or the profile itself.
        latency_device: the device that candidates are timed on, where there is no profile.
        latency_dtype: likewise.
        latency_batch_size: likewise.
        latency_calibrate: whether a few networks of a short search are measured first, and the profile corrected by them.
        name: the name of the preset that it is, or was made from.

    Example:
        >>> budget = Budget(flops="600M", layers=14)
        >>> [f"{limit.name} {limit.text(limit.maximum)}" for limit in budget.limits(resolution=224, num_classes=1000).limits]
        ['layers 14', 'flops 600M']
        >>> Budget.preset("params1M", layers=None).params
        '1M'
    """

    params: Count | None = None
    flops: Count | None = None
    layers: int | str | None = None
    activations: Count | None = None
    latency_ms: float | None = None
    own: Sequence[Limit] = ()
    depths: Sequence[int] | None = None
    layers_by: str = "calibrated"
    widths: str | None = None
    layers_each_stage: int | Sequence[int | None] | None = None
    effectiveness: float | None = None
    largest_share: float | None = None
    latency_profile: "str | Path | Profile | None" = None
    latency_device: str = "cuda"
    latency_dtype: str = "float16"
    latency_batch_size: int = 64
    latency_calibrate: bool = True
    name: str = "custom"

    @classmethod
    @checked
    def preset(cls, name: str, **changes: Any) -> "Budget":
        """Return a budget of the project, ``"flops600M"``, with some of it changed.

        A search under it has the space, the resolution, the classes and the start of the preset, unless it says otherwise.

        Args:
            name: the name of a file of ``conf/budget``.
            changes: new values, by the names of the attributes.

        Raises:
            UserError: there is no budget of this name.
        """
        content = read_preset("budget", name, "name").content.get("budget", {})
        return cls(**{**content, "name": name, **changes})

    @property
    def chooses_depth(self) -> bool:
        """Whether the depth is to be chosen."""
        return self.layers == AUTO

    @property
    def trains_depths(self) -> bool:
        """Whether a short training chooses the depth.

        Raises:
            UserError: a value that cannot be used, or a training that has nothing to choose.
        """
        if self.layers_by not in JUDGES:
            raise UserError(key="layers_by", value=self.layers_by, choices=JUDGES)
        if self.layers_by == "training" and not self.chooses_depth:
            what = f"there is nothing to choose with {{layers}}={'{None}' if self.layers is None else self.layers}"
            raise UserError(what, key="layers_by", value="training", remedy="set {layers}=auto", involves=["layers"])
        return self.layers_by == "training"

    def limits(self, resolution: int, num_classes: int, bounded: bool = False) -> Limits:
        """Return the limits, cheap ones first, and the shapes.

        Args:
            resolution: height and width of the images.
            num_classes: outputs of the classifier.
            bounded: whether the space has a largest member, so that no limit is needed.

        Raises:
            UserError: a value that cannot be used, or no limit where one is needed.
        """
        _ = self.trains_depths  # Raises.
        found: list[Limit] = []
        # Layers are a sum that blocks know, and a latency may have to be measured.
        for kind in sorted(KINDS, key=lambda kind: kind is not LayersLimit):
            value = getattr(self, kind.name)
            if value is None or (kind is LayersLimit and value == AUTO):
                continue
            maximum = kind.read(value)
            is_latency = kind is BaseLatencyLimit
            settings = {"resolution": resolution, "num_classes": num_classes}
            found.append(self._latency(maximum, **settings) if is_latency else kind.of(maximum, **settings))
        found += self.own
        found.sort(key=lambda limit: isinstance(limit, BaseLatencyLimit))
        if not found and not bounded:
            names = [kind.name for kind in KINDS]
            remedy = f"set one of {', '.join(f'{{{name}}}' for name in names)}"
            what = "the budget has no limit, which this {space} needs"
            raise UserError(what, key="budget", remedy=remedy, involves=[*names, "space"])
        return Limits(found, self.shapes(resolution))

    def shapes(self, resolution: int) -> list[Shape]:
        """Return the shapes that a network must have.

        Args:
            resolution: height and width of the images.

        Raises:
            UserError: a value that cannot be used.
        """
        found: list[Shape] = []
        if self.widths is not None:
            if self.widths != "rising":
                expected = "rising (no width below the one before it), or {None}"
                raise UserError(key="widths", value=self.widths, expected=expected)
            found.append(RisingWidths())
        if self.layers_each_stage is not None:
            found.append(LayersEachStage(*_bounds(self.layers_each_stage), resolution))
        if self.largest_share is not None:
            found.append(LargestShare(self.largest_share, resolution))
        if self.effectiveness is not None:
            found.append(Effectiveness(self.effectiveness))
        return found

    def notes(self) -> list[str]:
        """Return what to tell of counts that could be read otherwise: ``600m`` is 600 million."""
        written = [(f"budget.{kind.name}", getattr(self, kind.name)) for kind in KINDS if not kind.unit]
        return [note for note in (count_note(value, name) for name, value in written) if note]

    def identity(self, limits: Limits) -> dict[str, Any]:
        """Return what makes a search one under this budget, as its journal compares it."""
        found: dict[str, Any] = {"budget": {limit.name: limit.maximum for limit in limits.limits}}
        if limits.shapes:
            found["shape"] = {shape.name: shape.wanted() for shape in limits.shapes}
        if self.latency_ms is not None:
            timed = {key: getattr(self, f"latency_{key}") for key in ("device", "dtype", "batch_size")}
            found["latency"] = {"profile": self.profile().checksum} if self.latency_profile is not None else timed
        return found

    def profile(self) -> "Profile":
        """Return the profile that predicts latencies.

        Raises:
            UserError: there is none of this name.
        """
        from zen_lightning.latency.profile import Profile, find_profile

        named = self.latency_profile
        if isinstance(named, Profile):
            return named
        with keyed({"name": "latency_profile"}):
            return find_profile(str(named))

    def _latency(self, milliseconds: float, resolution: int, num_classes: int) -> Limit:
        if self.latency_profile is None:
            from zen_lightning.latency import LatencyLimit

            how = (self.latency_batch_size, self.latency_dtype, self.latency_device)
            if not isinstance(self.latency_batch_size, int) or self.latency_batch_size < 1:
                raise UserError(key="latency_batch_size", value=self.latency_batch_size, expected="a count of 1 or more")
            return LatencyLimit(milliseconds, resolution, num_classes, *how)
        from zen_lightning.latency import LatencyPredictor, PredictedLatencyLimit

        return PredictedLatencyLimit(milliseconds, LatencyPredictor(self.profile()), resolution, num_classes)

    def __repr__(self) -> str:
        said = [(field.name, getattr(self, field.name)) for field in fields(self) if getattr(self, field.name) != field.default]
        return f"Budget({', '.join(f'{name}={value!r}' for name, value in said)})"


def budget_text(limits: Limits) -> str:
    """Return limits as a sentence has them.

    Example:
        >>> budget_text(Budget(params="1M", layers=18).limits(resolution=32, num_classes=10))
        'params 1M, layers 18'
    """
    order = {kind.name: place for place, kind in enumerate(KINDS)}
    listed = sorted(limits.limits, key=lambda limit: order.get(limit.name, len(order)))
    return ", ".join(f"{limit.name} {_ZEROS.sub('', limit.number(limit.maximum))}" for limit in listed) or "no limit"


def _bounds(value: Any) -> tuple[int, int | None]:
    pair = [value, None] if isinstance(value, int) else list(value) if isinstance(value, list | tuple) else []
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in pair if one is not None)
    if len(pair) != 2 or not whole or pair[0] is None or isinstance(value, bool):
        raise UserError(key=LayersEachStage.name, value=value, expected="[least,most], such as [2,6], or the least alone")
    return pair[0], pair[1]
