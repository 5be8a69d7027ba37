"""``zl.latency`` and ``zl.profile``: how long networks take on a device, measured and predicted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zen_lightning.api.network_times import profile_from_times
from zen_lightning.api.sources import FALLBACK, Setting, read_architecture, read_setting
from zen_lightning.arch import BaseArchitecture
from zen_lightning.latency.grid import Extent, default_extent
from zen_lightning.latency.measure import measure_network
from zen_lightning.latency.measured import Measured
from zen_lightning.latency.predictor import LatencyPredictor, Prediction
from zen_lightning.latency.profile import Profile, find_profile
from zen_lightning.latency.profiler import Measurer, ProfilingStep, profile_device
from zen_lightning.latency.runner import check_present
from zen_lightning.latency.settings import LatencySettings, default_settings
from zen_lightning.system.brief import brief
from zen_lightning.system.checked import checked
from zen_lightning.system.value_types import BatchSize, Classes, Cores, Pixels, Seconds, Seed


@dataclass(frozen=True)
class Timing:
    """The latency of one network at one batch size.

    Attributes:
        source: the network, as it was named.
        architecture: the architecture that was timed.
        setting: resolution, classes, SE.
        settings: how it was run.
        measured: what was measured on this device; None where the profile is of another one.
        predicted: what was predicted by a profile; None without one.
    """

    source: str
    architecture: BaseArchitecture
    setting: Setting
    settings: LatencySettings
    measured: Measured | None
    predicted: Prediction | None

    def __repr__(self) -> str:
        of = {"device": self.settings.device, "batch_size": self.settings.batch_size, "resolution": self.setting.resolution}
        return brief(self, "source", "milliseconds", **of)

    @property
    def milliseconds(self) -> float:
        """Milliseconds for one image: measured, else predicted."""
        found = self.measured or self.predicted
        assert found is not None
        return found.milliseconds


@checked
def latency(
    arch: str | BaseArchitecture | Sequence[str | BaseArchitecture],
    device: str = "cpu",
    *,
    profile: str | Profile | None = None,
    batch_size: BatchSize | Sequence[BatchSize] | None = None,
    dtype: str | None = None,
    fold: bool = True,
    channels_last: bool = True,
    threads: Cores | None = None,
    engine: str = "torch",
    compile: bool = False,
    cuda_graph: bool = False,
    measure_seconds: Seconds = 2.0,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    use_se: bool | None = None,
    fallback: Setting = FALLBACK,
    settings: Sequence[LatencySettings] | None = None,
    measure: bool = True,
    notify: Callable[[Timing], None] = lambda timing: None,
) -> list[Timing]:
    """Return how long networks take: measured here, and predicted where a profile is given.

    Args:
        arch: one network or several: structures, names of the zoo, files, folders of runs, architectures.
        device: name of torch.
        profile: name or file of a profile: networks then run as it says, and what it predicts stands beside.
        batch_size: images a pass, one count or several; None: 64 on a GPU, 8 on a CPU.
        dtype: the dtype of weights and images; None: float16 on a GPU, float32 on a CPU.
        fold: whether batch norms become part of the convolutions before them.
        channels_last: memory format.
        threads: the threads of a CPU; None: 1.
        engine: ``torch`` or ``onnxruntime``.
        compile: through ``torch.compile``.
        cuda_graph: each pass replayed as one CUDA graph.
        measure_seconds: how many seconds passes are timed for, for each network and batch size.
        resolution: height and width of the images; None: as recorded with each network, else 224.
        num_classes: outputs; None: likewise, else 1000.
        use_se: whether they have squeeze-and-excitation; None: likewise, else without.
        fallback: resolution, classes and SE of networks that nothing is recorded with.
        settings: how networks are run, instead of the arguments that say so one by one.
        measure: False: only what the profile predicts, for a device that is not here.
        notify: called with each as it is there.

    Raises:
        UserError: ``arch`` names no network, the device is not here, or a value cannot be used.
        MissingExtraError: ONNX Runtime is asked for and not installed.

    Example:
        >>> import zen_lightning as zl
        >>> (one,) = zl.latency("SuperConvK3BNRELU(3,8,2,1)", batch_size=1, measure_seconds=0.01, resolution=32)
        >>> one.milliseconds > 0
        True
    """
    known = find_profile(profile) if isinstance(profile, str) else profile
    if known is not None:
        settings = [known.settings]
    elif settings is None:
        sizes = batch_size if isinstance(batch_size, Sequence) else [batch_size]
        settings = [
            default_settings(
                device,
                batch_size=size,
                dtype=dtype,
                fold_batch_norms=fold,
                channels_last=channels_last,
                threads=threads,
                engine=engine,
                compile=compile,
                cuda_graph=cuda_graph,
            )
            for size in sizes
        ]
    sources = [arch] if isinstance(arch, str | BaseArchitecture) else list(arch)
    networks = [
        (str(source), read_architecture(source), read_setting(source, resolution, num_classes, use_se, fallback))
        for source in sources
    ]
    for one in settings if measure else ():
        check_present(one)
    found = []
    for source, architecture, setting in networks:
        for one in settings:
            predicted = _predicted(known, architecture, setting) if known is not None else None
            measured = measure_network(architecture, one, *setting, seconds=measure_seconds) if measure else None
            found.append(Timing(source, architecture, setting, one, measured, predicted))
            notify(found[-1])
    return found


@checked
def profile(
    output: str | Path,
    settings: LatencySettings | None = None,
    extent: Extent | None = None,
    *,
    networks: str | Path | Mapping[Any, float] | None = None,
    column: str | None = None,
    unit: str = "ms",
    measured_on: str = "another device",
    operation_seconds: Seconds | None = None,
    network_seconds: Seconds | None = None,
    seed: Seed = 0,
    notify: Callable[[ProfilingStep], Any] = lambda step: None,
) -> Profile:
    """Measure a device once, so that latencies can be predicted for it; one that was stopped is continued.

    With ``networks`` nothing is measured: the profile is made from the times of whole networks.

    Args:
        output: file of the profile, ``.json``; the journal lies beside it until it is there.
        settings: what the profile is for; None: the CPU by its defaults.
        extent: how much to measure; None: the default of the device.
        networks: times of whole networks on a device that torch does not run on, a table or by architecture: the profile is
            made from them, and nothing is measured; see :func:`~zen_lightning.api.network_times.profile_from_times`.
        column: of the table's times; None: the only one of numbers.
        unit: of the times of one image: ``ms``, ``s``, ``us``, or ``images_per_second``.
        measured_on: what the device is called.
        operation_seconds: spent on an operation; None: likewise.
        network_seconds: spent on a network, twice; None: likewise.
        seed: the seed of the choice of operations and networks.
        notify: called after each measurement.

    Raises:
        UserError: the device is not there, or the settings are not those of a profile.
    """
    if networks is not None:
        return profile_from_times(networks, output, column=column, unit=unit, device=measured_on, seed=seed)
    settings = settings or default_settings("cpu")
    measurer = Measurer(settings, operation_seconds, network_seconds)
    return profile_device(settings, extent or default_extent(settings), Path(output), notify, measurer, seed)


def _predicted(profile: Profile, architecture: BaseArchitecture, setting: Setting) -> Prediction:
    resolution, num_classes, use_se = setting
    return LatencyPredictor(profile, use_se).predict(architecture, resolution, num_classes)
