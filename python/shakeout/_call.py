"""How a study is carried out: threads, progress, and what is said meanwhile."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any

from .errors import ScenarioWarning

Progress = bool | Callable[[int, int], object]

_log = logging.getLogger("shakeout")


def manner(
    threads: int | None = None,
    progress: Progress = False,
    *,
    audit: bool = False,
    fail_fast: bool = False,
    deny_warnings: bool = False,
) -> dict[str, Any]:
    """What the native module takes for it."""
    heard = _Line() if progress is True else progress or None
    return {"threads": threads, "audit": audit, "fail_fast": fail_fast, "deny_warnings": deny_warnings, "progress": heard}


def listened(call: Callable[..., Any], *arguments: Any) -> Any:
    """Calls, warns of what is questioned in the scenario, logs what else is said, and gives what was found."""
    line = arguments[-1]["progress"]
    try:
        found, notes = call(*arguments)
    finally:
        if isinstance(line, _Line):
            line.end()
    for is_warning, text in notes:
        if is_warning:
            # Above this and the call stands the check of its arguments.
            warnings.warn(text, ScenarioWarning, stacklevel=4)
        else:
            _log.info(text)
    return found


class _Line:
    """A line of standard error that says how much is done."""

    def __init__(self) -> None:
        self._is_open = False

    def __call__(self, done: int, total: int) -> None:
        sys.stderr.write(f"\r{done} of {total}")
        sys.stderr.flush()
        self._is_open = True

    def end(self) -> None:
        if self._is_open:
            sys.stderr.write("\n")
