"""The proxies of this project by name, and a function that scores by any of them."""

import inspect
from importlib import import_module
from typing import Any

from zen_lightning.arch import Architecture, parse_architecture
from zen_lightning.errors import UserError, keyed, nearest
from zen_lightning.proxy.base import Proxy, Scorable, Score
from zen_lightning.system.checked import checked
from zen_lightning.system.value_types import BatchSize, Channels, Classes, Count, Pixels, Seed

CATALOGUE = {
    "az_nas": "az_nas.AzNas",
    "deepmad": "deepmad.DeepMad",
    "entropy": "entropy.MultiScaleEntropy",
    "fisher": "fisher.Fisher",
    "flops": "counts.Flops",
    "grad_norm": "grad_norm.GradNorm",
    "grasp": "grasp.Grasp",
    "jacob_cov": "jacob_cov.JacobCov",
    "linear_regions": "linear_regions.LinearRegions",
    "meco": "meco.MeCo",
    "naswot": "naswot.NasWot",
    "ntk": "ntk.NtkConditionNumber",
    "params": "counts.Params",
    "random": "random_score.RandomScore",
    "snip": "snip.Snip",
    "swap": "swap.Swap",
    "synflow": "synflow.SynFlow",
    "te_nas": "te_nas.TeNas",
    "zen": "closed_form.ZenClosedForm",
    "zen_calibrated": "zen_calibrated.ZenCalibrated",
    "zen_monte_carlo": "monte_carlo.ZenMonteCarlo",
    "zico": "zico.ZiCo",
}
"""Module and class of each, below ``zen_lightning.proxy``; the names are those of ``conf/proxy``."""


def proxy_class(name: str) -> type[Proxy]:
    """Return the class of one of the project's proxies; torch is imported with those that need it.

    Raises:
        UserError: no proxy has that name.

    Example:
        >>> proxy_class("params").name
        'params'
    """
    if name not in CATALOGUE:
        raise UserError("unknown proxy", key="name", value=name, choices=list(CATALOGUE))
    module, _, attribute = CATALOGUE[name].partition(".")
    found: type[Proxy] = getattr(import_module(f"zen_lightning.proxy.{module}"), attribute)
    return found


@checked
def score(
    architecture: Scorable | str,
    proxy: str | type[Proxy] = "zen",
    variant: str | None = None,
    resolution: Pixels = 32,
    num_classes: Classes = 10,
    batch_size: BatchSize = 16,
    repeats: Count = 1,
    seed: Seed = 0,
    device: str = "cpu",
    in_channels: Channels | None = None,
    **options: Any,
) -> Score:
    """Return the score of an architecture, or of any module where the proxy allows it; higher is better.

    Arguments that a proxy does not take are ignored: ``flops`` has no batch. ``zen`` is the closed form where it is defined
    (rows of super-blocks), and Monte-Carlo otherwise (cells, modules). A proxy that ranks networks against each other
    (``az_nas``, ``te_nas``) has the same value for every single network: compare ``Score.parts``.

    Args:
        architecture: an architecture of any space, as a structure string too, or a module.
        proxy: a name of :data:`CATALOGUE`, or a class of your own.
        variant: ``paper``, or ``released`` for what the code released with Zen-NAS computes, where it differs. None: the
            project's default, which is ``paper`` for every proxy but the Zen-score; the default of that one is the running
            variance (``released``), as in :func:`~zen_lightning.proxy.zen_score.zen_score`.
        resolution: height and width of the images.
        num_classes: number of logits.
        batch_size: images in a batch. The command line takes the proxy's own default, 64 for most: give that to compare.
        repeats: number of independent draws of weights and images; the score is their mean.
        seed: seed of all draws.
        device: device of torch, ``cpu`` or ``cuda:0``.
        in_channels: channels of the images; None: those of the network, of a module those of its first convolution.
        options: other arguments of the proxy, such as ``images``, a folder of real images in class folders.

    Raises:
        CannotScoreError: the score is not defined for this network, or cannot be computed; the message says why.
        UserError: an unknown proxy, variant or option.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)")
        >>> score(arch, proxy="params").value
        2354.0
        >>> float(score("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)", proxy="params"))
        2354.0
        >>> from zen_lightning.proxy.zen_score import zen_score
        >>> score(arch, resolution=224).value == zen_score(arch, resolution=224)
        True
    """
    if isinstance(architecture, str):
        architecture = parse_architecture(architecture)
    if proxy == "zen" and (not isinstance(architecture, Architecture) or architecture.foreign_part is not None):
        proxy = "zen_monte_carlo"
    with keyed({"name": "proxy"}):
        target = proxy_class(proxy) if isinstance(proxy, str) else proxy
    known = inspect.signature(target).parameters
    shared: dict[str, Any] = {
        "variant": variant or "paper",
        "resolution": resolution,
        "num_classes": num_classes,
        "batch_size": batch_size,
        "repeats": repeats,
        "device": device,
    }
    if "bn_variance" in known:
        if variant is not None:
            options.setdefault("bn_variance", _reading(variant))
    elif variant not in (None, "paper") and "variant" not in known:
        raise UserError(f"{target.name} has only paper", key="variant", value=variant)
    unknown = [name for name in options if name not in known]
    if unknown:
        name = unknown[0]
        raise UserError(f"{target.name} has no option {name!r}{nearest(name, list(known))}", key=name)
    made = target(**{name: value for name, value in shared.items() if name in known}, **options)
    if in_channels is not None:
        if in_channels < 1:
            raise UserError(key="in_channels", value=in_channels, expected="1 or more")
        made.in_channels = in_channels  # type: ignore[attr-defined]
    return made.score(architecture, seed)


def _reading(variant: str) -> str:
    readings = {"paper": "batch", "released": "running"}
    if variant not in readings:
        raise UserError("zen has no such variant", key="variant", value=variant, choices=list(readings))
    return readings[variant]
