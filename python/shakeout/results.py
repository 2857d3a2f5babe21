"""What the calls give: runs, sweeps, calibrations, nowcasts and checks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._arguments import Count, Folder, Texts, Threads, checked
from ._call import Progress, listened, manner
from ._native import NativeFrame, save_posterior, save_run, save_sweep, sensitivity
from .errors import Problem
from .plot import Plots
from .tables import Table

if TYPE_CHECKING:
    import arviz
    import pandas
    import xarray

    from ._native import FoundPosterior, FoundRun, FoundSweep

__all__ = ["Checked", "Nowcast", "Posterior", "Ranking", "Results", "Score", "Sweep"]


class _Tables(Mapping[str, Table]):
    """Tables by name. They are plain data: they can be pickled, sent to another process, and copied."""

    _tables: dict[str, Table]
    _asked: tuple[dict[str, Any], dict[str, Any]]

    def __getitem__(self, name: str) -> Table:
        try:
            return self._tables[name]
        except KeyError:
            raise KeyError(f"there is no table {name!r}; there are {', '.join(self._tables)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError(f"a result has several tables: take one, such as result[{next(iter(self._tables))!r}].to_pandas()")

    @property
    def units(self) -> dict[str, str]:
        """The unit of each column of each table; empty for a ratio, a count, a text or an instant. One name has one unit."""
        return {name: unit for table in self.values() for name, unit in table.units.items()}

    @property
    def definitions(self) -> dict[str, str]:
        """What each column means, by its name; the meaning in one table is that of :attr:`Table.definitions`."""
        return {name: text for table in self.values() for name, text in table.definitions.items()}

    @checked
    def save(
        self,
        path: Folder,
        *,
        format: Literal["csv", "parquet", "both"] = "csv",
        charts: bool = True,
        page: bool = True,
        replace: bool = False,
        threads: Threads | None = None,
        progress: Progress = False,
    ) -> Path:
        """Writes the result folder that the command line writes, and gives its path.

        It is written from the tables in memory, and nothing is simulated again: tables, summary, manifest, charts and ``report.html``
        have the bytes that the command line gives (but for the times that a manifest states). ``format`` is ``csv``, ``parquet`` or
        ``both``; ``replace`` allows to replace a result that is there.
        """
        saving = {"path": os.fspath(path), "format": format, "charts": charts, "page": page, "replace": replace}
        partial = Path(f"{os.fspath(path)}.partial")
        is_ours = not partial.exists()
        try:
            return Path(listened(self._write, saving, manner(threads, progress)))
        except KeyboardInterrupt:
            # Nothing of it is needed: all of it can be written again from memory.
            if is_ours:
                shutil.rmtree(partial, ignore_errors=True)
            raise

    def _write(self, saving: dict[str, Any], how: dict[str, Any]) -> tuple[str, list[tuple[bool, str]]]:
        raise NotImplementedError

    @property
    def _frames(self) -> list[NativeFrame]:
        return [table._frame for table in self._tables.values()]


def _with_files(given: dict[str, Any], files: list[tuple[str, bytes]]) -> dict[str, Any]:
    """A scenario with the files that it was read from, so that it is read as it was wherever and whenever the result is used."""
    return {**given, "files": files}


class Results(_Tables):
    """A run: its tables by name, such as ``r["days"]``."""

    def __init__(self, found: FoundRun, asked: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self._tables = {name: Table(name, frame) for name, frame in found["tables"]}
        self._asked = (_with_files(asked[0], found["files"]), asked[1])
        self._failed = found["failed"]
        self.title: str = found["title"]
        """Title of the scenario."""
        self.scenario: str = found["scenario"]
        """The scenario with every value known, as TOML."""
        self.summary: dict[str, Any] = found["summary"]
        """As ``summary.json`` has it: for each metric mean, quantiles, and in how many replicas it never happened."""

    def _write(self, saving: dict[str, Any], how: dict[str, Any]) -> tuple[str, list[tuple[bool, str]]]:
        return save_run(self._asked, self._frames, self._failed, saving, how)

    def metrics(self) -> pandas.DataFrame:
        """The metrics over the replicas, a row for each: mean, quantiles, number of replicas, unit and meaning."""
        import pandas as pd

        return pd.DataFrame.from_dict(self.summary["metrics"], orient="index").drop(columns="no_fall", errors="ignore")

    @property
    def failed(self) -> list[tuple[int, str]]:
        """The replicas that could not be run, and why."""
        return [(replica, why) for replica, why, _ in self._failed]

    @property
    def plot(self) -> Plots:
        """Charts: ``r.plot.fan("hashrate_eh_per_s")``."""
        return Plots(self)

    def to_xarray(self, table: str = "days") -> xarray.Dataset:
        """A table as a data set of xarray; of ``days`` the dimensions are replica and time."""
        return self[table].to_xarray()

    def __repr__(self) -> str:
        replicas = len(self._tables["replicas"])
        tables = ", ".join(f"{name} ({len(table)} rows)" for name, table in self._tables.items())
        return f"{self.title}: {replicas} replicas\n  tables: {tables}"


class Sweep(_Tables):
    """A designed experiment: the table ``sweep`` has a row for each point and replica."""

    def __init__(self, found: FoundSweep, asked: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self._tables = {name: Table(name, frame) for name, frame in found["tables"]}
        self._asked = (_with_files(asked[0], found["files"]), asked[1])
        self._failed = found["failed"]
        self._design = found["design"]
        self.keys_varied: list[str] = found["keys"]
        """The keys that are varied."""
        self.design: str = found["kind"]
        """``grid``, ``latin-hypercube``, ``sobol``, ``morris``, or ``list`` for points that were given."""
        self.points: int = found["points"]
        """How many points there are."""
        self.replicas: int = found["replicas"]
        """How many replicas each point has."""

    @property
    def _kept(self) -> dict[str, Any]:
        return {"design": self._design, "replicas": self.replicas, "frames": self._frames, "failed": self._failed}

    def _write(self, saving: dict[str, Any], how: dict[str, Any]) -> tuple[str, list[tuple[bool, str]]]:
        return save_sweep(self._asked, self._kept, saving, how)

    @property
    def failed(self) -> list[tuple[int, int, str]]:
        """The runs that could not be run: point, replica, and why."""
        return [(point, replica, why) for point, replica, why, _ in self._failed]

    def means(self, metric: str) -> np.ndarray[Any, Any]:
        """The mean of a metric over the replicas of each point, in the order of the points, as SALib takes it.

        Where a run never got there the mean is infinite; where one could not be measured, or not be run, it is over the others.
        """
        table = self["sweep"]
        values, point = table[metric], table["point"].astype(int)
        counted = ~np.isnan(values)
        total = np.bincount(point[counted], weights=values[counted], minlength=self.points)
        with np.errstate(invalid="ignore"):
            means: np.ndarray[Any, Any] = total / np.bincount(point[counted], minlength=self.points)
        return means

    def to_xarray(self) -> xarray.Dataset:
        """Metrics by point and replica; of a grid by the keys that are varied and replica."""
        found = self["sweep"].to_xarray()
        keys = self.keys_varied
        # The values of a point are the same for all its replicas.
        first = {key: found[key].isel(replica=0, drop=True) for key in keys}
        found = found.drop_vars(keys)
        if self.design == "grid":
            levels = [list(dict.fromkeys(first[key].values.tolist())) for key in keys]
            if int(np.prod([len(level) for level in levels])) == found.sizes["point"]:
                import xarray as xr

                # The last key varies fastest.
                shape = tuple(len(level) for level in levels)
                data = {
                    name: ((*keys, "replica"), np.reshape(of.values, (*shape, -1)), of.attrs) for name, of in found.items()
                }
                coordinates = dict(zip(keys, levels, strict=True))
                return xr.Dataset(data, {**coordinates, "replica": found["replica"]}, found.attrs)
        return found.assign_coords(first)

    @checked
    def sensitivity(self, metrics: Texts = ()) -> Ranking:
        """Which keys matter, by the estimators of the design, and the seed's share of variance; for these metrics, or for all."""
        return Ranking(*sensitivity(self._kept, list(metrics)))

    def __repr__(self) -> str:
        return f"sweep of {', '.join(self.keys_varied)}: {self.points} points ({self.design}), {self.replicas} replicas each"


