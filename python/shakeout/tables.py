"""Tables in memory, and what they become: NumPy, pandas, polars, Arrow, xarray."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ._native import NativeColumn, NativeFrame, tables_described

if TYPE_CHECKING:
    import pandas
    import xarray

__all__ = ["Column", "Table"]


class Column:
    """A column with its unit and meaning. ``numpy.asarray(column)`` reads numbers, counts and instants in place."""

    def __init__(self, native: NativeColumn) -> None:
        self._native = native
        self.name: str = native.name
        metadata = native.metadata
        self.unit: str = metadata["unit"]
        """Empty for a ratio, a count, a text or an instant."""
        self.type: str = metadata["type"]
        """``count``, ``number``, ``text`` or ``time``."""
        self.definition: str = metadata["definition"]
        self.absent: str | None = metadata.get("absent")
        """Of a metric, what an empty cell means: ``never`` (it did not happen: later than any day) or ``unmeasured``."""

    def __len__(self) -> int:
        return len(self._native)

    def to_numpy(self) -> np.ndarray[Any, Any]:
        """The values, without a copy where their type allows it; then the array cannot be written to.

        An instant is ``datetime64[s]`` in UTC. An empty cell is NaN or NaT; of a metric that never happened it is infinite. A column of
        counts with empty cells, and one of texts, is made anew.
        """
        if self.type == "text":
            return np.array(self._native.texts(), dtype=object)
        values = np.asarray(self._native)
        if self.type == "count" and self._native.empty_cells:
            values = values.astype(float)
            values[~self.is_filled()] = np.nan
        return values

    def is_filled(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each cell has a value."""
        bits = self._native.validity
        if bits is None:
            return np.ones(len(self), dtype=bool)
        return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=len(self), bitorder="little").astype(bool)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        values = self.to_numpy()
        if copy:
            return np.array(values, dtype=dtype)
        return values if dtype is None else values.astype(dtype, copy=False)

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self._native.__arrow_c_array__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        return self._native.__arrow_c_schema__()

    def __repr__(self) -> str:
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.name}{unit}: {self.definition}, {len(self)} values"


class Table:
    """A table of a result, as ``shakeout columns`` describes it: ``table["price_usd"]`` is an array, ``len(table)`` the number of rows.

    Every program that reads the Arrow PyCapsule interface takes it as it is: ``polars.DataFrame(table)``, ``pyarrow.table(table)``,
    DuckDB. There an empty cell is null, and the metadata of a field has its unit, its definition, and ``absent``: what an empty cell means.
    """

    def __init__(self, name: str, frame: NativeFrame) -> None:
        self.name = name
        self._frame = frame

    def __getstate__(self) -> tuple[str, NativeFrame]:
        # The columns that were looked at are made again from the frame.
        return self.name, self._frame

    def __setstate__(self, state: tuple[str, NativeFrame]) -> None:
        self.name, self._frame = state

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {column.name: Column(column) for column in self._frame.columns()}

    @property
    def definition(self) -> str:
        """What one row is."""
        definition: str = _described(self.name)["row"]
        return definition

    @property
    def key(self) -> list[str]:
        """The columns that together name a row."""
        # In a sweep the tables of runs begin with the point.
        return [key for key in dict.fromkeys(["point", *_described(self.name)["key"]]) if key in self._columns]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self._columns)

    def column(self, name: str) -> Column:
        """A column with its unit and meaning."""
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(f"{self.name} has no column {name!r}; there are {', '.join(self._columns)}") from None

    @property
    def units(self) -> dict[str, str]:
        """The unit of each column; empty for a ratio, a count, a text or an instant."""
        return {name: column.unit for name, column in self._columns.items()}

    @property
    def definitions(self) -> dict[str, str]:
        """What each column means."""
        return {name: column.definition for name, column in self._columns.items()}

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        return self.column(name).to_numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return len(self._frame)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        # Without this NumPy and pandas would take the names of the columns for rows.
        raise TypeError(f"the columns of {self.name} differ in type: take one, table[{self.columns[0]!r}], or all, table.to_pandas()")

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._frame.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        return self._frame.__arrow_c_schema__()

    def to_pandas(self, *, copy: bool = True) -> pandas.DataFrame:
        """As a data frame of pandas; units and definitions are in ``frame.attrs``.

        A metric that never happened is infinite, later than any day; one that could not be measured is NaN. Without ``copy`` the columns
        share the memory of the table and cannot be written to.
        """
        import pandas as pd

        frame = pd.DataFrame({name: self[name] for name in self}, copy=copy)
        frame.attrs.update(units=self.units, definitions=self.definitions)
        return frame

    def to_polars(self) -> Any:
        """As a data frame of polars; empty cells are null."""
        import polars as pl

        return pl.DataFrame(self)

    def to_xarray(self) -> xarray.Dataset:
        """As a data set of xarray, with a dimension for each column of the key; what no row gives is NaN, NaT, or None."""
        import xarray as xr

        places, levels = [], {}
        for key in self.key:
            found, place = np.unique(self[key], return_inverse=True)
            levels[key] = found
            places.append(place)
        where, shape = tuple(places), tuple(len(level) for level in levels.values())
        data = {}
        for name, column in self._columns.items():
            if name in levels:
                continue
            values = column.to_numpy()
            if values.dtype.kind == "u" and len(values) < np.prod(shape):
                values = values.astype(float)
            empty = {"M": np.datetime64("NaT"), "O": None, "u": 0}.get(values.dtype.kind, np.nan)
            spread = np.full(shape, empty, dtype=values.dtype)
            spread[where] = values
            data[name] = (tuple(levels), spread, _attributes(column))
        coordinates = {key: (key, found, _attributes(self.column(key))) for key, found in levels.items()}
        return xr.Dataset(data, coordinates, {"title": self.definition})

    def __repr__(self) -> str:
        lines = [f"{self.name}: {len(self)} rows. {self.definition}"]
        width = max((len(name) for name in self._columns), default=0)
        lines += [f"  {column.name:{width}}  {column.unit or '–':10}  {column.definition}" for column in self._columns.values()]
        return "\n".join(lines)


@cache
def _described(name: str) -> dict[str, Any]:
    """What the data dictionary says of a table."""
    return next((table for table in tables_described() if table["table"] == name), {"row": "", "key": []})


def _attributes(column: Column) -> dict[str, str]:
    attributes = {"long_name": column.definition}
    if column.unit:
        attributes["units"] = column.unit
    if column.absent:
        attributes["absent"] = column.absent
    return attributes
