"""The requirements on every proxy."""

import contextlib
import copy
import inspect
import math
import pickle
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy import CannotScoreError, Proxy, RankedProxy, Score
from zen_lightning.proxy.base import Scorable
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.testing.networks import CELLS, MOBILENET, RESNET, Foreign, write_images
from zen_lightning.testing.suite import Suite, raises

Make = Callable[..., Proxy]

PROXY: Suite[Make] = Suite("proxy")
"""The checks; each takes what makes a proxy, and makes several with options of their own."""

_COUNTS = ("resolution", "num_classes", "batch_size", "repeats", "in_channels", "batches")


def check_proxy(proxy: Make, **options: Any) -> None:
    """Check a proxy of your own against the requirements on every proxy: seeds, pickling, options, errors, networks unchanged.

    Args:
        proxy: its class, or what makes one.
        options: the options for its constructor; small ones keep it quick.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> from zen_lightning.proxy.counts import Flops
        >>> check_proxy(Flops, resolution=32)
    """
    PROXY.run(partial(proxy, **options))


def _options_of(factory: Make) -> list[str]:
    """Return the names of the arguments of a proxy."""
    return list(inspect.signature(type(factory())).parameters)


def _scored_or_reason(proxy: Proxy, network: Scorable) -> Score | None:
    """Return the score, which is finite; or None where a sentence says why there is none."""
    try:
        score = proxy.score(network, seed=1)
    except CannotScoreError as error:
        reason = str(error)
    else:
        assert all(math.isfinite(value) for value in (score.value, *score.parts)), f"{score} is not finite"
        return score
    assert len(reason.split()) > 4, f"a sentence says why there is no score, not {reason!r}"
    return None


def _close(one: Sequence[float], two: Sequence[float]) -> bool:
    return len(one) == len(two) and all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) for a, b in zip(one, two, strict=True))


@PROXY.add
def _a_score_is_a_finite_float(factory: Make) -> None:
    for architecture in (RESNET, MOBILENET):
        score = factory().score(architecture)
        assert isinstance(score, Score)
        assert type(score.value) is float
        assert math.isfinite(score.value)


@PROXY.add
def _a_cell_has_a_finite_score_or_a_reason(factory: Make) -> None:
    for cell in CELLS:
        _scored_or_reason(factory(), cell)


@PROXY.add
def _the_same_seed_gives_the_same_score(factory: Make) -> None:
    proxy = factory()
    first = proxy.score(RESNET, seed=5)
    proxy.score(MOBILENET, seed=6)
    assert proxy.score(RESNET, seed=5) == first
    assert factory().score(RESNET, seed=5) == first
    assert proxy.score(RESNET) == proxy.score(RESNET, seed=0)


@PROXY.add
def _the_standard_error_says_whether_there_is_noise(factory: Make) -> None:
    """Heavy tails may well have an error beyond their value; a count of few may be the same twice in a row."""
    scores = [factory().score(RESNET, seed=seed) for seed in (1, 2, 3)]
    if scores[0].standard_error == 0.0:
        assert scores[0] == scores[1] == scores[2]
    else:
        assert len({score.parts or score.value for score in scores}) > 1
        for score in scores:
            assert score.standard_error is None or 0 <= score.standard_error < math.inf


@PROXY.add
def _repeats_are_independent_draws(factory: Make) -> None:
    """The mean of two is as far from the first as its standard error says."""
    if "repeats" not in _options_of(factory):
        return
    one, two = (factory(repeats=repeats).score(RESNET, seed=1) for repeats in (1, 2))
    assert one.standard_error is None
    assert len(one.parts) == len(two.parts)
    if two.standard_error is not None:
        assert math.isclose(abs(two.value - one.value), two.standard_error, rel_tol=1e-6)
    else:
        assert isinstance(factory(), RankedProxy)


@PROXY.add
def _pickling(factory: Make) -> None:
    proxy = factory()
    score = proxy.score(RESNET, seed=1)
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(score)) == score


@PROXY.add
def _it_has_a_name(factory: Make) -> None:
    name = factory().name
    assert name.isidentifier()
    assert name == name.lower()


