"""The space of a tuning: overrides with an interval or some choices for each."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError, nearest
from zen_lightning.runs.overrides import word

_KEYS = ("low", "high", "log", "step")
_NOT_TUNED = ("task", "output_dir", "resume", "tune", "experiment", "hydra")
_EXAMPLE = "tune.space='{recipe.lr:{low:0.01,high:0.5,log:true},recipe.batch_size:[32,64]}'"


class Interval(NamedTuple):
    """Numbers between two bounds, both of them possible; whole ones where both bounds are whole.

    Attributes:
        low: the lower bound.
        high: the upper one.
        log: whether factors are what counts, not differences.
        step: between neighbours; None: any number.
    """

    low: float
    high: float
    log: bool
    step: float | None

    @property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return all(isinstance(bound, int) for bound in (self.low, self.high, self.step or 1))

    def distribution(self) -> Any:
        """Return the corresponding distribution of Optuna."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.is_whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(self.low, self.high, log=self.log, step=self.step)


class Choices(NamedTuple):
    """Some values.

    Attributes:
        texts: the values as overrides have them.
    """

    texts: tuple[str, ...]

    def distribution(self) -> Any:
        """Return the corresponding distribution of Optuna."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.texts)


Space = dict[str, Interval | Choices]


def read_space(node: Any) -> Space:
    """Return the space that ``tune.space`` describes: for each key an interval or a list of choices.

    Args:
        node: a mapping from keys of the configuration to ``{low: 0.01, high: 0.5, log: true}``, ``{low: 8, high: 64, step: 8}``
            or ``[32, 64]``.

    Raises:
        UserError: it is not that.

    Example:
        >>> read_space({"recipe.lr": {"low": 0.01, "high": 0.5, "log": True}, "search": ["zen", "naswot"]})
        {'recipe.lr': Interval(low=0.01, high=0.5, log=True, step=None), 'search': Choices(texts=('zen', 'naswot'))}
    """
    content = plain(node)
    if not isinstance(content, dict) or not content:
        raise UserError(key="tune.space", value=content, expected=f"what to try for each key, such as {_EXAMPLE}")
    space: Space = {}
    for key, wanted in _flat(content):
        if key.partition(".")[0] in _NOT_TUNED:
            raise UserError(f"tune.space: {key} is the same in all trials of a tuning", key="tune.space")
        space[key] = _choices(key, wanted) if isinstance(wanted, list) else _interval(key, wanted)
    return space


def trial_overrides(space: Space, values: Mapping[str, Any]) -> list[str]:
    """Return the values of a trial as overrides.

    Example:
        >>> trial_overrides(read_space({"a.lr": {"low": 0.0, "high": 1.0}, "b": [None, "x y"]}), {"a.lr": 1e-05, "b": "null"})
        ['a.lr=1e-05', 'b=null']
    """
    return [f"{key}={values[key]}" for key in space]


def override_text(value: Any) -> str:
    """Return a value as Hydra reads it in an override.

    Example:
        >>> override_text([None, True, 0.1, "a b", {"x": "y"}])
        "[null,true,0.1,'a b',{x:y}]"
    """
    if isinstance(value, list):
        return f"[{','.join(map(override_text, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{override_text(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return word(value) if isinstance(value, str) else str(value)


def _flat(node: Mapping[Any, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return pairs of a dotted key and what to try, whether the mapping is nested or has dotted keys."""
    pairs: list[tuple[str, Any]] = []
    for key, value in node.items():
        is_group = isinstance(value, dict) and any(isinstance(item, dict | list) for item in value.values())
        pairs += _flat(value, f"{prefix}{key}.") if is_group else [(f"{prefix}{key}", value)]
    return pairs


def _choices(key: str, values: list[Any]) -> Choices:
    texts = tuple(dict.fromkeys(map(override_text, values)))
    if len(texts) < 2:
        what, expected = f"tune.space: {key}={override_text(values)}", "two or more different values to choose from"
        raise UserError(what, key="tune.space", expected=expected)
    return Choices(texts)


def _interval(key: str, wanted: Any) -> Interval:
    shown = f"tune.space: {key}={override_text(wanted)}"

    def refusal(what: str = "", expected: str = "") -> UserError:
        return UserError(f"{shown}: {what}" if what else shown, key="tune.space", expected=expected)

    if not isinstance(wanted, dict):
        raise refusal(expected="an interval such as {low:0.01,high:0.5,log:true}, or a list of choices")
    for name in wanted:
        if name not in _KEYS:
            hint = nearest(str(name), list(_KEYS)) or "."
            raise refusal(f"unknown key {name}{hint} An interval has {', '.join(_KEYS)}")
    values: dict[str, Any] = {"low": None, "high": None, "step": None, "log": False, **wanted}
    low, high, step, log = values["low"], values["high"], values["step"], values["log"]
    if not _is_number(low) or not _is_number(high) or not (step is None or _is_number(step)):
        raise refusal(expected="numbers for low and high, and for step if there is one")
    if not isinstance(log, bool):
        raise refusal(expected="true or false for log")
    if not low < high:
        raise refusal("low must be below high")
    if log and low <= 0:
        raise refusal("log needs a low above 0")
    if step is not None and (log or not 0 < step <= high - low):
        raise refusal("log has no step" if log else "step must be above 0, and no more than high - low")
    if step is not None:
        high = low + type(step)(math.floor((high - low) / step + 1e-9) * step)
    return Interval(low, high, log, step)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
