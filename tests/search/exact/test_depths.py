"""The optimum under each of several limits on layers."""

import pytest

from brute_force import small
from zen_lightning.budget import FlopsLimit, LayersLimit
from zen_lightning.search.exact.depths import optima_at_depths

START = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"


@pytest.mark.usefixtures("no_shared_memory")
def test_without_memory_to_share_one_depth_comes_after_the_other() -> None:
    setup = small("mobilenet", START, [LayersLimit(5), FlopsLimit(700_000, 32, 10)])
    alone, beside = (optima_at_depths(setup, [4, 5], 2, 32, processes, seconds=600.0) for processes in (1, 2))
    assert [one.networks for one in alone] == [one.networks for one in beside]
    assert all(one.networks and one.in_time for one in alone)