class Ranking:
    """Which keys of a sweep matter."""

    def __init__(self, columns: list[str], notes: list[str], analyses: list[Any]) -> None:
        self.columns = columns
        """The names of the indices."""
        self.notes = notes + [f"{metric}: {note}" for metric, _, of, _ in analyses for note in of]
        """What a reader must know."""
        self._analyses = analyses

    def to_pandas(self) -> pandas.DataFrame:
        """The table ``sensitivity``: a row for each metric and key, NaN where an index is undefined."""
        import pandas as pd

        rows = [(metric, key, *cells) for metric, _, _, of in self._analyses for key, cells in of]
        frame = pd.DataFrame(rows, columns=["metric", "names", *self.columns])
        return frame.astype(dict.fromkeys(self.columns, float))

    def __repr__(self) -> str:
        return f"{self.to_pandas()}\n" + "\n".join(f"note: {note}" for note in self.notes)


@dataclass(frozen=True)
class Checked:
    """What is to be said of a scenario before it is run. It is true where the scenario can be run."""

    ok: bool
    """Whether it can be run."""
    problems: list[Problem]
    """Mistakes, warnings and notes, each with code, message, help, file, line and column."""
    estimate: dict[str, float] | None
    """What a run takes: firms, lots, steps, seconds on one core, bytes of memory, and more for each thread, bytes of csv."""
    text: str
    """All problems as they are shown, with the places underlined."""

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return self.text or f"no problems; about {(self.estimate or {}).get('seconds_on_one_core', 0):.1f} s on one core"


