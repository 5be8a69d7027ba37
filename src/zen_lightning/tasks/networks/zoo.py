"""``task=zoo``: the published networks, and their checkpoints."""

from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning import zoo
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.terminal.table import Table
from zen_lightning.report.terminal.wrapping import wrapped
from zen_lightning.runs.names import RESULT
from zen_lightning.system.numbers import short_count
from zen_lightning.system.value_types import Texts
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks

_NOTE = (
    "FLOPs are multiply-adds, and params those of the networks as built, squeeze-and-excitation (SE) included.",
    "The published FLOPs come from another counter (batch norms and activations included) and lie between 3% below and 3% "
    "above; the published parameters of flops400M and flops600M, 5.7M and 7.1M, leave SE out.",
    "Top-1 is in percent, as published.",
)
_LATENCIES = {
    "v100_ms": "a V100 (batch 64, float16)",
    "t4_ms": "a T4 (batch 64, TensorRT INT8)",
    "pixel2_ms": "a Pixel 2 (batch 1)",
}


def names_of(config: DictConfig) -> list[str]:
    """Return the networks of the command; errors as for :func:`run`."""
    arch: Any = config.arch
    if config.download and arch is None:
        raise UserError("download=true needs arch=", key="arch", remedy="a name of the zoo, a list of them, or all")
    if arch is None or arch == "all":
        return zoo.names()
    plain = OmegaConf.to_container(arch) if OmegaConf.is_config(arch) else [arch]
    with keyed({"name": "arch"}):
        return [zoo.entry(str(name).strip()).name for name in (plain if isinstance(plain, list) else [plain])]


def _row(name: str) -> dict[str, Any]:
    known = zoo.entry(name)
    path = zoo.checkpoint_path(name)
    facts = ("name", "structure", "num_classes", "use_se", "resolution", "crop_size", "params")
    return {
        **{key: getattr(known, key) for key in facts},
        "flops": known.macs,
        "published": known.published,
        "checkpoint_url": zoo.checkpoint_url(name),
        "checkpoint": str(path),
        "cached": path.is_file(),
    }


def _overview(rows: list[dict[str, Any]]) -> Table:
    table = Table("Published networks", ["name", "classes", "px", "params", "FLOPs", "top-1", "cached"], optional=(2, 1))
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        table.add(
            row["name"],
            row["num_classes"],
            row["resolution"],
            short_count(row["params"]),
            short_count(row["flops"]),
            f"{row['published']['top1']:.1f}",
            "yes" if row["cached"] else "no",
            end_section=following is not None and following["num_classes"] != row["num_classes"],
        )
    return table


def _details(row: dict[str, Any]) -> list[str]:
    published = row["published"]
    latencies = [f"{published[key]:g} ms on {device}" for key, device in _LATENCIES.items() if key in published]
    return [
        row["structure"],
        f"{'with' if row['use_se'] else 'without'} squeeze-and-excitation, on images cropped to {row['crop_size']} px",
        f"{row['params']:,} parameters, published as {published['params']}",
        f"{row['flops']:,} FLOPs, published as {published['flops']}",
        *([f"published for one image: {', '.join(latencies)}"] if latencies else []),
        f"checkpoint: {row['checkpoint_url']}",
        f"{'kept at' if row['cached'] else 'not downloaded yet (download=true), to'} {row['checkpoint']}",
    ]


@dataclass
class ZooKeys:
    """The keys of ``task=zoo``."""

    arch: Texts | None = None
    download: bool = False


class Zoo(Task[ZooKeys]):
    """Lists the published networks, and downloads their checkpoints."""

    name = "zoo"
    Keys = ZooKeys
    files = (RESULT,)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and the networks."""
        names = checks.ask("arch", names_of)
        if names:
            checks.tell("networks", str(len(names)))

    def run(self) -> None:
        """Print the networks of the zoo, or those that ``arch=`` names, and write ``result.json``.

        With ``download=true`` the checkpoints of the networks that ``arch`` names, ``all`` for all, are downloaded first, where
        they are not there yet, and loaded once, which proves them.

        Raises:
            UserError: ``arch`` names no network of the zoo, ``download`` has no ``arch``, or a checkpoint cannot be had.
        """
        names = names_of(self.config)
        if self.config.download:
            for name in names:
                zoo.create(name, pretrained=True)
                print(f"{name}: {zoo.checkpoint_path(name)}")
            print()
        rows = [_row(name) for name in names]
        self.leave({"networks": rows})
        _overview(rows).print()
        if len(rows) == 1:
            print("", *_details(rows[0]), sep="\n")
        print("", *map(wrapped, _NOTE), sep="\n")
        print(self.listed())
