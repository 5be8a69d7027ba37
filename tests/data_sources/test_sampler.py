"""Which images come when, on which process."""

import pytest

from zen_lightning.data.sampler import EpochSampler, ShardSampler
from zen_lightning.data.samples import SampleKey
from zen_lightning.errors import UserError


def epoch_of(sampler: EpochSampler, epoch: int) -> list[SampleKey]:
    sampler.set_epoch(epoch)
    return list(sampler)


def test_each_image_at_most_once_and_whole_batches() -> None:
    sampler = EpochSampler(103, 10)
    keys = epoch_of(sampler, 3)
    assert len(keys) == len(sampler) == 100
    assert len({key.index for key in keys}) == 100
    assert {key.epoch for key in keys} == {3}
    assert all(0 <= key.index < 103 for key in keys)


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    sampler = EpochSampler(50, 10, seed=1)
    first = epoch_of(sampler, 0)
    assert epoch_of(sampler, 1) != first
    assert [key.index for key in epoch_of(sampler, 1)] != [key.index for key in first]
    assert epoch_of(sampler, 0) == first
    assert epoch_of(EpochSampler(50, 10, seed=1), 0) == first
    assert epoch_of(EpochSampler(50, 10, seed=2), 0) != first


def test_the_order_is_known() -> None:
    assert [key.index for key in EpochSampler(10, 10)] == [0, 2, 9, 4, 6, 7, 1, 3, 5, 8]


@pytest.mark.parametrize("world", [1, 2, 3, 6])
def test_any_number_of_processes_takes_the_same_global_batches(world: int) -> None:
    ranks = [epoch_of(EpochSampler(40, 6 // world, rank, world, seed=4), 2) for rank in range(world)]
    each = 6 // world
    joined = [key for start in range(0, len(ranks[0]), each) for rank in ranks for key in rank[start : start + each]]
    assert joined == epoch_of(EpochSampler(40, 6, seed=4), 2)


@pytest.mark.parametrize(("rank", "world"), [(0, 1), (1, 3)])
@pytest.mark.parametrize("batch", [0, 1, 4, 5])
def test_started_in_the_middle_it_is_the_tail(rank: int, world: int, batch: int) -> None:
    whole = EpochSampler(64, 4, rank, world, seed=9)
    started = EpochSampler(64, 4, rank, world, seed=9)
    started.start_at(7, batch)
    expected = epoch_of(whole, 7)[4 * batch :]
    assert list(started) == expected
    assert epoch_of(started, 7) == expected  # Lightning sets the epoch again.
    assert len(started) == len(whole)
    assert epoch_of(started, 8) == epoch_of(whole, 8)


def test_started_past_the_end() -> None:
    with pytest.raises(ValueError, match="batch 6 of an epoch of 5"):
        EpochSampler(50, 10).start_at(0, 6)


@pytest.mark.parametrize(
    ("size", "batch", "world", "message"),
    [
        (63, 64, 1, r"^batch_size=64: 64 images a step are more than the 63 to train on; lower it to 63 or less$"),
        (100, 64, 2, r"^batch_size=64: 128 images a step \(on 2 processes\) are more than the 100 to train on"),
        (10, 0, 1, r"^batch_size=0: expected 1 or more"),
    ],
)
def test_too_large_a_batch(size: int, batch: int, world: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        EpochSampler(size, batch, world=world)


@pytest.mark.parametrize("world", [1, 2, 3, 12])
def test_validation_takes_each_image_once(world: int) -> None:
    shards = [ShardSampler(10, rank, world) for rank in range(world)]
    assert sorted(key.index for shard in shards for key in shard) == list(range(10))
    assert [len(shard) for shard in shards] == [len(list(shard)) for shard in shards]
    assert {key.epoch for shard in shards for key in shard} == {0}
