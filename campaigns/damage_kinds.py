"""The kinds of files that are read: how a sound one is made, and how it is read by what reads it in a run."""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from campaign import command

TINY = "SuperConvK3BNRELU(3,4,2,1)SuperResK1K3K1(4,6,2,5,1)SuperConvK1BNRELU(6,8,1,1)"


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        name: of the kind.
        path: of a sound file.
        read: returns what it holds, in a form that can be compared.
        grows: whether it is a journal, of which a kill may leave the first lines.
        guarded: whether a change must be noticed; False for what users write by hand.
    """

    name: str
    path: Path
    read: Callable[[], Any]
    grows: bool = False
    guarded: bool = True


def kinds(folder: Path) -> list[Kind]:
    """Return all kinds, after their files have been made in a folder."""
    from damage_exports import datasets, exported

    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    return [
        *_of_a_search(folder / "search"),
        *_of_a_training(folder / "train"),
        *_of_a_correlation(folder),
        *_of_many_runs(folder / "many"),
        *_of_a_tuning(folder / "tune"),
        *_of_latency(folder / "latency"),
        *_of_data(folder / "images"),
        *_by_hand(folder / "hand"),
        *exported(folder / "exported"),
        *datasets(folder / "datasets"),
    ]


def _ran(*words: str) -> None:
    ended = command(*words)
    if ended.code != 0:
        raise RuntimeError(f"{' '.join(words)}: {ended.err or ended.fault}")


def _of_a_search(folder: Path) -> Iterator[Kind]:
    from zen_lightning.runs.command_record import read_record
    from zen_lightning.runs.hydra_record import HydraRecord
    from zen_lightning.runs.result import read_result
    from zen_lightning.runs.run_folder import RunFolder
    from zen_lightning.search.journal import SearchJournal

    _ran(
        "search=zen",
        "budget=params1M",
        "search.iterations=400",
        "search.population_size=16",
        "search.finalists=1",
        f"output_dir={folder}",
    )
    yield Kind("command.json", folder / "command.json", lambda: read_record(folder))
    yield Kind("result.json of a search", folder / "result.json", lambda: read_result(folder))
    yield Kind("history.csv of a search", folder / "history.csv", lambda: _table(folder, "history.csv"))
    yield Kind("checksum of history.csv", folder / ".sha256" / "history.csv", lambda: _table(folder, "history.csv"))
    yield Kind("population.csv", folder / "population.csv", lambda: RunFolder.read(folder).table("population.csv"))
    yield Kind("finalists.csv", folder / "finalists.csv", lambda: _table(folder, "finalists.csv"))
    yield Kind(".hydra/config.yaml", folder / ".hydra" / "config.yaml", lambda: HydraRecord(folder).settings)
    yield Kind(
        ".hydra/hydra.yaml",
        folder / ".hydra" / "hydra.yaml",
        lambda: (HydraRecord(folder).choices, HydraRecord(folder).folders),
    )
    yield Kind(".hydra/overrides.yaml", folder / ".hydra" / "overrides.yaml", lambda: HydraRecord(folder).overrides)
    journal = next((folder / "journal").glob("*.jsonl"))
    identity = json.loads(journal.read_text().splitlines()[0])["identity"]

    def read() -> Any:
        with SearchJournal(journal, identity) as opened:
            return list(opened._records)

    yield Kind("journal of a search", journal, read, grows=True)


def _table(folder: Path, name: str) -> Any:
    from zen_lightning.runs.run_folder import RunFolder

    return RunFolder(folder, "search", {}).table(name)


def _of_a_training(folder: Path) -> Iterator[Kind]:
    from zen_lightning.api.candidate_training import TRAINED, _finished
    from zen_lightning.nets import read_weights
    from zen_lightning.runs.result import read_result
    from zen_lightning.system.json_files import write_json
    from zen_lightning.tracking.run_ids import read_run_id, write_run_id

    _ran("task=train", f"arch={TINY}", "dataset=digits", "recipe.epochs=1", "recipe.warmup_epochs=0", "limit=16",
         "recipe.batch_size=8", "trainer=cpu", "trainer.loader_workers=0", f"output_dir={folder}")  # fmt: skip
    yield Kind("result.json of a training", folder / "result.json", lambda: read_result(folder))
    yield Kind("history.csv of a training", folder / "history.csv", lambda: _table(folder, "history.csv"))
    for name in ("last.ckpt", "best.ckpt"):
        path = folder / "checkpoints" / name
        yield Kind(name, path, partial(_checkpoint, path))
    weights = folder / "weights.safetensors"

    def read() -> Any:
        network, metadata = read_weights(weights)
        return _plain(dict(network.state_dict())), metadata

    yield Kind("weights.safetensors", weights, read)
    identity = {"structure": TINY, "seed": 0}
    trained = {"val_top1": 61.25, "best_epoch": 3, "epochs": 4, "train_images": 16, "device": "cpu", "seconds": 1.5}
    write_json(folder / TRAINED, {"identity": identity, **trained})
    yield Kind(TRAINED, folder / TRAINED, lambda: _finished(folder, identity))
    write_run_id(folder, "wandb", "a1b2c3d4")
    yield Kind("name of a tracked run", folder / "wandb_run_id.txt", lambda: read_run_id(folder, "wandb"), guarded=False)


def _checkpoint(path: Path) -> Any:
    from zen_lightning.training.checkpoint_io import read_checkpoint

    return _plain(read_checkpoint(path))


def _plain(content: Any) -> Any:
    if isinstance(content, torch.Tensor):
        return str(content.dtype), tuple(content.shape), content.reshape(-1).view(torch.uint8).numpy().tobytes()
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    return [_plain(item) for item in content] if isinstance(content, list | tuple) else content


def _of_a_correlation(folder: Path) -> Iterator[Kind]:
    from zen_lightning.correlate.accuracies import read_accuracies
    from zen_lightning.correlate.record import ScoreRecord

    rows = [
        f'"SuperConvK3BNRELU(3,{width},2,1)SuperConvK1BNRELU({width},32,1,1)",{60 + width / 8}' for width in range(8, 64, 8)
    ]
    known = folder / "known.csv"
    known.write_text("\n".join(["architecture,top1", *rows]) + "\n")
    place = folder / "correlate"
    _ran(
        "task=correlate",
        f"accuracies={known}",
        "proxies=[params,flops]",
        "bootstrap=10",
        "resolution=32",
        f"output_dir={place}",
    )
    path = place / "scores.jsonl"
    identity = json.loads(path.read_text().splitlines()[0])["identity"]

    def read() -> Any:
        with ScoreRecord(path, identity) as opened:
            return [*opened._proxies.items(), *opened._known.items()]

    yield Kind("scores.jsonl", path, read, grows=True)
    for name in ("scores.csv", "correlations.csv"):
        yield Kind(name, place / name, partial(_table, place, name))
    yield Kind("a table of accuracies", known, lambda: read_accuracies(known), guarded=False)


def _of_many_runs(folder: Path) -> Iterator[Kind]:
    from zen_lightning.launch.job import Job
    from zen_lightning.launch.job_record import Ended, State, read_record, write_ended
    from zen_lightning.launch.sweep_record import SweepRecord
    from zen_lightning.runs.stages_file import read_stages_asked, write_stages_asked
    from zen_lightning.runs.sweep_file import read_sweep

    folder.mkdir()
    jobs = [
        Job(number, (f"seed={number}", "budget=params1M"), (), str(folder / str(number)), str(folder)) for number in range(3)
    ]
    record = SweepRecord(folder, ["-m", "seed=0,1,2", "budget=params1M"])
    record.plan(jobs, {})
    for job in jobs:
        record.end(job, Ended(State.DONE, 1.25, 80.5 + job.number))
    yield Kind("sweep.json", folder / "sweep.json", lambda: read_sweep(folder))
    write_ended(folder, 1, ["seed=1"], Ended(State.DONE, 1.25, [80.5, 3]))
    yield Kind("job.json", folder / "job.json", lambda: read_record(folder) or None)
    write_stages_asked(folder, {"search": ["task=search", "seed=1"], "train": ["task=train", f"arch={folder / 'search'}"]})
    yield Kind("stages.json", folder / "stages.json", lambda: read_stages_asked(folder))


def _of_a_tuning(folder: Path) -> Iterator[Kind]:
    from zen_lightning.system.journal import sound_lines
    from zen_lightning.tasks.many.tune_space import Interval
    from zen_lightning.tasks.many.tune_study import JOURNAL, owned_study

    def study(ask: bool) -> Any:
        with owned_study(folder, {"seed": 0}, "maximize") as opened:
            if ask:
                for number in range(3):
                    trial = opened.ask({"x": Interval(0.0, 1.0, False, None).distribution()})
                    trial.report(float(number), 1)
                    opened.tell(trial, trial.params["x"])
            opened.get_trials(deepcopy=False)
        with (folder / JOURNAL).open("rb") as file:
            records = [record for record, _ in sound_lines(file)]
        for one in records:
            one.pop("worker_id")
        return [*records[:1], *(one for one in records[1:] if one["op_code"] != 0)]  # Opening asks for the study again.

    study(True)
    yield Kind("journal of a tuning", folder / JOURNAL, lambda: study(False), grows=True)


def _of_latency(folder: Path) -> Iterator[Kind]:
    from zen_lightning.latency import profile as profiles
    from zen_lightning.latency.calibration import CALIBRATION, _kept, keep_ratio
    from zen_lightning.latency.profile_journal import ProfileJournal
    from zen_lightning.latency.timing import Timing
    from zen_lightning.search.depth_choice import _kept as kept_depths
    from zen_lightning.system.json_files import write_json

    shipped = profiles.find_profile("build-cpu")
    profile = folder / "profile.json"
    shipped.write(profile)
    yield Kind("latency profile", profile, lambda: profiles.read_profile(profile))
    keep_ratio(folder, shipped, 1.043, [])
    yield Kind(CALIBRATION, folder / CALIBRATION, lambda: _kept(folder / CALIBRATION, shipped.checksum) or "another")
    depths = folder / "depths.json"
    one = {"limit": 14, "layers": 13, "score": 80.5, "calibrated": 71.25, "top1": 68.5, "structure": TINY}
    write_json(depths, {"chosen": 14, "depths": [one, {**one, "limit": 16}], "search": "ab" * 32})
    yield Kind("depths.json", depths, lambda: kept_depths(depths, "ab" * 32))
    journal = folder / "profile.jsonl"

    def read() -> Any:
        with ProfileJournal(journal, {"seed": 0, "device": "cpu"}) as opened:
            return list(opened._timings.items())

    with ProfileJournal(journal, {"seed": 0, "device": "cpu"}) as opened:
        for number in range(12):
            opened.add(f"conv {number}", Timing(0.001 * number, 0.0012 * number, 0.0015 * number, 30, 0.05))
    yield Kind("journal of a profile", journal, read, grows=True)


def _of_data(folder: Path) -> Iterator[Kind]:
    from zen_lightning.data.index_file import FolderIndex, packed, read_index, write_index
    from zen_lightning.data.statistics_cache import StatisticsCache
    from zen_lightning.system.download import _Download
    from zen_lightning.system.json_files import write_json

    folder.mkdir()
    content, lengths = packed([f"class{number % 3}/{number}.png".encode() for number in range(30)])
    numbers = np.arange(30, dtype=np.int64)
    index = folder / "index"
    write_index(
        index,
        FolderIndex(
            content,
            np.cumsum(lengths),
            numbers % 3,
            numbers + 100,
            numbers * 10**9,
            (numbers % 2 + 1).astype(np.uint8),
            {3: "cut"},
        ),
    )

    def read() -> Any:
        found = read_index(index)
        return found and [part if isinstance(part, dict) else np.asarray(part).tobytes() for part in found]

    yield Kind("index of images", index, read)
    url = "https://example.org/file"
    part = _Download(url, folder / "file", "", 1.0)
    part._part.write_bytes(b"half")
    write_json(part._note, {"url": url, "size": 8, "ETag": '"a1b2"'})
    yield Kind("note of a download", part._note, lambda: part._read_note() or None)
    cache = StatisticsCache(folder)
    cache.remember("key", [[0.5, 0.25, 0.125], [1.0, 2.0, 3.0]])
    yield Kind("statistics of images", cache.path, lambda: cache.get("key"))


def _by_hand(folder: Path) -> Iterator[Kind]:
    from zen_lightning.api.sources import read_architecture
    from zen_lightning.nets.safe_load import load_safely
    from zen_lightning.system.yaml_files import read_yaml

    folder.mkdir()
    text = folder / "best_structure.txt"
    text.write_text(f"{TINY}\n")
    yield Kind("a structure", text, lambda: str(read_architecture(str(text))), guarded=False)
    checkpoint = folder / "original.pth"
    torch.save({"state_dict": {"weight": torch.arange(12.0)}}, checkpoint)
    yield Kind("a checkpoint of the original", checkpoint, lambda: _plain(load_safely(checkpoint)), guarded=False)
    yaml = folder / "mine.yaml"
    yaml.write_text(
        "# @package _global_\ndefaults:\n  - override /budget: flops600M\n\nsearch:\n  iterations: 500\nbudget:\n  flops: 3e8\n"
    )
    yield Kind("YAML", yaml, lambda: read_yaml(yaml), guarded=False)
