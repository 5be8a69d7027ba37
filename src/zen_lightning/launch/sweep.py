"""Runs a sweep's jobs; reports and records each outcome."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.launch.backend import Backend
from zen_lightning.launch.job import LOG, Job
from zen_lightning.launch.job_record import Ended, State, read_done, read_stopped
from zen_lightning.launch.plan import varying
from zen_lightning.launch.sweep_record import TABLE, SweepRecord
from zen_lightning.runs.command_line import command_line, override_path, resuming
from zen_lightning.runs.scale import scale_of
from zen_lightning.system.full_disk import no_room
from zen_lightning.system.numbers import score_text, short_time
from zen_lightning.system.short_path import short_path

_RANKED, _LEAST_RANKED = 10, 2
"""Jobs that the end of a sweep lists, at most and at least. A choice: all of them are in its table."""


def run_jobs(jobs: Sequence[Job], backend: Backend, record: SweepRecord) -> list[Ended]:
    """Run those jobs that are not done yet, and return the outcome of each, in order.

    Args:
        jobs: the jobs of one batch of a sweep.
        backend: the backend that runs them.
        record: the record of the sweep.

    Raises:
        KeyboardInterrupt: after all jobs were stopped, and how to continue was printed; at SIGTERM, SystemExit.
        UserError: the folder holds another sweep, the backend cannot be used as it is configured, or the disk is full.
    """
    with explaining_full_disk(record.folder):
        return _run_jobs(jobs, backend, record)


@contextmanager
def explaining_full_disk(folder: Path) -> Iterator[None]:
    """Raise a UserError in place of the error of a full disk.

    Args:
        folder: the folder of the sweep.
    """
    try:
        yield
    except OSError as error:
        room = no_room(error)
        if room is None:
            raise
        remedy = f"{room.remedy}, then continue with {resuming(folder)}"
        raise UserError(f"{room.said}; finished jobs are kept", remedy=remedy) from error


def _run_jobs(jobs: Sequence[Job], backend: Backend, record: SweepRecord) -> list[Ended]:
    done = {job.number: ended for job in jobs if (ended := read_done(Path(job.folder), job.overrides)) is not None}
    record.plan(jobs, done)
    names = varying(record.jobs)
    skipped = f"; {len(done)} of them done before" if done else ""
    count = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
    print(f"{count}, {backend.where}, in {short_path(record.folder)}{skipped}", flush=True)
    ended_now = len(done)

    def tell(sentence: str) -> None:
        record.note(sentence)
        print(sentence, flush=True)

    waiting = iter([job for job in jobs if job.number not in done])

    def source() -> Job | None:
        job = next(waiting, None)
        if job is not None and not backend.logged:
            print(f"\n{job.name}: {' '.join(job.overrides)}", flush=True)
        return job

    try:
        with closing(backend.run(source, tell)) as running:
            for job, ended in running:
                ended_now += 1
                record.end(job, ended)
                print(f"[{ended_now}/{len(jobs)}] {_line(job, ended, names[job.number])}", flush=True)
    except (KeyboardInterrupt, SystemExit):
        for job in jobs:
            stopped = read_stopped(Path(job.folder), job.overrides)
            if stopped is not None and job.number not in record.ended:
                record.end(job, stopped)
        finished = sum(ended.state == State.DONE for ended in record.ended.values())
        print(
            f"\nstopped, {finished} of {len(record.jobs)} jobs are done: continue with {resuming(record.folder)}",
            file=sys.stderr,
        )
        raise
    return [record.ended[job.number] for job in jobs]


def show_summary(record: SweepRecord) -> bool:
    """Print how a sweep went: how many jobs are done, and why others are not.

    Returns:
        whether all are done.
    """
    names = varying(record.jobs)
    bad = [job for job in record.jobs if record.ended[job.number].state != State.DONE]
    parts = [f"{len(record.jobs) - len(bad)} done"]
    for state in (State.FAILED, State.KILLED, State.STOPPED):
        count = sum(record.ended[job.number].state == state for job in bad)
        if count:
            parts.append(f"{count} {state}")
    many = "1 job" if len(record.jobs) == 1 else f"{len(record.jobs)} jobs"
    print(f"\n{many} in {short_time(record.seconds)}: {', '.join(parts)}; see {short_path(record.folder / TABLE)}")
    for sentence in record.notices:
        print(f"  {sentence}")
    for line in _ranking(record, names):
        print(line)
    for job in bad:
        ended = record.ended[job.number]
        log = Path(job.folder) / LOG
        print(f"  job {job.number} {ended.state} ({names[job.number]}): {ended.error}")
        print(f"    in {short_path(log if log.exists() else Path(job.folder))}")
    if bad:
        print(f"{resuming(record.folder)} runs the jobs that are not done")
    print(f"report: {short_path(_leave_report(record, names))}", flush=True)
    return not bad


def _leave_report(record: SweepRecord, names: Mapping[int, str]) -> Path:
    from zen_lightning.report.html.sweep import write_sweep_report  # Only the end of a sweep draws.

    return write_sweep_report(record.folder, record.rows, names, record.seconds)


def _ranking(record: SweepRecord, names: Mapping[int, str]) -> list[str]:
    """Return the jobs by what their tasks returned, and the command that sums them up; nothing where that is no one number.

    Scores by different proxies are not on one scale, nor are accuracies on different datasets: each has a ranking of its own.
    """
    values = {number: ended.objective for number, ended in record.ended.items() if isinstance(ended.objective, int | float)}
    if len(values) < _LEAST_RANKED:
        return []
    folders = {job.number: Path(job.folder) for job in record.jobs}
    scales: dict[str, list[int]] = {}
    for number in sorted(values, key=lambda number: (-values[number], number)):
        scales.setdefault(scale_of(folders[number], record.ended[number].scale), []).append(number)
    lines: list[str] = []
    for scale in sorted(scales):
        ranked = scales[scale]
        lines.append(f"highest first, {scale}:" if len(scales) > 1 and scale else "highest first:")
        lines += (f"  {score_text(values[number])}  job {number} ({names[number]})" for number in ranked[:_RANKED])
        lines += [f"  and {len(ranked) - _RANKED} more"] if len(ranked) > _RANKED else []
    return [*lines, f"a table, averaged over seeds: {command_line(_aggregate(record.folder))}"]


def _aggregate(folder: Path) -> list[str]:
    return ["task=aggregate", f"sweep={override_path(short_path(folder))}"]


def _line(job: Job, ended: Ended, name: str) -> str:
    if ended.state != State.DONE:
        return f"job {job.number} {ended.state} ({name}): {ended.error}"
    values = ended.objective if isinstance(ended.objective, list) else [ended.objective]
    result = ", ".join(score_text(value) for value in values if value is not None)
    return f"job {job.number} done in {short_time(ended.seconds)} ({name})" + (f": {result}" if result else "")
