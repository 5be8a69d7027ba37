"""The requirements on every limit."""

import math
import pickle
from collections.abc import Callable
from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture, parse_architecture
from zen_lightning.budget import Budget, Limit
from zen_lightning.testing.suite import Suite

_NETWORKS = (
    "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)",
    "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE4K7(16,40,2,40,2)SuperConvK1BNRELU(40,96,1,1)",
)
"""Rows of two spaces, small enough for a limit that builds and times networks."""


class LimitCase(NamedTuple):
    """A limit, and networks that it measures.

    Attributes:
        make: gives the limit with a maximum.
        networks: the networks that it is asked about.
    """

    make: Callable[[float], Limit]
    networks: tuple[BaseArchitecture, ...]


LIMIT: Suite[LimitCase] = Suite("limit")
"""The checks."""


def check_limit(limit: Callable[[float], Limit], *networks: str) -> None:
    """Check a limit of your own against the requirements on every limit: names, texts, measures, bounds.

    Args:
        limit: makes it with a maximum: its class, or ``partial(MyLimit, num_classes=10)`` for one with more arguments.
        networks: architectures that it is asked about, as text; by default two small rows of super-blocks.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> from zen_lightning.budget import LayersLimit
        >>> check_limit(LayersLimit)
    """
    LIMIT.run(LimitCase(limit, tuple(map(parse_architecture, networks or _NETWORKS))))


@LIMIT.add
def _it_has_a_name_a_column_and_a_title(case: LimitCase) -> None:
    limit = case.make(1.0)
    assert limit.name.isidentifier(), f"its name {limit.name!r} is no key"
    assert limit.column.isidentifier(), f"its column {limit.column!r} is no name of a column"
    assert limit.title, "it has no title"
    assert limit.heading(), "it has no heading"
    assert limit.axis(224), "it has no text for an axis"


@LIMIT.add
def _measures_are_finite_and_above_zero(case: LimitCase) -> None:
    limit = case.make(1.0)
    for network in case.networks:
        value = limit.measure(network)
        assert math.isfinite(value), f"{network} measures {value}"
        assert value > 0, f"{network} measures {value}"


@LIMIT.add
def _one_that_is_repeatable_measures_the_same_each_time(case: LimitCase) -> None:
    one, other = case.make(1.0), case.make(2.0)
    for network in case.networks:
        if one.repeatable:
            assert one.measure(network) == one.measure(network) == other.measure(network), f"{network} differs"


@LIMIT.add
def _its_maximum_passes_and_what_is_above_does_not(case: LimitCase) -> None:
    limit = case.make(1.0)
    for network in case.networks:
        if not limit.repeatable:
            continue
        value = limit.measure(network)
        assert Budget([case.make(value)]).violated(network) is None, f"{network} is over a maximum of its own {value}"
        tight = case.make(value * (1 - 1e-9) if not float(value).is_integer() else value - 1)
        assert Budget([tight]).violated(network) is tight, f"{network} passes a maximum below its own {value}"


@LIMIT.add
def _what_it_writes_it_reads(case: LimitCase) -> None:
    limit = case.make(1.0)
    assert limit.read("3") == 3, f"it reads 3 as {limit.read('3')}"
    for value in (1, 250_000_000):
        assert limit.text(value), f"it has no text for {value}"
        assert limit.text(value) in limit.phrase(value), f"the phrase {limit.phrase(value)!r} lacks {limit.text(value)!r}"
        assert limit.tick(value), f"it has no text for the tick {value}"


@LIMIT.add
def _it_goes_to_other_processes(case: LimitCase) -> None:
    copy = pickle.loads(pickle.dumps(case.make(7.0)))
    assert copy.maximum == 7.0, f"its maximum arrives as {copy.maximum}"
