"""A network as a proxy sees it, beside others."""

from typing import NamedTuple


class NetworkScore(NamedTuple):
    """A network as a proxy sees it.

    Attributes:
        proxy: its label.
        network: which one, from 0.
        source: of the network, as the user named it.
        structure: of the network.
        value: the score, among all networks for a proxy that ranks; None where there is none.
        standard_error: of the value, where there is one.
        parts: what a proxy that ranks measured, by name.
        ranked_alone: whether the proxy ranks, and has nothing to rank this network against.
        seconds: it took.
        error: why there is no score; empty with one.
    """

    proxy: str
    network: int
    source: str
    structure: str
    value: float | None
    standard_error: float | None
    parts: dict[str, float]
    ranked_alone: bool
    seconds: float
    error: str
