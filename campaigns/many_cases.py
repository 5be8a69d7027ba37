"""Checks many cases in few processes: a fork for some hundred of them, and an alarm for each."""

import json
import multiprocessing
import os
import signal
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hypothesis import given
from hypothesis.strategies import SearchStrategy

from campaign import drawing

C = TypeVar("C")
_EACH_FORK = 100
_GRACE = 30
"""Cases of a fork unless it is told otherwise, and seconds after its alarm in which a case may still end. Choices: a fork costs
less than a case."""


class Judged(NamedTuple):
    """What was said of a case.

    Attributes:
        outcome: it is counted under.
        fault: what is wrong with the program; empty for nothing.
    """

    outcome: str
    fault: str = ""


class TookTooLong(BaseException):
    """A case was stopped by its alarm; no Exception, so that what is checked does not catch it."""


def add_slices(parser: ArgumentParser) -> None:
    """Add the arguments of a campaign whose cases may be judged a part at a time: the parts of all that ``--count`` draws."""
    parser.add_argument("--processes", type=int, default=2, help="forks at a time")
    parser.add_argument("--first", type=int, default=0, help="first case of those drawn that is judged")
    parser.add_argument("--number", type=int, help="cases that are judged from there; else all")


def slice_of(options: Namespace) -> slice:
    """Return which of the cases that are drawn are to be judged."""
    return slice(options.first, None if options.number is None else options.first + options.number)


def drawn(strategy: SearchStrategy[C], count: int, of_seed: int) -> list[C]:
    """Return cases that Hypothesis draws.

    Args:
        strategy: what they are drawn from.
        count: of the cases, fewer where the strategy has fewer.
        of_seed: the same seed draws the same cases.
    """
    cases: list[C] = []

    @drawing(count, of_seed)
    @given(strategy)
    def draw(case: C) -> None:
        cases.append(case)

    draw()
    return cases


def judge_all(
    cases: Sequence[C],
    judge: Callable[[C], Judged],
    seconds: int,
    processes: int,
    counts: Counter[str],
    faults: list[str],
    each: int = _EACH_FORK,
) -> None:
    """Judge cases in forks of this process.

    Args:
        cases: the cases.
        judge: tells how one of them ended.
        seconds: the longest that a case may take; it is a fault then.
        processes: forks at a time.
        counts: get the outcomes.
        faults: get what is wrong, with the case.
        each: cases of a fork.
    """
    chunks = [cases[at : at + each] for at in range(0, len(cases), each)]
    with ThreadPoolExecutor(processes) as threads:
        for found in threads.map(lambda chunk: list(_judged(chunk, judge, seconds)), chunks):
            for outcome, fault in found:
                counts[outcome] += 1
                if fault:
                    faults.append(fault)
                    print(fault, flush=True)
            print(f"{sum(counts.values()):,} of {len(cases):,}: {dict(counts)}", flush=True)


def _judged(chunk: Sequence[C], judge: Callable[[C], Judged], seconds: int) -> Iterator[Judged]:
    """Yield what is said of each case of a fork; where the fork dies, the case is at fault, and another fork goes on."""
    fork = multiprocessing.get_context("fork")
    at = 0
    while at < len(chunk):
        receiver, sender = fork.Pipe(duplex=False)
        process = fork.Process(target=_child, args=(chunk[at:], judge, seconds, sender))
        process.start()
        sender.close()
        while at < len(chunk):
            said = _received(receiver, seconds + _GRACE)
            if said is None:
                break
            yield Judged(*json.loads(said))
            at += 1
        else:
            process.join()
            return
        process.kill()
        process.join()
        yield Judged("died", f"{chunk[at]!r:.400}: the process was killed, exit code {process.exitcode}")
        at += 1


def _received(receiver: Any, seconds: float) -> str | None:
    try:
        return str(receiver.recv()) if receiver.poll(seconds) else None
    except EOFError:
        return None


def _child(chunk: Sequence[C], judge: Callable[[C], Judged], seconds: int, sender: Any) -> None:
    signal.signal(signal.SIGALRM, _stop)
    folder = Path(f"fork-{os.getpid()}")  # Its own, in the folder of the campaign.
    folder.mkdir()
    os.chdir(folder)
    for case in chunk:
        began = time.monotonic()
        signal.alarm(seconds)
        try:
            found = judge(case)
        except TookTooLong:
            found = Judged("hangs", f"{case!r:.400}: over {time.monotonic() - began:.0f} s")
        finally:
            signal.alarm(0)
        sender.send(json.dumps(found))


def _stop(_number: int, _frame: object) -> None:
    raise TookTooLong
