"""Measures the package as its README tells: `python python/tests/measure.py [SCENARIO]`. Times are CPU times of this process, in all its threads."""

import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas
import polars

import shakeout as sk


def seconds(call: Callable[[], object], times: int = 1) -> float:
    """The CPU seconds of one call, the mean of several."""
    begin = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - begin) / times


def peak_mb() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform != "darwin" else 1) / 1e6


def main(scenario: str) -> None:
    # A run of one day answers nothing, and says so.
    warnings.simplefilter("ignore", sk.ScenarioWarning)
    for label, changes, options in (
        ("one call, one replica, all tables", {}, {}),
        ("one call, one replica, metrics alone", {}, {"tables": ["replicas"]}),
        ("one call, one replica, one day, metrics alone", {"run.days": 1}, {"tables": ["replicas"]}),
    ):
        sk.run(scenario, changes, replicas=1, **options)
        took = seconds(lambda c=changes, o=options: sk.run(scenario, c, replicas=1, **o), 20)
        print(f"{label}: {took * 1e3:.1f} ms")

    results: list[sk.Results] = []
    took = seconds(lambda: results.append(sk.run(scenario, replicas=200)))
    (result,) = results
    rows = sum(len(table) for table in result.values())
    print(f"200 replicas, all tables: {took:.1f} s, {rows:,} rows, peak {peak_mb():.0f} MB of the whole process")
    print(f"these as polars: {seconds(lambda: [polars.DataFrame(table) for table in result.values()]):.2f} s")
    print(f"these as pandas: {seconds(lambda: [table.to_pandas() for table in result.values()]):.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        print(f"save: {seconds(lambda: result.save(out)):.1f} s, peak {peak_mb():.0f} MB")
        print(f"read back by pandas: {seconds(lambda: [pandas.read_csv(path) for path in out.glob('*.csv')]):.1f} s")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["downturn"]))
