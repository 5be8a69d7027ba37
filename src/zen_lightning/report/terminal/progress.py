"""What the progress of a search, of scoring and of a profile says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zen_lightning.search.run import Progress
from zen_lightning.system.live_bar import LiveBar
from zen_lightning.system.numbers import score_text, short_time

if TYPE_CHECKING:
    from zen_lightning.correlate.scoring import Scored
    from zen_lightning.latency.profiler import ProfilingStep


@contextmanager
def search_progress(iterations: int, restarts: int = 1) -> Iterator[Callable[[Progress], None]]:
    """Yield what shows the progress of one or several searches: best score, share accepted, pace, time left.

    Args:
        iterations: of each search.
        restarts: how many searches.
    """
    latest: dict[int, Progress] = {}

    def status() -> str:
        scores = [one.best for one in latest.values() if one.best is not None]
        best = f"best {score_text(max(scores))}" if scores else "none fits yet"
        return f"{best}  accepted {sum(one.accepted for one in latest.values()) / max(bar.done, 1):.0%}"

    def show(progress: Progress) -> None:
        latest[progress.restart] = progress
        done, earlier = (sum(counts) for counts in zip(*((p.iteration, p.resumed) for p in latest.values()), strict=True))
        bar.update(done, earlier=earlier)

    with LiveBar("searching", "iterations", iterations * restarts, status=status) as bar:
        yield show


@contextmanager
def scoring_progress() -> Iterator["Callable[[Scored], None]"]:
    """Yield what shows how far the scoring of a study is."""

    def show(scored: "Scored") -> None:
        if scored.done <= scored.resumed + 1:  # Workers have started when the first score is there.
            bar.restart_clock(scored.done)
        bar.update(scored.done, total=scored.total)

    with LiveBar("scoring", "scores", None) as bar:
        yield show


@contextmanager
def profile_progress() -> Iterator[Callable[["ProfilingStep"], None]]:
    """Yield what shows each step of a profile; its measurements take different times, so that it knows best what is left."""
    latest: list[ProfilingStep] = []

    def left() -> str:
        share = latest[0].share_done
        return f"{short_time(bar.seconds / share * (1 - share))} left" if share else ""

    def show(step: "ProfilingStep") -> None:
        if step.done == step.resumed + 1:
            bar.restart_clock(step.done)
            if step.resumed:
                print(f"going on with {step.resumed:,} measurements of an earlier run", flush=True)
        latest[:] = [step]
        bar.update(step.done, total=step.total)

    with LiveBar("measuring", "measurements", None, status=lambda: latest[0].what, left=left, every=15.0) as bar:
        yield show