@PROXY.add
def _global_random_numbers_are_left_alone(factory: Make) -> None:
    before, before_python = torch.get_rng_state(), random.getstate()
    factory().score(RESNET, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert random.getstate() == before_python


@PROXY.add
def _any_seed_will_do(factory: Make) -> None:
    for seed in (-1, 2**31, Random(0).getrandbits(64)):
        assert math.isfinite(factory().score(MOBILENET, seed=seed).value)


@PROXY.add
def _gradients_may_be_off(factory: Make) -> None:
    expected = factory().score(MOBILENET, seed=1)
    with torch.no_grad():
        assert factory().score(MOBILENET, seed=1) == expected
    assert torch.is_grad_enabled()


@PROXY.add
def _an_extreme_architecture_has_a_finite_score_or_a_reason(factory: Make) -> None:
    for text in ("SuperConvK7BNRELU(3,8,100,2)", "SuperConvK1BNRELU(3,1,1,30)", "SuperResIDWE1K7(3,1,1,1,1)"):
        _scored_or_reason(factory(), Architecture.parse(text))


@PROXY.add
def _an_unknown_variant_is_refused(factory: Make) -> None:
    for option, wrong, known in (("variant", "papr", "paper"), ("bn_variance", "batches", "batch")):
        if option in _options_of(factory):
            with raises(UserError, f"^{option}={wrong}: .*did you mean '{known}'"):
                factory(**{option: wrong})


@PROXY.add
def _counts_are_positive(factory: Make) -> None:
    for option in set(_COUNTS) & set(_options_of(factory)):
        for wrong in (0, -1):
            with raises(UserError, f"^{option}={wrong}: "):
                factory(**{option: wrong})


@PROXY.add
def _a_device_that_is_none_is_refused(factory: Make) -> None:
    if "device" in _options_of(factory):
        with raises(UserError, r"^device=gpu: expected cpu, cuda"):
            factory(device="gpu")


@PROXY.add
def _a_module_is_left_as_it_is(factory: Make) -> None:
    module = Foreign()
    module.first.requires_grad_(False)
    module.norm.eval()
    module.second.register_forward_hook(lambda *_: None)
    before = _all_of(module)
    with contextlib.suppress(CannotScoreError):
        factory().score(module, seed=1)
    after = _all_of(module)
    assert all(torch.equal(a, b) for a, b in zip(before[0], after[0], strict=True))
    assert before[1:] == after[1:]
    assert all(parameter.grad is None for parameter in module.parameters())


def _all_of(module: nn.Module) -> tuple[Any, ...]:
    tensors = [value.clone() for value in module.state_dict().values()]
    parameters = [(id(parameter), parameter.requires_grad, parameter.dtype) for parameter in module.parameters()]
    parts = [
        (part.training, getattr(part, "momentum", None), len(part._forward_hooks), len(part._forward_pre_hooks))
        for part in module.modules()
    ]
    return tensors, parameters, parts


@PROXY.add
def _what_a_module_holds_does_not_matter(factory: Make) -> None:
    module = Foreign()
    expected = _scored_or_reason(factory(), module)
    if expected is None:
        return
    other = copy.deepcopy(module).eval()
    with torch.no_grad():
        for value in other.state_dict().values():
            value.mul_(3)
    assert factory().score(other, seed=1) == expected
    if factory().name != "params":
        assert factory().score(other.requires_grad_(False), seed=1) == expected


@PROXY.add
def _a_network_that_diverges_has_no_score(factory: Make) -> None:
    """What never runs the network, or counts, has nothing to diverge."""
    if factory().cheap and not isinstance(factory(), ZenClosedForm):
        return
    with raises(CannotScoreError) as raised:
        factory().score(Foreign(factor=1e200), seed=1)
    assert len(str(raised.errors[0]).split()) > 3


@PROXY.add
def _a_network_without_relus_has_a_finite_score_or_a_reason(factory: Make) -> None:
    _scored_or_reason(factory(), Foreign(activation=torch.sigmoid))


@PROXY.add
def _a_network_that_does_not_run_has_no_score(factory: Make) -> None:
    broken = nn.Sequential(nn.Conv2d(3, 8, 99), nn.BatchNorm2d(8), nn.ReLU())
    if factory().cheap:  # What never runs the network cannot know.
        _scored_or_reason(factory(), broken)
        return
    with raises(CannotScoreError, r"(\S+ ){3}"):
        factory().score(broken, seed=1)


@PROXY.add
def _images_of_a_folder(factory: Make) -> None:
    if "images" not in _options_of(factory):
        return
    with TemporaryDirectory() as folder:
        _check_images(factory, write_images(Path(folder) / "images"))


def _check_images(factory: Make, images: Path) -> None:
    proxy = factory(images=str(images))
    score = proxy.score(RESNET, seed=1)
    assert math.isfinite(score.value)
    assert proxy.score(RESNET, seed=1) == score
    assert pickle.loads(pickle.dumps(proxy)).score(RESNET, seed=1) == score
    assert proxy.images == str(images)  # type: ignore[attr-defined]
    if getattr(proxy, "variant", "paper") == "released":
        assert score == factory().score(RESNET, seed=1), "the released code scores on noise alone"
    with raises(UserError, "expected a folder of class folders with images in them, and there is none"):
        factory(images=str(images.parent / "nowhere"))


@PROXY.add
def _what_is_combined_are_ranks(factory: Make) -> None:
    proxy = factory()
    if not isinstance(proxy, RankedProxy):
        assert proxy.score(RESNET, seed=1).parts == ()
        return
    scores = [proxy.score(architecture, seed=1) for architecture in (RESNET, MOBILENET)]
    for score in scores:
        assert len(score.parts) == len(proxy.part_names)
        assert all(type(part) is float and math.isfinite(part) for part in score.parts)
        assert score.value == proxy.combine([score.parts])[0]
    rng = Random(1)
    parts = [tuple(float(rng.randrange(6)) for _ in proxy.part_names) for _ in range(12)]
    combined = proxy.combine(parts)
    assert len(combined) == len(parts)
    assert all(math.isfinite(value) for value in combined)
    order = rng.sample(range(12), 12)
    assert _close(proxy.combine([parts[index] for index in order]), [combined[index] for index in order])
    if getattr(proxy, "variant", "paper") == "paper":
        assert _close(proxy.combine([tuple(math.exp(part) for part in row) for row in parts]), combined)
    _check_order(proxy)


def _check_order(proxy: RankedProxy) -> None:
    """Equal networks have one score; a network that is better in every part is better."""
    width = len(proxy.part_names)
    worst, middle, same, best = proxy.combine([(-7.0,) * width, (1.0,) * width, (1.0,) * width, (9.0,) * width])
    assert worst < middle == same < best
    for index in range(width):
        better = tuple(2.0 if part == index else 1.0 for part in range(width))
        one, two = proxy.combine([(1.0,) * width, better])
        assert one < two