class Score(Mapping[str, Any]):
    """A run beside the history of its scenario, as ``score.json`` has it."""

    def __init__(self, card: dict[str, Any]) -> None:
        self._card = card

    def __getitem__(self, name: str) -> Any:
        return self._card[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._card)

    def __len__(self) -> int:
        return len(self._card)

    def path(self) -> pandas.DataFrame:
        """The scored epochs: hashrate as observed and as simulated, EH/s."""
        import pandas as pd

        frame = pd.DataFrame(self._card["path"])
        quantiles = pd.DataFrame(frame.pop("quantiles_eh_per_s").tolist(), columns=[f"p{p}_eh_per_s" for p in ("05", "25", "50", "75", "95")])
        frame["start_time_utc"] = pd.to_datetime(frame["start_time_utc"]).dt.tz_localize(None)
        return frame.join(quantiles)

    def __repr__(self) -> str:
        rmse, bias, crps = (self._card[name] for name in ("rmse_ln_h", "bias_ln_h", "crps"))
        return f"{self._card['title']}: {self._card['scored_epochs']} epochs, ln hashrate: rmse {rmse:.3f}, bias {bias:+.3f}, crps {crps:.3f}"


class Nowcast(Mapping[str, Any]):
    """The state of the network at a date, with bands, and a forecast, as ``shakeout nowcast --json`` has it."""

    def __init__(self, state: dict[str, Any], start: str) -> None:
        self._state = state
        self.start = start
        """The state as the start of a scenario, in TOML. It has chain, fleet and machines on order, and neither prices nor miners: a scenario adds
        these. ``sk.run('extends = "start.toml"\\n…', files={"start.toml": n.start})``; the book's chapter on rolling forecasts has a whole one."""

    def __getitem__(self, name: str) -> Any:
        return self._state[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    def quantities(self) -> pandas.DataFrame:
        """Installed, idle and ordered hashrate and the rest: mean and quantiles, corrected by hashrate (``after``) and not (``before``).

        The names end in their units.
        """
        import pandas as pd

        rows = {
            (name, which): {**of[which], "definition": of["doc"]} for name, of in self["state"].items() for which in ("after", "before")
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["quantity", "band"])

    def forecast(self) -> pandas.DataFrame:
        """Hashrate, EH/s, epoch by epoch from the date on: mean and quantiles over the members of the ensemble."""
        import pandas as pd

        frame = pd.DataFrame(self["forecast_hashrate_eh_per_s"])
        return frame.set_index(pd.RangeIndex(1, len(frame) + 1, name="epoch")).astype(float)

    def fleet(self) -> pandas.DataFrame:
        """Shares of installed and of running hashrate by efficiency, J/TH."""
        import pandas as pd

        return pd.DataFrame(self["fleet"])

    def __repr__(self) -> str:
        return f"the network at block {self['height']} ({self['time_utc']})\n{self.quantities()}"


class Posterior:
    """Parameters fitted to history."""

    def __init__(self, found: FoundPosterior, asked: tuple[list[dict[str, Any]], str | None]) -> None:
        givens = [_with_files(given, files) for given, files in zip(asked[0], found["files"], strict=True)]
        self._asked = (givens, asked[1])
        self._episodes, self._predictive, self._observed = found["episodes"], found["predictive"], found["observed"]
        self.names: list[str] = found["names"]
        """The parameters."""
        self.values = np.array(found["values"])
        """Draws, a row each, in the parameters' units, after the regression."""
        self.weights = np.array(found["weights"])
        """Of the draws; they sum to 1."""
        self.distances = np.array(found["distances"])
        """Of the draws' histories to the observed one."""
        self.report: dict[str, Any] = found["report"]
        """As ``calibration.json`` has it: priors, posterior of each parameter, whether it is identified, ridges."""

    def to_pandas(self) -> pandas.DataFrame:
        """The weighted draws."""
        import pandas as pd

        return pd.DataFrame(self.values, columns=self.names).assign(weight=self.weights, distance=self.distances)

    @checked
    def to_inference_data(self, draws: Count | None = None) -> arviz.InferenceData:
        """As ArviZ before 1.0 reads it: posterior, posterior predictive hashrate, and the observed one.

        The draws are weighted, and ArviZ takes them for equal: they are drawn again by their weights, as many as there are or ``draws``, at
        evenly spaced quantiles, so that nothing is random. They are independent, not a chain: ``ess`` and ``r_hat`` say nothing here, the
        weights' own effective size is in ``report``. Hashrate has EH/s, by epoch of each scenario; a history that ends early leaves NaN.
        """
        import arviz as az

        count = draws or len(self.weights)
        place = np.searchsorted(np.cumsum(self.weights), (np.arange(count) + 0.5) / count)
        chosen = self.values[np.minimum(place, len(self.weights) - 1)]
        posterior = {name: chosen[None, :, column] for column, name in enumerate(self.names)}
        predictive, observed, dims = {}, {}, {}
        simulated = self._predictive
        for number, (episode, seen) in enumerate(zip(self._episodes, self._observed, strict=True)):
            name, dim = f"hashrate_eh_per_s[{episode}]", f"epoch[{episode}]"
            histories = [np.array([epoch[3] for epoch in draw[number]]) for draw in simulated]
            if seen is not None:
                observed[name] = np.array([epoch[3] for epoch in seen])
            length = max(map(len, [*histories, observed.get(name, ())]), default=0)
            if name in observed:
                observed[name] = _filled(observed[name], length)
            if histories:
                predictive[name] = np.stack([_filled(history, length) for history in histories])[None]
            dims[name] = [dim]
        data: arviz.InferenceData = az.from_dict(
            posterior=posterior,
            posterior_predictive=predictive or None,
            observed_data=observed or None,
            dims=dims,
            attrs={"inference_library": "shakeout"},
        )
        return data

    @checked
    def save(
        self,
        path: Folder,
        *,
        charts: bool = True,
        replace: bool = False,
        threads: Threads | None = None,
        progress: Progress = False,
    ) -> Path:
        """Samples again into the result folder that the command line writes, with the same draws, and gives its path.

        It takes as long as the calibration did: the folder also holds every particle of every generation, of which only the last stay in
        memory.
        """
        saving = {"path": os.fspath(path), "format": "csv", "charts": charts, "page": False, "replace": replace}
        return Path(listened(lambda saving, how: save_posterior(self._asked, saving, how), saving, manner(threads, progress)))

    def __repr__(self) -> str:
        rows = [
            f"  {of['name']}: {of['p50']:.4g} (90 %: {of['p05']:.4g} to {of['p95']:.4g}), {of['verdict']}"
            for of in self.report["parameters"]
        ]
        return "\n".join([f"posterior of {', '.join(self._episodes)}", *rows])


def _filled(values: Any, length: int) -> np.ndarray[Any, Any]:
    return np.concatenate([values, np.full(length - len(values), np.nan)])
