"""What a stage of the check is: its name, where its code is, how long it may take, and what may run beside it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A part of the check, run in a process of its own.

    Attributes:
        name: as ``--only`` and ``--skip`` know it.
        function: ``module:function`` of ``stages``; it is given a :class:`bench.Bench`.
        seconds: budget on a GPU; a stage that takes longer is killed, and what it had reached is kept.
        alone: it measures times, so nothing runs beside it.
        cores: that it takes from those that stages beside each other share.
        needs_gpu: left out on a CPU.
        after: stages that must have ended before it begins.
    """

    name: str
    function: str
    seconds: float
    alone: bool = False
    cores: int = 2
    needs_gpu: bool = False
    after: tuple[str, ...] = ()


QUICK_SECONDS = 300.0
"""Budget of every stage with ``--quick``: against hanging alone, as nobody knows how busy a CPU is."""

STAGES = (
    # Beside each other: whether results are right, and the training on CIFAR-10, whose wall time is therefore shared.
    Stage("cifar10", "cifar10:train", 245, cores=6),
    Stage("ranks", "ranks:one_and_two", 110),
    Stage("resume", "resume:killed_and_resumed", 100),
    Stage("compile", "compiled:train_compiled", 120, needs_gpu=True),
    Stage("paths_32", "paths:float32", 90),
    Stage("paths_bf16", "paths:bfloat16", 90),
    Stage("paths_16", "paths:float16", 90, needs_gpu=True),
    Stage("profile", "device_latency:profile", 60),
    Stage("tests", "repository_tests:run", 60, needs_gpu=True),
    Stage("distill", "distill:teachers", 60),
    Stage("files", "files:evaluate_and_export", 60),
    Stage("cell", "distill:cell", 60),
    # One after another: times. The longest of the stages above and these must fit into the whole.
    Stage("trainer", "loader:against_fixed_batch", 60, alone=True, after=("cifar10",)),
    Stage("images", "images:on_the_device", 100, alone=True),
    Stage("latency", "device_latency:networks", 35, alone=True),
    Stage("steps", "steps:fixed_batch", 38, alone=True),
)
"""In the order in which they begin: what takes longest first, and times in the order in which they matter.

Seconds on an H200 with 16 cores and torch 2.11, each beside others: ranks 57, resume and compile 65, the paths 44 to 54,
profile 38, distill, files and tests 33, cell 22; with two cores each, four at a time, all were over after 210. Alone:
latency 30; of the 100 of images, 20 before the loader is timed and 72 for the training, most of it compilation."""


def chosen(only: list[str], skip: list[str]) -> list[Stage]:
    """Return the stages that are asked for, in order.

    Raises:
        ValueError: a name that no stage has.
    """
    names = [stage.name for stage in STAGES]
    unknown = [name for name in (*only, *skip) if name not in names]
    if unknown:
        raise ValueError(f"no stage {', '.join(unknown)}; the stages are {', '.join(names)}")
    return [stage for stage in STAGES if (not only or stage.name in only) and stage.name not in skip]
