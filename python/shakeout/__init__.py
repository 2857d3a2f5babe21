"""Simulates how a proof-of-work network regulates itself and shakes out its miners.

>>> import shakeout as sk
>>> r = sk.run("downturn", {"class.hosted.cash_months": 3}, replicas=200, seed=7)
>>> r["replicas"].to_pandas()

A scenario is the name of one that is shipped (:func:`scenarios`), a path, the text of a TOML file, or a nested dictionary. Changes are keys
with dots and their values, as ``--set`` of the command line has them. Tables, columns and units are those of the data dictionary
(:func:`columns`). The same version, scenario and seed give the same numbers as the command line, with any number of threads.

Every call releases the interpreter's lock while it simulates, and ends within a fraction of a second on Ctrl-C.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version as _version
from typing import Annotated, Any, Literal

from . import _native
from ._arguments import AtLeast, Count, Folder, Number, Texts, Threads, checked
from ._call import Progress, listened, manner
from ._scenario import Changes, Files, Scenario, given, instant as _instant, points as _points, table as _table, value as _value, vary as _vary
from .errors import Bug, DiskError, Error, InputError, Label, Problem, ScenarioError, ScenarioWarning
from .plot import Plots
from .results import Checked, Nowcast, Posterior, Ranking, Results, Score, Sweep
from .tables import Column, Table

__version__ = _version("shakeout")

__all__ = [
    "Bug", "Checked", "Column", "DiskError", "Error", "InputError", "Label", "Nowcast", "Plots", "Posterior", "Problem", "Ranking",
    "Results", "ScenarioError", "ScenarioWarning", "Score", "Sweep", "Table", "calibrate", "check", "columns", "explain", "history", "nowcast",
    "palette", "run", "salib_problem", "scenario_text", "scenarios", "score", "sweep",
]  # fmt: skip


@checked
def run(
    scenario: Scenario,
    changes: Changes | None = None,
    *,
    replicas: Count | None = None,
    seed: Number | None = None,
    variant: str | None = None,
    files: Files | None = None,
    allow: Iterable[Folder] = (),
    tables: Texts | None = None,
    events: Literal["some", "all"] = "some",
    replica: Number | None = None,
    follow: str | None = None,
    threads: Threads | None = None,
    progress: Progress = False,
    audit: bool = False,
    fail_fast: bool = False,
    deny_warnings: bool = False,
) -> Results:
    """Simulates all replicas of a scenario and keeps their tables in memory.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, path, text of TOML, or nested dictionary.
    changes
        Keys and their new values, such as ``{"class.hosted.cash_months": 3}``.
    replicas, seed, variant
        Number of random histories, seed of all randomness, and the ``[variant.NAME]`` that is applied; without them as in the scenario.
    files
        Contents of files that the scenario names, such as ``{"price.csv": frame}``: data frames, dictionaries of columns, paths or texts.
        A shipped scenario runs on your own prices where ``changes`` put a file in the place of its price path, which must cover the run:
        ``run("downturn", {"price.csv.file": "price.csv", "run.start": first_day}, files={"price.csv": frame})``. The frame has dates
        (as the index, or a column ``date``) and ``price_usd``. A name that the scenario does not read is refused.
    allow
        Folders below which the scenario may read files, besides its own and the current one.
    tables
        Names of the tables to keep; ``replicas`` is always among them. Fewer take less memory. Without it all of them.
    events
        ``"some"``: events and supply of the first 20 replicas, ``"all"``: of all.
    replica
        Run this replica alone, with the random numbers that it has among others.
    follow
        Also give the table ``ledger``: every movement of coins and dollars at the firm of this name.
    threads
        All cores by default; results do not depend on it.
    progress
        ``True`` for a line on standard error, or a function of how many replicas are done and of how many.
    audit
        Check every invariant of the model at every step, which is slower.
    fail_fast
        Raise at the first replica that cannot be run; otherwise it is in ``failed`` and the others are run.
    deny_warnings
        Take warnings on the scenario for errors.

    Raises
    ------
    ScenarioError
        The scenario is wrong; the text underlines each mistake.
    """
    wanted = {"tables": tables, "all_events": events == "all", "replica": replica, "follow": follow}
    asked = given(scenario, changes, variant=variant, seed=seed, replicas=replicas, files=files, allow=allow)
    how = manner(threads, progress, audit=audit, fail_fast=fail_fast, deny_warnings=deny_warnings)
    return Results(listened(_native.run, asked, wanted, how), (asked, wanted))


@checked
def check(
    scenario: Scenario,
    changes: Changes | None = None,
    *,
    variant: str | None = None,
    files: Files | None = None,
    allow: Iterable[Folder] = (),
) -> Checked:
    """Finds every problem of a scenario at once, with its variants, history and designs, and simulates nothing.

    A wrong scenario raises nothing here: see ``problems``, and ``ok``.
    """
    found = _native.check(given(scenario, changes, variant=variant, files=files, allow=allow), manner())
    problems = [Problem._of(problem) for problem in found["problems"]]
    return Checked(found["ok"], problems, found["estimate"], found["shown"])


@checked
def explain(scenario: Scenario, key: str | None = None, changes: Changes | None = None, *, variant: str | None = None) -> list[dict[str, Any]]:
    """Every value of a scenario, or those below a key: value, unit, origin, meaning, source, usual range and prior."""
    found: list[dict[str, Any]] = _native.explain(given(scenario, changes, variant=variant), key)
    return found


@checked
def sweep(
    scenario: Scenario,
    changes: Changes | None = None,
    *,
    points: Any = None,
    keys: Texts | None = None,
    vary: Mapping[str, Any] | Texts | None = None,
    design: str | None = None,
    size: Number | None = None,
    epochs: bool = False,
    replicas: Count | None = None,
    seed: Number | None = None,
    variant: str | None = None,
    files: Files | None = None,
    allow: Iterable[Folder] = (),
    threads: Threads | None = None,
    progress: Progress = False,
    audit: bool = False,
    fail_fast: bool = False,
    deny_warnings: bool = False,
) -> Sweep:
    """Runs a designed experiment: every point with all replicas and the same random numbers.

    Points come from a table or from a design; without either, from the scenario's own ``[sweep]``.

    Parameters
    ----------
    points
        A table with a row for each point: a data frame or dictionary whose columns are keys, or rows (an array of SALib, say) with ``keys``.
    keys
        The keys that the columns of ``points`` give values to. A wrong value is shown at its row and column of the points, which stand in
        messages as a csv with the keys as its first line.
    vary
        Keys and their levels: ``{"power.pue": [1.0, 1.1]}``, a range as a pair ``(0.8, 1.2)`` or as text ``"0.8..1.2:5"``; or a list of keys
        alone, each over the range of its prior.
    design
        How points are laid out from ``vary``: ``"grid"`` (default), ``"latin-hypercube"``, ``"sobol"`` or ``"morris"``.
    size
        Of the design: points, base samples or trajectories.
    epochs
        Also give the table ``epochs`` of every run.

    The other parameters are those of :func:`run`.
    """
    if points is not None and (vary is not None or design is not None or size is not None):
        raise InputError("give either `points` or `vary`, `design` and `size`")
    listed = None if points is None else _points(points, keys)
    varied = {"vary": _vary(vary or [], design), "design": design, "size": size, "listed": listed, "epochs": epochs}
    asked = given(scenario, changes, variant=variant, seed=seed, replicas=replicas, files=files, allow=allow)
    how = manner(threads, progress, audit=audit, fail_fast=fail_fast, deny_warnings=deny_warnings)
    return Sweep(listened(_native.sweep, asked, varied, how), (asked, varied))


@checked
def salib_problem(scenario: Scenario, keys: Texts, changes: Changes | None = None) -> dict[str, Any]:
    """The problem that SALib samples from: the keys with the ranges and laws of their priors.

    A key without a prior is refused; give its range by hand. The laws are ``unif``, ``logunif``, and ``truncnorm`` for one that is normal
    and cut off.
    """
    bounds, laws = [], []
    for key in keys:
        found = explain(scenario, key, changes)
        prior = found[0]["prior"] if len(found) == 1 and found[0]["key"] == key else None
        if prior is None:
            raise InputError(f"{key!r} is declared without a prior: write its bounds yourself; shakeout.explain() shows the priors of keys")
        low, high = prior["minimum"], prior["maximum"]
        if prior["law"] == "normal":
            bounds.append([low, high, prior["mean"], prior["sd"]])
        else:
            bounds.append([low, high])
        laws.append({"uniform": "unif", "log_uniform": "logunif", "normal": "truncnorm"}[prior["law"]])
    return {"num_vars": len(bounds), "names": list(keys), "bounds": bounds, "dists": laws}


@checked
def nowcast(
    history: Any = None,
    days: Any = None,
    *,
    catalogue: Any = None,
    at: Any = None,
    epochs: Annotated[int, AtLeast(1, 26)] = 13,
    price_usd: float | None = None,
    prices_known: bool = False,
    power_price_usd_per_kwh: float = 0.05,
    members: Annotated[int, AtLeast(20, 100_000)] = 400,
    seed: Number = 1,
    threads: Threads | None = None,
    progress: Progress = False,
) -> Nowcast:
    """Tells the state of the network at a date, with bands, and forecasts hashrate from there.

    Parameters
    ----------
    history
        Difficulty epochs instead of the shipped ones, or epochs that follow their end (:func:`history`): a table with ``start_height``, ``start_time_utc``, ``nbits`` or ``difficulty``,
        ``price_usd`` and ``fees_btc_per_block``. A whole history stands for the shipped blocks by day as well: give ``days`` too, or the state is
        corrected epoch by epoch.
    days
        Blocks by day, prices by day, or both: a table with ``date``, ``blocks`` and ``price_usd``.
    catalogue
        Machines instead of the shipped catalogue, in its form (``shakeout hardware --csv``).
    at
        A date, text or datetime (without a time zone it is UTC): the state is told at the last start of an epoch before it; without one, at the end of the history.
    epochs
        How many epochs are forecast, 1 to 26.
    price_usd
        Price that the forecast holds, USD; without one the mean of the last epoch.
    prices_known
        Whether the forecast knows the prices that ``history`` and ``days`` have after the date, if ``price_usd`` holds none; the last one stays.
    power_price_usd_per_kwh
        Median avoidable cost of power, USD/kWh.
    members, seed
        Of the ensemble; 20 to 100,000 members.
    """
    text = {name: None if of is None else _table(of).decode() for name, of in {"history": history, "days": days, "catalogue": catalogue}.items()}
    asked = {
        "at": None if at is None else _instant(at),
        "epochs": epochs,
        "price_usd": price_usd,
        "are_prices_known": prices_known,
        "power_price_usd_per_kwh": power_price_usd_per_kwh,
        "members": members,
        "seed": seed,
    }
    return Nowcast(*listened(_native.nowcast, text, asked, manner(threads, progress)))


@checked
def score(
    scenario: Scenario,
    changes: Changes | None = None,
    *,
    replicas: Count | None = None,
    seed: Number | None = None,
    variant: str | None = None,
    files: Files | None = None,
    allow: Iterable[Folder] = (),
    threads: Threads | None = None,
    progress: Progress = False,
) -> Score:
    """Runs a scenario and compares it with the ``[observed]`` history in it, beside baseline forecasts."""
    asked = given(scenario, changes, variant=variant, seed=seed, replicas=replicas, files=files, allow=allow)
    return Score(listened(_native.score, asked, manner(threads, progress)))


@checked
def calibrate(
    scenarios: Scenario | Sequence[Scenario],
    changes: Changes | None = None,
    *,
    synthetic: Mapping[str, float] | None = None,
    seed: Number | None = None,
    files: Files | None = None,
    allow: Iterable[Folder] = (),
    threads: Threads | None = None,
    progress: Progress = False,
) -> Posterior:
    """Fits the parameters that the first scenario declares in ``[calibrate]``, or the usual ones, to the ``[observed]`` histories.

    The method is sequential approximate Bayesian computation with a regression at the end; ``{"calibrate.population": 100}`` among the
    changes makes it smaller. With ``synthetic`` the engine makes the observation, at these values of all parameters.
    """
    several = [scenarios] if isinstance(scenarios, (str, os.PathLike, Mapping)) else list(scenarios)
    asked = [given(scenario, changes, seed=seed, files=files, allow=allow) for scenario in several]
    truth = None if synthetic is None else ",".join(f"{name}={_value(number)}" for name, number in synthetic.items())
    return Posterior(listened(_native.calibrate, asked, truth, manner(threads, progress)), (asked, truth))


def scenarios() -> list[str]:
    """The names of the shipped scenarios."""
    return _native.shipped()


@checked
def scenario_text(name: str) -> str:
    """The text of a shipped scenario, with all that it extends, to start one's own from."""
    text = _native.shipped_text(name)
    if text is None:
        raise InputError(f"no scenario {name!r} is shipped; there are {', '.join(scenarios())}")
    return text


@checked
def history(*, days: bool = False) -> str:
    """The shipped history of difficulty epochs, 2013 to 2023, as csv; with ``days`` the blocks by day.

    ``pandas.read_csv(io.StringIO(sk.history()))`` is a table that :func:`nowcast` takes. It also takes only the epochs that follow the end of
    this one, which begin with its last row or after it.
    """
    return _native.history(days)


@checked
def columns(table: str | None = None) -> Any:
    """The data dictionary: what stands in each column of each table, as ``shakeout columns --json`` has it; or of one table."""
    tables = _native.tables_described()
    if table is None:
        return tables
    found = [described for described in tables if described["table"] == table]
    if not found:
        raise InputError(f"there is no table {table!r}; there are {', '.join(described['table'] for described in tables)}")
    return found[0]


def palette() -> dict[str, str]:
    """The colours of the simulator's charts, by what they mean."""
    return _native.palette()
