"""Networks side by side, and what changed from one to the next."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from zen_lightning.api.proxies import AnyProxy, ProxiesFor, proxies_for
from zen_lightning.api.scores import SourcedNetwork, score_networks
from zen_lightning.api.sources import FALLBACK, Setting, is_structure, read_architecture, read_setting
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit, counts
from zen_lightning.correlate.network_score import NetworkScore
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.block_changes import BlockChange, block_changes
from zen_lightning.report.block_facts import BlockFacts, block_facts
from zen_lightning.report.costs import cost_of
from zen_lightning.report.stage_comparison import StageFacts, stage_facts
from zen_lightning.runs.result import ResultError, read_result
from zen_lightning.runs.run_folder import number
from zen_lightning.system.brief import brief
from zen_lightning.system.checked import checked
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import Classes, Pixels, Seed, Workers


@dataclass(frozen=True)
class ComparedNetwork:
    """A network beside others.

    Attributes:
        name: short, and unique among them.
        source: as it was given.
        architecture: that it is.
        setting: resolution, classes and squeeze-and-excitation that it is looked at with.
    """

    name: str
    source: str
    architecture: BaseArchitecture
    setting: Setting

    @cached_property
    def blocks(self) -> list[BlockFacts]:
        """Its blocks, and what each costs."""
        return block_facts(self.architecture, *self.setting)

    @cached_property
    def stages(self) -> list[StageFacts]:
        """Its stages, and what each costs."""
        return stage_facts(self.blocks, self.setting.resolution)

    @cached_property
    def recorded(self) -> dict[str, float]:
        """What the run recorded that its source names the folder of: ``val_top1`` in percent and ``latency_ms``."""
        try:
            result = read_result(expanded(self.source))
        except ResultError:
            return {}
        found = {"val_top1": number(result, "val_top1"), "latency_ms": cost_of(result, BaseLatencyLimit)}
        return {key: value for key, value in found.items() if value is not None}

    @cached_property
    def counts(self) -> dict[str, int]:
        """What it costs in all: ``params``, ``flops``, ``layers``, ``peak_activations``."""
        return counts(self.architecture, *self.setting)


class Step(NamedTuple):
    """What changed from one network to the next.

    Attributes:
        old: the first.
        new: the second.
        blocks: block by block.
    """

    old: ComparedNetwork
    new: ComparedNetwork
    blocks: list[BlockChange]


@dataclass(frozen=True)
class Comparison:
    """Networks side by side.

    Attributes:
        networks: in the order given.
        scores: of each by each proxy, those of one proxy next to each other.
    """

    networks: list[ComparedNetwork]
    scores: list[NetworkScore]

    def __repr__(self) -> str:
        scores = {f"{one.source} by {one.proxy}": one.value for one in self.scores}
        return brief(self, networks=[one.source for one in self.networks], scores=scores)

    @cached_property
    def steps(self) -> list[Step]:
        """What changed from each network to the next."""
        return [Step(old, new, block_changes(old.blocks, new.blocks)) for old, new in itertools.pairwise(self.networks)]


@checked
def compare(
    archs: Sequence[str | Path | BaseArchitecture],
    proxies: AnyProxy | Sequence[AnyProxy] | ProxiesFor = "zen",
    *,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    use_se: bool | None = None,
    seed: Seed = 0,
    workers: Workers = 1,
    device: str = "cpu",
    images: str | Path | None = None,
    fallback: Setting = FALLBACK,
) -> Comparison:
    """Return networks side by side: what each costs, stage by stage, how it scores, and what changed from one to the next.

    Args:
        archs: two or more, each as for :func:`~zen_lightning.api.sources.read_architecture`.
        proxies: names (``"naswot"``), names with arguments (``{"name": "naswot", "batch_size": 32}``) or objects; or a function
            that gives them for a resolution and classes.
        resolution: height and width of the images; None: each network's own, as published or recorded with it, else 224.
        num_classes: outputs of the classifiers; None: likewise, else 1000.
        use_se: whether they have squeeze-and-excitation; None: likewise, else without. Scores leave it out.
        seed: of all draws.
        workers: processes that score; ``auto``: one for each GPU or core; ``ray``: a cluster.
        device: of torch.
        images: folder of class folders that proxies read; None: noise.
        fallback: where nothing is said and nothing is recorded.

    Raises:
        UserError: fewer than two, one that is no architecture, or a proxy that ranks networks for different images.

    Example:
        >>> import zen_lightning as zl
        >>> found = zl.compare(zl.zoo.names()[:2], proxies=["zen", "params"])
        >>> [(one.name.split("_")[3], one.counts["layers"]) for one in found.networks]
        [('size05M', 16), ('size1M', 18)]
        >>> found.scores[0].value < found.scores[1].value, len(found.steps)
        (True, 1)
    """
    with keyed({"arch": "archs"}):
        networks = compared_networks(archs, resolution, num_classes, use_se, fallback)
    give = proxies if callable(proxies) else proxies_for(proxies, device, images)
    sourced = [SourcedNetwork(one.source, one.architecture, one.setting) for one in networks]
    return Comparison(networks, score_networks(sourced, give, seed=seed, workers=workers, device=device))


def compared_networks(
    archs: Sequence[str | Path | BaseArchitecture],
    resolution: int | None = None,
    num_classes: int | None = None,
    use_se: bool | None = None,
    fallback: Setting = FALLBACK,
) -> list[ComparedNetwork]:
    """Return the networks of a comparison; as for :func:`compare`."""
    if isinstance(archs, str) or len(archs) < 2:
        each = "each a structure, a name of the zoo, a file, or the folder of a run"
        raise UserError(key="arch", value=archs, expected=f"two architectures or more, {each}")
    sources = [one if isinstance(one, BaseArchitecture) else str(one) for one in archs]
    return [
        ComparedNetwork(
            name, str(source), read_architecture(source), read_setting(source, resolution, num_classes, use_se, fallback)
        )
        for source, name in zip(sources, _names([str(source) for source in sources]), strict=True)
    ]


def _names(sources: Sequence[str]) -> list[str]:
    """Return a short name for each source; where two would be alike, the sources themselves, or numbers.

    Example:
        >>> _names(["runs/one", "A(3,8)", "net.txt"]), _names(["a/net.txt", "b/net.txt"])
        (['one', 'network 2', 'net'], ['a/net.txt', 'b/net.txt'])
    """
    short = [
        f"network {number}" if is_structure(source) else expanded(source.strip()).stem or source
        for number, source in enumerate(sources, start=1)
    ]
    if len(set(short)) == len(short):
        return short
    if len(set(sources)) == len(sources) and not any(map(is_structure, sources)):
        return list(sources)
    return [f"{name} ({number})" for number, name in enumerate(short, start=1)]
