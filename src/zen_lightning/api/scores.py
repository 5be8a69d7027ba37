"""Several networks scored by several proxies: what ``task=score`` and ``zl.compare`` have in common."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from zen_lightning.api.proxies import ProxiesFor
from zen_lightning.api.sources import Setting
from zen_lightning.arch import BaseArchitecture
from zen_lightning.arch.languages import is_named_module
from zen_lightning.correlate.named import ByName, NamedNetwork
from zen_lightning.correlate.network_score import NetworkScore
from zen_lightning.correlate.scoring import NamedProxy, combined
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy, RankedProxy
from zen_lightning.search.open_pool import open_pool
from zen_lightning.search.pool import Outcome


class SourcedNetwork(NamedTuple):
    """A network that was given.

    Attributes:
        source: as the user named it.
        architecture: that it is.
        setting: what it is looked at with.
    """

    source: str
    architecture: BaseArchitecture
    setting: Setting


def score_networks(
    networks: Sequence[SourcedNetwork],
    proxies: ProxiesFor,
    *,
    seed: int = 0,
    workers: int | str = 1,
    device: str = "cpu",
) -> list[NetworkScore]:
    """Return the score of each network by each proxy, those of one proxy next to each other.

    Args:
        networks: each is scored with its own resolution and classes; squeeze-and-excitation is left out.
        proxies: that score; those that rank do so among the networks.
        seed: of all draws.
        workers: processes that score; ``auto``: one for each GPU or core; ``ray``: a cluster.
        device: of torch.

    Raises:
        UserError: a proxy ranks networks among each other that are for different images.
    """
    settings = list(dict.fromkeys(network.setting._replace(use_se=False) for network in networks))
    by_setting = {setting: list(proxies(setting)) for setting in settings}
    for proxy in by_setting[settings[0]] if len(settings) > 1 else ():
        if isinstance(proxy.proxy, RankedProxy):
            what = f"{proxy.label} ranks networks among each other, and these are for different images"
            remedy = "give resolution= and num_classes=, which then hold for all of them"
            raise UserError(what, key="proxies", remedy=remedy, involves=["resolution", "num_classes"])
    found: list[NetworkScore] = []
    for setting, named in by_setting.items():
        members = [place for place, network in enumerate(networks) if network.setting[:2] == setting[:2]]
        with open_pool([_by_name(proxy.proxy, networks) for proxy in named], seed, workers, device) as pool:
            tickets = [[pool.submit(_scored(networks[place]), which) for place in members] for which in range(len(named))]
            for proxy, row in zip(named, tickets, strict=True):
                found += _scores(proxy, networks, members, [pool.result(ticket) for ticket in row])
    labels = list(dict.fromkeys(score.proxy for score in found))
    return sorted(found, key=lambda score: (labels.index(score.proxy), score.network))


def _scored(network: SourcedNetwork) -> Any:
    """Return what a pool is given: a network of timm or torchvision by its name, and built where it is scored."""
    text = str(network.architecture)
    return NamedNetwork(text, network.setting.num_classes) if is_named_module(text) else network.architecture


def _by_name(proxy: Proxy, networks: Sequence[SourcedNetwork]) -> Proxy:
    return ByName(proxy) if any(is_named_module(str(network.architecture)) for network in networks) else proxy


def common_setting(networks: Sequence[SourcedNetwork]) -> Setting:
    """Return what all networks are looked at with; with squeeze-and-excitation where one of them is.

    Raises:
        UserError: they were made for different images.
    """
    first, *others = networks
    for other in others:
        for key in ("resolution", "num_classes"):
            mine, theirs = getattr(first.setting, key), getattr(other.setting, key)
            if mine != theirs:
                what = f"{first.source} has {key}={mine}, {other.source} {theirs}"
                raise UserError(what, key=key, remedy=f"give {{{key}}}=, which then holds for all of them")
    return first.setting._replace(use_se=any(network.setting.use_se for network in networks))


def _scores(
    proxy: NamedProxy, networks: Sequence[SourcedNetwork], members: Sequence[int], outcomes: Sequence[Outcome]
) -> list[NetworkScore]:
    names = proxy.proxy.part_names if isinstance(proxy.proxy, RankedProxy) else ()
    alone = isinstance(proxy.proxy, RankedProxy) and sum(outcome.score is not None for outcome in outcomes) < 2
    return [
        NetworkScore(
            proxy=proxy.label,
            network=place,
            source=networks[place].source,
            structure=str(networks[place].architecture),
            value=value,
            standard_error=outcome.score.standard_error if outcome.score else None,
            parts=dict(zip(names, outcome.score.parts, strict=False)) if outcome.score else {},
            ranked_alone=alone,
            seconds=outcome.seconds,
            error=outcome.error,
        )
        for place, outcome, value in zip(members, outcomes, combined(proxy.proxy, outcomes).values, strict=True)
    ]
