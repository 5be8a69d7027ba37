"""The one place that makes objects of configuration."""

import inspect
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_origin, get_type_hints

from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import UserError, first_line, keyed, nearest, with_causes
from zen_lightning.system.annotations import declared_range
from zen_lightning.system.before_torch import TorchMemoryError
from zen_lightning.system.limits import limit_reached
from zen_lightning.system.processes import require_numbers
from zen_lightning.system.value_checks import refusal

T = TypeVar("T")
_PACKAGE = "zen_lightning."
_REFERENCE = re.compile(r"\$\{([\w.]+)\}")
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def build(node: Any, key: str, kind: type[T], without: Sequence[str] = ()) -> T:
    """Make the object that a node with ``_target_`` describes, after checking the class and its arguments.

    Args:
        node: a mapping: ``_target_`` and keyword arguments.
        key: where it is in the configuration, for the error.
        kind: what it must be; see :func:`target_of`.
        without: keys of the node that are no arguments, such as the name of a choice.

    Raises:
        UserError: it names something else, an argument that the class does not have, one that is missing, or a value that it
            refuses.
    """
    target, arguments = target_of(node, key, kind)
    try:
        return make(target, {name: value for name, value in arguments.items() if name not in without}, key)
    except UserError as error:
        raise _of_reference(error, node, key) from error


def _of_reference(error: UserError, node: Any, key: str) -> UserError:
    """Return an error about a key that only refers to another so that it names the one that users set."""
    plain: Any = OmegaConf.to_container(node, resolve=False) if isinstance(node, DictConfig) else node
    name = error.key.removeprefix(f"{key}.")
    found = _REFERENCE.fullmatch(str(plain.get(name)))
    if found is None:
        return error
    if found[1].rpartition(".")[2] == name:  # As in ``device: ${device}``.
        return error.renamed(lambda one: found[1] if one == error.key else one)
    return error.referring(found[1])


def _imported(name: str) -> Any:
    """Return what a name names; Hydra's own line on a failure would say the same as the error."""
    said = logging.getLogger("hydra.utils")
    before, said.disabled = said.disabled, True
    try:
        return get_object(name)
    finally:
        said.disabled = before


def _too_little(error: BaseException) -> UserError | None:
    """Return the sentence where a class was not imported since a limit of the system does not allow it, else None."""
    return next((one for one in with_causes(error) if isinstance(one, TorchMemoryError)), None) or limit_reached(error)


def target_of(node: Any, key: str, kind: type[T]) -> tuple[Callable[..., T], dict[str, Any]]:
    """Return what a node with ``_target_`` names, and its arguments; nothing is called.

    Args:
        node: a mapping: ``_target_`` and keyword arguments.
        key: where it is in the configuration, for the error.
        kind: what it must make: the name is that of a class derived from this one, or of a function of this package that is
            declared to return one.

    Raises:
        UserError: it cannot be imported, or names something else.
    """
    plain: Any = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else node
    if not isinstance(plain, Mapping):
        raise UserError(key=key, value=plain, expected="a mapping with _target_: the class to make, and its arguments")
    if "_target_" not in plain:
        raise UserError(f"{key} has no _target_: the class to make", key=key)
    name = plain["_target_"]
    if not isinstance(name, str):
        raise UserError(key=f"{key}._target_", value=name, expected="the full name of a class, such as package.module.Class")
    try:
        target = _imported(name)
    except Exception as error:
        require_numbers()  # Lightning reads them as it is imported.
        reason, known = first_line(error.__cause__ or error), _too_little(error)
        if known is not None:
            raise known from error
        raise UserError(f"cannot be imported ({reason})", key=f"{key}._target_", value=name) from error
    if not _makes(target, kind):
        what = f"{getattr(target, '__name__', target)} is not a {kind.__name__}"
        expected = f"a class derived from {kind.__module__}.{kind.__qualname__}"
        raise UserError(what, key=f"{key}._target_", value=name, expected=expected)
    return target, {str(name): value for name, value in plain.items() if name != "_target_"}


def _makes(target: Any, kind: type) -> bool:
    """Whether calling something makes an object of a class, as far as it says so itself."""
    if isinstance(target, type):
        return issubclass(target, kind)
    if not inspect.isfunction(target) or not target.__module__.startswith(_PACKAGE):
        return False
    try:
        made = get_type_hints(target).get("return")
    except NameError:  # A type that is imported for annotations alone.
        return False
    made = get_origin(made) or made  # ``SearchSpace[Any]`` is a SearchSpace.
    return isinstance(made, type) and issubclass(made, kind)


def make(target: Callable[..., T], arguments: Mapping[str, Any], key: str) -> T:
    """Call a class, or a function, with arguments of the configuration, after checking them.

    What it says of its parameters is said of their keys.

    Args:
        target: the target to call.
        arguments: the arguments, by name.
        key: where they are in the configuration, for the error.

    Raises:
        UserError: an argument that the target does not have, one that is missing, or a value that it refuses.
    """
    for problem in argument_problems(target, arguments, key):
        raise problem
    with keyed({"": key, **{name: f"{key}.{name}" for name in (*inspect.signature(target).parameters, *arguments)}}):
        return target(**arguments)


def argument_problems(target: Callable[..., Any], arguments: Mapping[str, Any], key: str) -> list[UserError]:
    """Return all that is wrong with arguments, as far as the signature of their target tells.

    Args:
        target: a class or a function.
        arguments: the arguments, by name.
        key: where they are in the configuration.

    Example:
        >>> for problem in argument_problems(nearest, {"word": 3, "knwon": []}, "x"):
        ...     print(problem)
        unknown key x.knwon; did you mean 'known'? nearest has word, known
        x.word=3: expected text
        x.known is missing: nearest needs it
    """
    parameters = inspect.signature(target).parameters
    named = {name: parameter for name, parameter in parameters.items() if parameter.kind not in _VARIADIC}
    takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    name_of = str(getattr(target, "__name__", target))
    problems = []
    for name in arguments:
        if name not in named and not takes_any:
            known = ", ".join(named) or "no arguments"
            hint = nearest(name, list(named)) or "."
            problems.append(UserError(f"unknown key {key}.{name}{hint} {name_of} has {known}", key=f"{key}.{name}"))
    for name, parameter in named.items():
        if parameter.default is inspect.Parameter.empty and name not in arguments:
            problems.append(UserError(f"{key}.{name} is missing", key=f"{key}.{name}", remedy=f"{name_of} needs it"))
        if name not in arguments or (arguments[name] is None and parameter.default is None):
            continue
        wanted = declared_range(parameter.annotation)
        problem = refusal(wanted, arguments[name], f"{key}.{name}") if wanted is not None else None
        if problem is not None:
            problems.append(problem)
        elif wanted is None and not _has_type(arguments[name], parameter.annotation):
            expected = _WORDS[parameter.annotation]
            problems.append(UserError(key=f"{key}.{name}", value=arguments[name], expected=expected))
    return problems


_WORDS = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
"""What a parameter with a plain annotation takes."""


def _has_type(value: Any, annotation: Any) -> bool:
    """Whether a value fits a plain annotation; others are left to the class."""
    if annotation is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not (annotation in (str, bool) and not isinstance(value, annotation))
