"""How well proxies rank networks whose accuracy is known."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from zen_lightning.api.correlation_files import study_content, write_tables
from zen_lightning.api.kept_folder import kept_folder
from zen_lightning.api.proxies import AnyProxy, ProxiesFor, proxies_for
from zen_lightning.api.sources import Setting
from zen_lightning.api.study import Study, StudyPlan, run_study
from zen_lightning.arch import BaseArchitecture
from zen_lightning.correlate.accuracies import Accuracies, accuracies_of, read_accuracies
from zen_lightning.correlate.question import adjusted, given_names, read_question
from zen_lightning.correlate.scoring import Scored
from zen_lightning.errors import keyed
from zen_lightning.report.terminal.progress import scoring_progress
from zen_lightning.runs.result import Header, write_result
from zen_lightning.search.open_pool import check_workers
from zen_lightning.system.checked import checked
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import Classes, Cores, Count, CountFrom0, Pixels, Seed, Workers

Known = str | Path | Mapping[str | BaseArchitecture, float] | Accuracies


@checked
def correlate(
    accuracies: Known,
    proxies: AnyProxy | Sequence[AnyProxy] | ProxiesFor = ("params", "flops", "naswot"),
    *,
    accuracy: str | None = None,
    sample: Count | None = None,
    within: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    given: str | Sequence[str] | None = None,
    budgets: Mapping[str, Any] | None = None,
    best: int = 10,
    bootstrap: CountFrom0 = 1000,
    resolution: Pixels = 32,
    num_classes: Classes = 10,
    seed: Seed = 0,
    workers: Workers = 1,
    device: str = "cpu",
    threads: Cores | None = None,
    images: str | Path | None = None,
    folder: str | Path | None = None,
    progress: bool | Callable[[Scored], Any] = False,
) -> Study:
    """Return how well proxies rank networks whose accuracy is known, as ``task=correlate`` does.

    Args:
        accuracies: a CSV, plain or ``.gz``, with a column ``architecture`` and one or more of accuracies; or the accuracy of
            each architecture, which may be a text or a name such as ``torchvision:resnet18``.
        proxies: names (``"naswot"``), names with arguments (``{"name": "naswot", "batch_size": 32}``) or objects; or a function
            that gives them for a resolution and classes.
        accuracy: which column; None: the only one of numbers.
        sample: networks drawn by the seed; None: all.
        within: which networks cost the same: ``{"flops": "10%"}``, or a list of such; None: that one; ``[]``: none.
        given: columns or costs whose linear effect is taken out of the accuracies first.
        budgets: where the regret is asked: ``{"flops": ["300M", "600M"]}``; None: the quartiles of the first cost of
            ``within``; ``{}``: nowhere.
        best: networks that a score picks under a budget.
        bootstrap: resamples of the confidence intervals, of 95%; 0: none.
        resolution: height and width of the images.
        num_classes: outputs of the classifiers.
        seed: of the sample, the scores and the resamples.
        workers: processes that score; ``auto``: one for each GPU or core; ``ray``: a cluster.
        device: of torch.
        threads: of torch in each process that scores; None: its own choice with one worker, 1 with more.
        images: folder of class folders that proxies read; None: noise.
        folder: for the files; scores that it holds of this very study are not computed again. None: nothing is left.
        progress: True shows a bar; or a function that is called before the first score and after each.

    Raises:
        UserError: something cannot be used.

    Example:
        >>> import zen_lightning as zl
        >>> names = [name for name in zl.zoo.names() if "cifar10_" in name]
        >>> known = {zl.zoo.structure(name): zl.zoo.entry(name).published["top1"] for name in names}
        >>> found = zl.correlate(known, ["zen", "params"], bootstrap=0)
        >>> found["zen"].scores.values == sorted(found["zen"].scores.values)
        True
        >>> round(found["zen"].correlation.kendall.value, 3)  # Two of the three have the same accuracy.
        0.816
    """
    began = time.monotonic()
    give = proxies if callable(proxies) else proxies_for(proxies, device, images)
    check_workers(workers)
    known = read_known(accuracies, accuracy)
    plan = plan_study(
        known,
        draw(known, sample, seed),
        give,
        within=within,
        given=given,
        budgets=budgets,
        best=best,
        bootstrap=bootstrap,
        resolution=resolution,
        num_classes=num_classes,
        seed=seed,
    )

    with kept_folder(folder) as place, shown(progress) as notify:
        results = run_study(plan, place, workers=workers, device=device, threads=threads, notify=notify)
    if folder is None:
        return Study(plan, results)
    study = Study(plan, results, place)
    write_tables(study, place)
    write_result(place, Header("correlate", seed, device, began), study_content(study))
    return study


def plan_study(
    known: Accuracies,
    sample: Accuracies,
    proxies: ProxiesFor,
    *,
    given: str | Sequence[str] | None,
    resolution: int,
    num_classes: int,
    **asked: Any,
) -> StudyPlan:
    """Return what a study asks; arguments and errors as for :func:`correlate`."""
    question, costs = read_question(sample, resolution, num_classes, **asked)
    named = list(proxies(Setting(resolution, num_classes)))
    left = adjusted(sample, given, resolution, num_classes)
    return StudyPlan(known, left, named, question, costs, given_names(given), resolution, num_classes)


def read_known(accuracies: Known, accuracy: str | None = None) -> Accuracies:
    """Return the accuracies that were given; errors as for :func:`correlate`."""
    if isinstance(accuracies, Accuracies):
        return accuracies
    with keyed({"path": "accuracies", "column": "accuracy"}):
        if isinstance(accuracies, Mapping):
            return accuracies_of(accuracies, accuracy or "accuracy")
        return read_accuracies(expanded(accuracies).absolute(), accuracy)


def draw(known: Accuracies, sample: int | None, seed: int) -> Accuracies:
    """Return the networks that ``sample`` draws; errors as for :meth:`Accuracies.sample`."""
    with keyed({"count": "sample"}):
        return known.sample(sample, seed)


def shown(progress: bool | Callable[[Scored], Any]) -> AbstractContextManager[Callable[[Scored], Any]]:
    """Return the context that gives what is told how far it is: a bar, a function of the caller's, or nothing."""
    if callable(progress):
        return nullcontext(progress)
    return scoring_progress() if progress else nullcontext(lambda scored: None)
