"""Arguments of the calls: each is held against its annotation, so that a wrong one is named with what was given and what is expected."""

from __future__ import annotations

import functools
import inspect
import operator
import os
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from .errors import InputError

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class AtLeast:
    """The least that a number may be, and the most."""

    least: int
    most: int | None = None

    def __str__(self) -> str:
        return f"at least {self.least}" if self.most is None else f"from {self.least} to {self.most}"


Count = Annotated[int, AtLeast(1)]
"""How many: at least one."""
Number = Annotated[int, AtLeast(0)]
"""A number counted from 0, or a seed."""
Threads = Annotated[int, AtLeast(1, 1024)]
Texts = Sequence[str]
"""Several names; one text alone is a list of one."""
Folder = str | os.PathLike[str]


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function with its arguments held against their annotations, and made plain: whole numbers of NumPy become those of Python, and one text
    where several are expected becomes a list of one."""
    signature = inspect.signature(function)
    hints: dict[str, Any] = {}

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            # Python's own message names the function.
            return function(*args, **kwargs)
        if not hints:
            # What is given back may be named by a package that is not installed.
            named = {name: of.annotation for name, of in signature.parameters.items() if name != "self"}
            hints.update(typing.get_type_hints(types.SimpleNamespace(__annotations__=named), vars(sys.modules[function.__module__]), include_extras=True))
        for name, given in bound.arguments.items():
            if name in hints:
                bound.arguments[name] = _fitting(f"{function.__name__}({name}=…)", given, hints[name])
        return function(*bound.args, **bound.kwargs)

    return call


class _Unfit(Exception):
    """The value is of another type."""


def _fitting(argument: str, given: Any, hint: Any) -> Any:
    try:
        return _made(argument, given, hint)
    except _Unfit:
        shown = repr(given)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        expected = " or ".join(dict.fromkeys(_names(hint)))
        raise TypeError(f"{argument} is {shown}, of type {type(given).__name__}; give {expected}") from None


def _made(argument: str, given: Any, hint: Any) -> Any:
    """The value as the type that is expected."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        # A text is also a sequence: what fits as it is comes first.
        for kind in get_args(hint):
            try:
                return _made(argument, given, kind)
            except _Unfit:
                continue
        raise _Unfit
    if origin is Annotated:
        number, limit = _made(argument, given, get_args(hint)[0]), get_args(hint)[1]
        if number < limit.least or (limit.most is not None and number > limit.most):
            raise InputError(f"{argument} is {number}; give a whole number, {limit}")
        return number
    if origin is Literal:
        if given not in get_args(hint):
            allowed = "', '".join(get_args(hint))
            raise InputError(f"{argument} is {given!r}; give one of '{allowed}'")
        return given
    return _of_kind(argument, given, hint, origin)


def _of_kind(argument: str, given: Any, hint: Any, origin: Any) -> Any:
    if hint is Any:
        return given
    if hint is type(None):
        if given is None:
            return None
        raise _Unfit
    if hint is int and not _is_boolean(given):
        try:
            return operator.index(given)
        except TypeError:
            raise _Unfit from None
    if hint is float and not _is_boolean(given) and not isinstance(given, (str, bytes)) and hasattr(given, "__float__"):
        return float(given)
    if hint is bool and _is_boolean(given):
        return bool(given)
    if hint is str and isinstance(given, str):
        return str(given)
    if origin is Mapping and isinstance(given, Mapping):
        return given
    if origin is Callable and callable(given):
        return given
    if origin is os.PathLike and isinstance(given, os.PathLike):
        return given
    if origin in (Sequence, Iterable):
        return _several(argument, given, get_args(hint)[0])
    raise _Unfit


def _several(argument: str, given: Any, kind: Any) -> list[Any]:
    if isinstance(given, Mapping):
        raise _Unfit
    if isinstance(given, (str, os.PathLike)):
        given = [given]
    try:
        items = list(given)
    except TypeError:
        raise _Unfit from None
    return [_fitting(f"item {place} of {argument}", item, kind) for place, item in enumerate(items)]


def _is_boolean(given: Any) -> bool:
    return isinstance(given, bool) or type(given).__name__ in ("bool_", "bool")


def _names(hint: Any) -> list[str]:
    """What a type is called in a message."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return [name for kind in get_args(hint) for name in _names(kind)]
    if origin is Annotated:
        return [f"a whole number, {get_args(hint)[1]}"]
    if origin in (Sequence, Iterable):
        return [f"a list of {'texts' if get_args(hint)[0] is str else 'these'}"]
    if origin in _CALLED:
        return [_CALLED[origin]]
    return [_CALLED.get(hint, str(hint))]


_CALLED: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "a text",
    type(None): "None",
    Mapping: "a dictionary",
    Callable: "a function",
    os.PathLike: "a path",
}
