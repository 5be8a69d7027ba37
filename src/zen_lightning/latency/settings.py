"""How networks are run when their latency is measured or profiled."""

from dataclasses import asdict, dataclass
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.system.device import check_device

DTYPES = ("float16", "bfloat16", "float32")
ENGINES = ("torch", "onnxruntime")


@dataclass(frozen=True)
class LatencySettings:
    """How a network is run. Two latencies can be compared if these are the same, and the device is.

    Attributes:
        device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        dtype: ``float16``, ``bfloat16`` or ``float32``.
        batch_size: images a pass; a latency is that of a pass over this number.
        fold_batch_norms: batch norms are folded into the convolutions before them.
        channels_last: memory format of images and weights.
        threads: threads of a CPU; 1 on a GPU.
        engine: ``torch``, or ``onnxruntime`` on the CPU.
        compile: through ``torch.compile``.
        cuda_graph: passes are one CUDA graph, replayed: no launch of single kernels.
        elsewhere: the measurements were made by another program, on a device that is none of torch's here: a phone, a table
            that somebody published. ``device``, ``dtype`` and ``engine`` are then words for people.

    Raises:
        UserError: values that no engine runs.
    """

    device: str = "cpu"
    dtype: str = "float32"
    batch_size: int = 8
    fold_batch_norms: bool = True
    channels_last: bool = True
    threads: int = 1
    engine: str = "torch"
    compile: bool = False
    cuda_graph: bool = False
    elsewhere: bool = False

    def __post_init__(self) -> None:
        for key in ("batch_size", "threads"):
            if getattr(self, key) < 1:
                raise UserError(key=key, value=getattr(self, key), expected="1 or more")
        if self.elsewhere:
            return
        check_device(self.device)
        if self.dtype not in DTYPES:
            raise UserError(key="dtype", value=self.dtype, choices=DTYPES)
        if self.engine not in ENGINES:
            raise UserError(key="engine", value=self.engine, choices=ENGINES)
        if self.engine == "onnxruntime" and (self.device, self.dtype) != ("cpu", "float32"):
            raise UserError(
                "it runs on the CPU in float32",
                key="engine",
                value=self.engine,
                remedy="add {device}=cpu {dtype}=float32",
                involves=["device", "dtype"],
            )
        if self.engine == "onnxruntime" and (self.compile or self.cuda_graph):
            raise UserError(
                "cannot be combined with {compile}=true or {cuda_graph}=true",
                key="engine",
                value=self.engine,
                involves=["compile", "cuda_graph"],
            )
        if self.cuda_graph and not self.on_gpu:
            what = f"it needs a CUDA GPU, not {{device}}={self.device}"
            raise UserError(what, key="cuda_graph", value="true", involves=["device"])

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a CUDA GPU."""
        return self.device.startswith("cuda")

    def as_dict(self) -> dict[str, Any]:
        """Return the settings by name; ``elsewhere`` only where it is true, as in files from before there was such."""
        found = asdict(self)
        return found if self.elsewhere else {key: value for key, value in found.items() if key != "elsewhere"}

    def summary(self, with_batch: bool = True) -> str:
        """Return the settings as people read them, with the batch size or without.

        Example:
            >>> LatencySettings().summary()
            'cpu, float32, batch 8, torch, batch norms folded, channels last, 1 thread'
        """
        if self.elsewhere:
            known = [self.device, self.dtype, f"batch {self.batch_size}" if with_batch else "", self.engine]
            return ", ".join(filter(None, known))
        parts = [self.device, self.dtype, *([f"batch {self.batch_size}"] if with_batch else []), self.engine]
        parts += ["batch norms folded"] if self.fold_batch_norms else []
        parts += ["channels last"] if self.channels_last and self.engine == "torch" else []
        parts += ["compiled"] if self.compile else []
        parts += ["CUDA graph"] if self.cuda_graph else []
        if self.device == "cpu":
            parts.append(f"{self.threads} thread{'s' if self.threads > 1 else ''}")
        return ", ".join(parts)


def default_settings(device: str, **chosen: Any) -> LatencySettings:
    """Return the settings of a device, with some of them chosen; None leaves one as it is by default.

    On a GPU those are the original's: batch 64, float16. On a CPU a small batch and one thread: another program
    then slows a measurement down, but does not stop it, as happens where threads wait for each other.

    Args:
        device: name of torch.
        chosen: attributes of :class:`LatencySettings`.

    Example:
        >>> default_settings("cuda").batch_size, default_settings("cpu", batch_size=1).batch_size
        (64, 1)
    """
    own = {"batch_size": 64, "dtype": "float16"} if device.startswith("cuda") else {}
    return LatencySettings(device=device, **{**own, **{key: value for key, value in chosen.items() if value is not None}})
