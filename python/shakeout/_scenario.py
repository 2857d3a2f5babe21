"""Scenarios, changes and data frames as the simulator reads them: TOML and csv."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import InputError

Scenario = str | os.PathLike[str] | Mapping[str, Any]
Changes = Mapping[str, Any]
Files = Mapping[str, Any]


def given(
    scenario: Scenario,
    changes: Changes | None = None,
    *,
    variant: str | None = None,
    seed: int | None = None,
    replicas: int | None = None,
    files: Files | None = None,
    allow: Iterable[str | os.PathLike[str]] = (),
) -> dict[str, Any]:
    """What the native module takes for a scenario with its changes."""
    path, text = None, None
    if isinstance(scenario, Mapping):
        text = ("scenario.toml", document(scenario))
    elif isinstance(scenario, str) and ("\n" in scenario or "=" in scenario):
        text = ("scenario.toml", scenario)
    else:
        path = os.fspath(scenario)
    return {
        "path": path,
        "text": text,
        "sets": [f"{key}={value(new)}" for key, new in (changes or {}).items()],
        "variant": variant,
        "seed": seed,
        "replicas": replicas,
        "files": [(os.fspath(name), table(data)) for name, data in (files or {}).items()],
        "allow": [os.fspath(folder) for folder in allow],
    }


def instant(when: Any) -> str:
    """A date, or a date and a time, as text. A time without an offset is UTC."""
    if hasattr(when, "astype"):
        # NumPy gives an instant in nanoseconds as a number.
        when = when.astype("datetime64[s]").item()
    if isinstance(when, dt.datetime):
        if when != when:
            raise InputError("NaT is no date")
        if when.tzinfo is not None:
            when = when.astimezone(dt.timezone.utc)
        return str(when.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if isinstance(when, dt.date):
        return str(when.isoformat())
    return f"{when}Z" if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", str(when)) else str(when)


def value(new: Any) -> str:
    """A value as TOML: what may stand behind ``KEY=`` on a command line."""
    if getattr(getattr(new, "dtype", None), "kind", "") == "M" and getattr(new, "ndim", None) == 0:
        return json.dumps(instant(new))
    if hasattr(new, "item") and getattr(new, "ndim", None) == 0:
        new = new.item()
    if isinstance(new, bool):
        return "true" if new else "false"
    if isinstance(new, int):
        return str(new)
    if isinstance(new, float):
        return repr(new)
    if isinstance(new, dt.date):
        return json.dumps(instant(new))
    if isinstance(new, (str, os.PathLike)):
        return json.dumps(os.fspath(new), ensure_ascii=False)
    if isinstance(new, Mapping):
        return "{" + ", ".join(f"{name(key)} = {value(inner)}" for key, inner in new.items()) + "}"
    if isinstance(new, Iterable):
        return "[" + ", ".join(value(item) for item in new) + "]"
    raise InputError(f"{new!r}, of type {type(new).__name__}, is no value of a scenario: give a number, a text, a date, a boolean, a list or a dictionary")


def name(key: str) -> str:
    """A key as TOML, quoted where it must be."""
    is_bare = key != "" and all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in key)
    return key if is_bare else json.dumps(key)


def document(tables: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """Nested dictionaries as a TOML document, a header for each table, so that messages can underline a line of it."""
    plain = {key: inner for key, inner in tables.items() if not isinstance(inner, Mapping)}
    nested = {key: inner for key, inner in tables.items() if isinstance(inner, Mapping)}
    lines = [f"[{'.'.join(map(name, path))}]"] if path and (plain or not nested) else []
    lines += [f"{name(key)} = {value(inner)}" for key, inner in plain.items()]
    return "\n".join([*lines, *(document(inner, (*path, key)) for key, inner in nested.items())]) + ("" if path else "\n")


def table(data: Any) -> bytes:
    """A table as csv: a data frame of pandas or polars, a dictionary of columns, a path, or the bytes or text of a file."""
    if isinstance(data, (bytes, bytearray)):
        return bytes(data)
    if isinstance(data, os.PathLike):
        return Path(data).read_bytes()
    if isinstance(data, str):
        # A table has a header and rows; a text of one line names a file.
        return data.encode() if "\n" in data else Path(data).read_bytes()
    if hasattr(data, "write_csv"):
        text = str(data.write_csv())
    elif hasattr(data, "to_csv"):
        text = _of_pandas(data)
    elif hasattr(data, "to_pandas"):
        text = _of_pandas(data.to_pandas())
    elif isinstance(data, Mapping):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(data)
        writer.writerows(zip(*data.values(), strict=True))
        text = out.getvalue()
    else:
        raise InputError(f"a {type(data).__name__} is no table: give a data frame, a dictionary of columns, a path or the text of a csv file")
    return text.encode()


def _of_pandas(frame: Any) -> str:
    if not hasattr(frame, "columns"):
        frame = frame.to_frame()
    if frame.columns.nlevels > 1:
        raise InputError(f"the columns of the data frame have {frame.columns.nlevels} levels: keep one, such as frame.droplevel(1, axis='columns')")
    # A series of prices usually has its dates as the index.
    if frame.index.name is not None or getattr(frame.index.dtype, "kind", "") == "M":
        named = frame.index.name or "date"
        if named in frame.columns:
            raise InputError(f"{named!r} is the index of the data frame and one of its columns: drop one, such as frame.reset_index(drop=True)")
        frame = frame.rename_axis(index=named).reset_index()
    frame = frame.copy()
    for column in frame.columns:
        kind = frame[column]
        if getattr(kind.dtype, "kind", "") == "M":
            if getattr(kind.dt, "tz", None) is not None:
                kind = kind.dt.tz_convert("UTC").dt.tz_localize(None)
            is_dates = bool((kind.dt.normalize() == kind).all())
            frame[column] = kind.dt.strftime("%Y-%m-%d" if is_dates else "%Y-%m-%dT%H:%M:%SZ")
    text: str = frame.to_csv(index=False)
    return text


def points(table: Any, keys: Sequence[str] | None) -> tuple[list[str], list[list[str]]]:
    """Points of a design: a data frame or a dictionary with a column for each key, or rows with the keys given beside."""
    if hasattr(table, "columns") and hasattr(table, "to_dict"):
        columns = [str(column) for column in table.columns]
        by_name = {column: list(table[column]) for column in columns}
    elif isinstance(table, Mapping):
        by_name = {str(key): list(column) for key, column in table.items()}
        columns = list(by_name)
    else:
        if keys is None:
            raise InputError("points without names of columns need `keys`, the keys that are varied")
        try:
            rows = [list(row) for row in table]
        except TypeError:
            raise InputError("points: give a row of values for each point, such as [[1.0], [1.1]]") from None
        wrong = next((number for number, row in enumerate(rows) if len(row) != len(keys)), None)
        if wrong is not None:
            raise InputError(f"point {wrong} has {len(rows[wrong])} values for {len(keys)} keys")
        return list(keys), _levels(keys, rows)
    chosen = columns if keys is None else list(keys)
    missing = [key for key in chosen if key not in by_name]
    if missing:
        raise InputError(f"the points have no column {missing[0]!r}; there are {', '.join(columns)}")
    lengths = {key: len(by_name[key]) for key in chosen}
    if len(set(lengths.values())) > 1:
        raise InputError(f"points: the columns differ in length: {', '.join(f'{key} has {length}' for key, length in lengths.items())}")
    return chosen, _levels(chosen, zip(*(by_name[key] for key in chosen), strict=True))


def _levels(keys: Sequence[str], rows: Iterable[Iterable[Any]]) -> list[list[str]]:
    def level(number: int, key: str, cell: Any) -> str:
        try:
            return _level(cell)
        except InputError as error:
            raise InputError(f"points: row {number}, column {key!r}: {error}") from None

    return [[level(number, key, cell) for key, cell in zip(keys, row, strict=True)] for number, row in enumerate(rows)]


def _level(cell: Any) -> str:
    if hasattr(cell, "item") and getattr(cell, "ndim", None) == 0:
        cell = cell.item()
    # Samplers give whole numbers as 3.0, which a key that counts does not take.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= 2**53:
        cell = int(cell)
    # A word stands in the table of results as a command line has it, without quotes.
    if isinstance(cell, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", cell) and cell not in ("true", "false", "inf", "nan"):
        return cell
    return value(cell)


def vary(levels: Mapping[str, Any] | Sequence[str], design: str | None) -> list[str]:
    """What is varied as the command line has it: a list of values for each key, a range as text, or keys alone over their priors."""
    if not isinstance(levels, Mapping):
        return [levels] if isinstance(levels, str) else list(levels)
    made = []
    for key, of in levels.items():
        if isinstance(of, str):
            made.append(f"{key}={of}")
        elif isinstance(of, tuple) and len(of) == 2 and design in (None, "grid"):
            raise InputError(f"{key!r}: the pair {of} is a range, of which a grid has no values: give a list of values, or a design that samples, such as design='latin-hypercube'")
        elif isinstance(of, tuple) and len(of) == 2:
            made.append(f"{key}={of[0]}..{of[1]}")
        else:
            made.append(f"{key}={','.join(_level(level) for level in of)}")
    return made
