"""What a grid keeps, whatever the order in which it is offered."""

import math
from random import Random

from zen_lightning.arch import Architecture
from zen_lightning.search.grid import Grid, Kept


def network(number: int) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{8 * (number + 1)},1,1)")


def offered(grid: Grid, members: list[tuple[Kept, tuple[float, ...]]]) -> set[int]:
    """Return the serials of what the grid holds after all were offered."""
    for member, _ in members:
        member.grids = 0
    held: dict[int, Kept] = {}
    for member, costs in members:
        for dropped in grid.add(member, [math.log(cost) for cost in costs]):
            del held[dropped.serial]
        if member.grids:
            held[member.serial] = member
    assert all(member.grids == 1 for member in held.values())
    return set(held)


def drawn(rng: Random, count: int, costs: int) -> list[tuple[Kept, tuple[float, ...]]]:
    """Return members with few different scores and costs, so that they tie."""
    return [
        (
            Kept(float(int(rng.random() * 8)), number, network(number), -1),
            tuple(1 + int(rng.random() * 9) for _ in range(costs)),
        )
        for number in range(count)
    ]


def expected(members: list[tuple[Kept, tuple[float, ...]]], steps: float, capacity: int) -> set[int]:
    """Return by the definition what a grid keeps."""
    keyed = [(member, tuple(math.ceil(math.log(cost) * steps) for cost in costs)) for member, costs in members]
    kept = set()
    for member, key in keyed:
        beaten = any(
            other_key != key and other.score >= member.score and all(a <= b for a, b in zip(other_key, key, strict=True))
            for other, other_key in keyed
        )
        above = [o for o, k in keyed if k == key and (o.score, -o.serial) > (member.score, -member.serial)]
        if not beaten and len(above) < capacity:
            kept.add(member.serial)
    return kept


def test_it_keeps_the_best_few_of_each_cell_that_no_other_cell_beats() -> None:
    rng = Random(1)
    for costs in (1, 2, 3):
        for _ in range(30):
            members = drawn(rng, 60, costs)
            held = offered(Grid(range(costs), 3.0, 2), members)
            assert held == expected(members, 3.0, 2)


def test_it_is_rebuilt_from_its_members_in_any_order_and_draws_the_same() -> None:
    rng = Random(2)
    members = drawn(rng, 80, 2)
    one, two = Grid((0, 1), 3.0, 2), Grid((0, 1), 3.0, 2)
    held = offered(one, members)
    again = [pair for pair in reversed(members) if pair[0].serial in held]
    assert offered(two, again) == held
    one_rng, two_rng = Random(3), Random(3)
    assert [one.draw(one_rng).serial for _ in range(200)] == [two.draw(two_rng).serial for _ in range(200)]


def test_a_structure_is_there_once() -> None:
    grid = Grid((0,), 3.0, 2)
    first, again = Kept(1.0, 0, network(0), -1), Kept(1.0, 1, network(0), -1)
    assert grid.add(first, [0.0]) == []
    assert grid.add(again, [0.0]) == []
    assert (first.grids, again.grids) == (1, 0)
