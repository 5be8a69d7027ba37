"""What a profile measures."""

from dataclasses import replace

from zen_lightning.latency.grid import Extent, default_extent, grid, occurs, reaches
from zen_lightning.latency.operations import NORM, network_operations
from zen_lightning.latency.samples import preset_start
from zen_lightning.latency.settings import LatencySettings

SMALL = Extent((1e7, 3e8), drawn=4, networks_from=10)


def test_no_operation_is_heavier_than_one_that_occurs_and_none_comes_twice() -> None:
    points = grid(LatencySettings(), SMALL)
    assert len(set(points)) == len(points)
    assert all(occurs(operation, SMALL) for operation in points)
    assert max(operation.macs for operation in points) > 0.3 * SMALL.heaviest
    assert points == grid(LatencySettings(), SMALL)
    assert points != grid(LatencySettings(), SMALL, seed=1)


def test_batch_norms_are_measured_where_they_are_not_folded() -> None:
    kinds = {operation.kind for operation in grid(LatencySettings(fold_batch_norms=False), SMALL)}
    assert NORM in kinds
    assert {operation.kind for operation in grid(LatencySettings(), SMALL)} == kinds - {NORM}


def test_more_is_drawn_where_networks_spend_their_time() -> None:
    points = grid(LatencySettings(), replace(SMALL, drawn=20, networks_from=60))
    counts = {family: sum(one.family == family for one in points) for family in ("conv1s1", "conv3s1", "conv7s2", "relu")}
    assert counts["conv1s1"] > counts["conv3s1"] > counts["conv7s2"] > 20


def test_the_starts_of_the_presets_are_reached() -> None:
    extent = default_extent(LatencySettings())
    assert all(reaches(extent)(preset_start(space, factor)) for space in ("resnet", "mobilenet") for factor in (0.02, 1.0))
    families = {operation.family for operation in grid(LatencySettings(), SMALL)}
    for space in ("resnet", "mobilenet"):
        assert {operation.family for operation in network_operations(preset_start(space).blocks, 224, 1000)} <= families
