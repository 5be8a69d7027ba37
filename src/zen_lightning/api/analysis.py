"""What a network costs, stage by stage."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zen_lightning.api.sources import FALLBACK, Setting, read_architecture, read_setting
from zen_lightning.arch import BaseArchitecture
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.report.estimate import estimate_figures
from zen_lightning.system.checked import checked
from zen_lightning.system.value_types import Classes, Pixels

if TYPE_CHECKING:
    from zen_lightning.latency.predictor import Prediction
    from zen_lightning.latency.profile import Profile
    from zen_lightning.nets.layer_table import LayerRow


@dataclass(frozen=True)
class Analysis:
    """An architecture, looked at with a resolution, classes, and with or without squeeze-and-excitation.

    Attributes:
        architecture: the architecture that it is about.
        setting: resolution, classes, SE.
        zen_running: its Zen-score in closed form by the running variance; None where there is none.
        zen_batch: likewise by the batch variance.
        reason: why there is no Zen-score; empty where there is one.
        profile: the profile that its latency is predicted from; None without one.
    """

    architecture: BaseArchitecture
    setting: Setting
    zen_running: float | None
    zen_batch: float | None
    reason: str = ""
    profile: "Profile | None" = None

    @cached_property
    def latency(self) -> "Prediction | None":
        """Milliseconds for one image on the device of the profile, predicted; None without a profile.

        Raises:
            UserError: it holds an operation that the profile does not reach.
        """
        if self.profile is None:
            return None
        from zen_lightning.latency.predictor import LatencyPredictor

        resolution, num_classes, use_se = self.setting
        return LatencyPredictor(self.profile, use_se).predict(self.architecture, resolution, num_classes)

    @property
    def params(self) -> int:
        """Trainable parameters."""
        return self.architecture.num_params(self.setting.num_classes, self.setting.use_se)

    @property
    def flops(self) -> int:
        """Multiply-adds for one image."""
        return self.architecture.flops(*self.setting)

    @property
    def layers(self) -> int:
        """The sum of all sub-layers."""
        return self.architecture.num_layers

    @cached_property
    def stages(self) -> list[Any]:
        """A row for each block: what it is, its size, its share of parameters and FLOPs."""
        return list(self.architecture.summary(*self.setting))

    @cached_property
    def layer_rows(self) -> "list[LayerRow]":
        """A row for each layer of the PyTorch network: shapes, parameters, multiply-adds, memory, receptive field.

        The rows of a part add up to its row in :attr:`stages`. Nothing is computed: the network has no weights.

        Raises:
            UserError: the network cannot be built.
        """
        from zen_lightning.nets.layer_table import layers_of

        return layers_of(self.architecture, *self.setting)

    @cached_property
    def estimate(self) -> dict[str, Any] | None:
        """Where it stands among networks that were trained; None outside the range of what was trained."""
        return estimate_figures(self.architecture, self.setting.resolution, self.setting.num_classes)


@checked
def analyze(
    arch: str | BaseArchitecture,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    use_se: bool | None = None,
    fallback: Setting = FALLBACK,
    profile: "str | Profile | None" = None,
) -> Analysis:
    """Return what an architecture costs, stage by stage, and its Zen-score in closed form.

    Args:
        arch: a structure, a name of the zoo, a file that holds one, the folder of a run, or an architecture.
        resolution: height and width of the images; None: as published or recorded with the architecture, else 224.
        num_classes: outputs of the classifier; None: likewise, else 1000.
        use_se: whether it has squeeze-and-excitation; None: likewise, else without.
        fallback: where nothing is said and nothing is recorded.
        profile: a profile of a device, or its name or file: the latency there is predicted.

    Raises:
        UserError: ``arch`` names no architecture, or a number is below 1.

    Example:
        >>> import zen_lightning as zl
        >>> found = zl.analyze("zennet_cifar10_model_size05M_res32")
        >>> found.layers, found.setting.resolution, 0 < found.zen_running < 200
        (16, 32, True)
    """
    architecture = read_architecture(arch)
    setting = read_setting(arch, resolution, num_classes, use_se, fallback)
    known = profile_of(profile)
    try:
        batch, running = ZenClosedForm(setting.resolution).readings(architecture)
    except CannotScoreError as error:
        return Analysis(architecture, setting, None, None, str(error), known)
    return Analysis(architecture, setting, running, batch, profile=known)


def profile_of(named: "str | Profile | None") -> "Profile | None":
    """Return the profile of a name or file, or as it is.

    Raises:
        UserError: there is none of this name.
    """
    if not isinstance(named, str):
        return named
    from zen_lightning.latency.profile import find_profile

    return find_profile(named)
