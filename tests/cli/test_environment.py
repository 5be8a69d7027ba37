"""Variables of the environment that hold nonsense: a sentence names each, in a run and in its validation."""

import pytest

from command_line import Zen

TRAINING = ("task=train", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits")


@pytest.mark.parametrize("name", ["WORLD_SIZE", "SLURM_NTASKS", "RANK", "SLURM_NNODES"])
@pytest.mark.parametrize(("more", "code"), [((), 2), (("task=validate",), 1)])
def test_what_a_launcher_would_set(
    zen: Zen, monkeypatch: pytest.MonkeyPatch, name: str, more: tuple[str, ...], code: int
) -> None:
    monkeypatch.setenv(name, "x")
    ended = zen(*TRAINING, *more)
    assert (ended.code, f"{name}=x in the environment" in ended.out + ended.err) == (code, True), ended


@pytest.mark.parametrize("address", ["http://[::1", "http://host:port/", "no address", "ftp://example.org/zoo", "https://"])
def test_the_address_of_the_mirror(zen: Zen, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ZEN_LIGHTNING_ZOO_URL", address)
    ended = zen("task=zoo", "arch=zennet_cifar10_model_size05M_res32", "download=true")
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert address.rstrip("/") in ended.err


def test_an_override_that_is_nested_deeply(zen: Zen) -> None:
    for value in ("[" * 200, "[" * 200 + "]" * 200, "{a:" * 200 + "1" + "}" * 200):
        ended = zen("search=zen", "budget=params1M", f"search.iterations={value}", "task=validate")
        assert (ended.code, "search.iterations" in ended.out) == (1, True), ended


def test_a_number_of_many_digits(zen: Zen) -> None:
    for key in ("seed", "search.iterations", "budget.params"):
        ended = zen("search=zen", "budget=params1M", f"{key}={'9' * 5000}", "task=validate")
        assert (ended.code, key in ended.out, len(ended.out) < 3000) == (1, True, True), ended
        ended = zen("search=zen", "budget=params1M", "search.finalists=0", f"{key}={'9' * 5000}")
        assert (ended.code, ended.err.startswith(f"error: {key}=999"), len(ended.err) < 1000) == (2, True, True), ended


def test_a_number_of_many_digits_in_a_sweep(zen: Zen) -> None:
    ended = zen("-m", "search=zen", "budget=params1M", "seed=1,2", f"search.iterations={'9' * 5000}", "task=validate")
    assert (ended.code, "search.iterations" in ended.out, len(ended.out) < 3000) == (1, True, True), ended


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [
        ("analyze", "recipe.cutmix", "'${x}'"),
        ("tune", "calibration", "9" * 5000),
        ("zoo", "trainer", "9" * 5000),
        ("search", "shape", "1e-400"),
        ("search", "shape", "0"),
        ("profile", "extent.fitted", "{_target_:os.system}"),
    ],
)
def test_values_that_a_campaign_found(zen: Zen, task: str, key: str, value: str) -> None:
    ended = zen(f"task={task}", "budget=params1M", f"{key}={value}", "task=validate")
    assert (ended.code in (1, 2), key in ended.out + ended.err) == (True, True), ended
