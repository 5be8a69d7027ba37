"""Workers: what they answer, in which order, and what happens when one dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_proxies import Counting, Deadly, Environment, Faulty, Nap
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.pool import Pool, WorkerError
from zen_lightning.search.worker_pool import MOST_DEATHS, WorkerPool


def arch(width: int, depth: int = 1) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)" + f"SuperConvK1BNRELU({width},{width},1,1)" * (depth - 1))


NETWORKS = [arch(width, 1 + width % 3) for width in range(1, 30)]
PROXIES = [Nap(0.002), Faulty(), Nap()]


@pytest.fixture(scope="module")
def workers() -> Iterator[Pool]:
    with WorkerPool(PROXIES, seed=5, workers=2) as pool:
        yield pool


@pytest.fixture(params=["local", "workers"])
def pool(request: pytest.FixtureRequest, workers: Pool) -> Pool:
    return workers if request.param == "workers" else LocalPool(PROXIES, seed=5)


def expected(network: Architecture) -> tuple[float | None, str]:
    params = network.num_params(10)
    return (None, f"{params} is a multiple of five") if params % 5 == 0 else (float(params % 1009 + 5), "")


def test_results_in_any_order(pool: Pool) -> None:
    tickets = [pool.submit(network, which=2 * (index % 2)) for index, network in enumerate(NETWORKS)]
    assert len(set(tickets)) == len(tickets)
    for network, ticket in list(zip(NETWORKS, tickets, strict=True))[::-1]:
        outcome = pool.result(ticket)
        assert (outcome.score.value if outcome.score else None, outcome.error) == expected(network)
        assert 0 <= outcome.seconds < 30
    assert pool.deaths == 0


def test_finished_yields_each_once_and_what_is_submitted_meanwhile(pool: Pool) -> None:
    tickets = {pool.submit(network): network for network in NETWORKS[:9]}
    asked = next(iter(tickets))
    pool.result(asked)
    seen = [asked]
    for ticket, outcome in pool.finished():
        seen.append(ticket)
        assert (outcome.score.value if outcome.score else None, outcome.error) == expected(tickets[ticket])
        if len(tickets) < 12:
            network = NETWORKS[len(tickets)]
            tickets[pool.submit(network)] = network
    assert sorted(seen) == sorted(tickets)
    assert list(pool.finished()) == []


def test_a_ticket_is_asked_for_once(pool: Pool) -> None:
    ticket = pool.submit(NETWORKS[0])
    pool.result(ticket)
    with pytest.raises(KeyError):
        pool.result(ticket)


def test_a_users_mistake_and_a_fault_reach_the_caller_and_the_pool_goes_on(workers: Pool) -> None:
    mistake, fault = workers.submit(arch(8, 1), which=1), workers.submit(arch(8, 2), which=1)
    with pytest.raises(UserError, match=r"^batch_size=0: expected 1 or more$"):
        workers.result(mistake)
    with pytest.raises(WorkerError, match=r"(?s)pool_proxies.*ZeroDivisionError: one over nothing"):
        workers.result(fault)
    assert workers.result(workers.submit(NETWORKS[1])).score is not None


def test_what_cannot_be_sent_is_said_at_once(workers: Pool) -> None:
    class Local(Nap):
        """Known to this function alone."""

    with pytest.raises(UserError, match=r"a proxy cannot be sent to a worker process .*workers=1"):
        WorkerPool([Local()])
    assert workers.result(workers.submit(NETWORKS[1])).score is not None


def test_a_worker_sees_what_it_is_given() -> None:
    with WorkerPool([Environment()], workers=2, threads=3, gpus=["6", "7"], preload=["colorsys"]) as pool:
        seen = set()
        deadline = time.monotonic() + 30
        while len(seen) < 2 and time.monotonic() < deadline:
            tickets = [pool.submit(network) for network in NETWORKS[:8]]
            seen |= {outcome.score.parts for ticket in tickets if (outcome := pool.result(ticket)).score}
    assert seen == {(3.0, 6.0, 1.0), (3.0, 7.0, 1.0)}


def test_a_killed_worker_loses_nothing_and_only_it_is_replaced(tmp_path: Path) -> None:
    with WorkerPool([Nap(0.01)], workers=2) as pool:
        first = [pool.submit(network) for network in NETWORKS[:4]]
        pool.result(first[0])
        tickets = first[1:] + [pool.submit(network) for network in NETWORKS[4:]]
        victim, other = pool.pids
        os.kill(victim, signal.SIGKILL)
        for network, ticket in zip(NETWORKS[1:], tickets, strict=True):
            outcome = pool.result(ticket)
            assert (outcome.score is None) == (network.num_params(10) % 5 == 0)
        assert pool.deaths == 1
        assert pool.pids[1] == other != pool.pids[0] != victim


def test_a_network_that_kills_three_workers_has_no_score_and_its_neighbours_do() -> None:
    with WorkerPool([Deadly(layers=2)], workers=2) as pool:
        networks = [arch(width, 1) for width in (7, 9, 11)]
        before = [pool.submit(network) for network in networks]
        deadly = pool.submit(arch(8, 2))
        after = [pool.submit(network) for network in networks]
        outcome = pool.result(deadly)
        assert (outcome.score, outcome.error) == (None, "the process that scored it died 3 times")
        assert all(pool.result(ticket).score for ticket in before + after)
        assert pool.deaths == MOST_DEATHS


def test_workers_that_cannot_start_are_an_error() -> None:
    with WorkerPool([Nap()], workers=1, preload=["no_such_module"]) as pool:
        ticket = pool.submit(NETWORKS[0])
        with pytest.raises(WorkerError, match="no_such_module"):
            pool.result(ticket)


def test_a_script_without_a_guard_ends_with_a_sentence(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from zen_lightning.proxy.closed_form import ZenClosedForm\n"
        "from zen_lightning.arch import Architecture\n"
        "from zen_lightning.search.worker_pool import WorkerPool\n"
        "with WorkerPool([ZenClosedForm(32)], workers=1) as pool:\n"
        "    pool.result(pool.submit(Architecture.parse('SuperConvK3BNRELU(3,8,1,1)')))\n"
    )
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "5 worker processes in a row died as they started" in ended.stderr
    assert "if __name__ == '__main__':" in ended.stderr


PARENT = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell starts what is in the background without.
sys.path[:0] = {path!r}
from pool_proxies import Nap
from zen_lightning.arch import Architecture
from zen_lightning.search.worker_pool import WorkerPool
if __name__ == "__main__":
    with WorkerPool([Nap(100)], workers=2) as pool:
        network = Architecture.parse("SuperConvK3BNRELU(3,9,1,1)")
        pool.submit(network), pool.submit(network)
        while not all(worker.ready for worker in pool._workers):
            pool._listen()
        print(*pool.pids, flush=True)
        pool.result(0)
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent(tmp_path: Path, sent: int) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(path=[str(Path(__file__).parents[1])]))
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    for pid in pids:
        os.kill(pid, signal.SIGINT)  # Left to the parent.
    time.sleep(0.2)
    assert all(alive(pid) for pid in pids)
    parent.send_signal(sent)
    parent.wait(timeout=60)
    deadline = time.monotonic() + 60
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_each_network_is_scored_once(tmp_path: Path) -> None:
    path = tmp_path / "scored"
    with WorkerPool([Counting(path)], workers=2) as pool:
        for _ in [pool.submit(network) for network in NETWORKS]:
            pass
        assert len(list(pool.finished())) == len(NETWORKS)
    assert sorted(path.read_text().splitlines()) == sorted(map(str, NETWORKS))
