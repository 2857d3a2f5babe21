"""What goes wrong, as exceptions.

A wrong scenario raises :class:`ScenarioError`, whose text shows each mistake with its place underlined and the remedy, and whose
``problems`` hold the same as data. Ctrl-C raises :class:`KeyboardInterrupt`, as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Bug", "DiskError", "Error", "InputError", "Label", "Problem", "ScenarioError", "ScenarioWarning"]


@dataclass(frozen=True)
class Label:
    """A place that a problem is about."""

    file: str
    """The file by its path from the scenario's folder, or what was typed, such as ``<--set>``."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    written: str
    """What stands there."""
    text: str
    """What is to be said of it."""


@dataclass(frozen=True)
class Problem:
    """A mistake in a scenario, or a warning or a note on it."""

    code: str
    """Stable name of this kind of problem, such as ``scenario::unknown_key``."""
    severity: str
    """``error``, ``warning`` or ``note``."""
    message: str
    help: str
    """What to do about it; may be empty."""
    labels: tuple[Label, ...]

    @classmethod
    def _of(cls, found: dict[str, Any]) -> Problem:
        return cls(**{**found, "labels": tuple(Label(**label) for label in found["labels"])})

    @property
    def file(self) -> str | None:
        """The file of the first place; None where nothing is written."""
        return self.labels[0].file if self.labels else None

    @property
    def line(self) -> int | None:
        """The line of the first place, from 1."""
        return self.labels[0].line if self.labels else None

    @property
    def column(self) -> int | None:
        """The column of the first place, from 1, in characters."""
        return self.labels[0].column if self.labels else None


class Error(Exception):
    """Why a call did not do what was asked."""

    def __init__(self, text: str, problems: list[dict[str, Any]] | None = None) -> None:
        super().__init__(text)
        self.problems: list[Problem] = [Problem._of(problem) for problem in problems or []]
        """The problems of a scenario, one by one."""


class ScenarioError(Error, ValueError):
    """The scenario is wrong; the text shows each problem with its place underlined."""


class InputError(Error, ValueError):
    """What was asked for cannot be done."""


class DiskError(Error, OSError):
    """The disk refused, or a result is not whole."""


class Bug(Error):
    """The simulator is at fault: please report it, with the scenario."""


class ScenarioWarning(UserWarning):
    """A scenario is run, and is probably not what was meant."""
