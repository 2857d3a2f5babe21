"""What tables become, and what an empty cell is."""

import copy
import gc
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import shakeout as sk


def test_numpy_reads_in_place(small: sk.Results) -> None:
    days = small["days"]
    prices = days["price_usd"]
    assert prices.dtype == np.float64
    assert not prices.flags.writeable
    assert np.shares_memory(prices, days["price_usd"])
    assert np.shares_memory(prices, np.asarray(days.column("price_usd")))
    assert days["time_utc"].dtype == np.dtype("datetime64[s]")


def test_polars_reads_in_place(small: sk.Results) -> None:
    days = small["days"]
    series = pl.DataFrame(days)["price_usd"]
    assert np.shares_memory(series.to_numpy(allow_copy=False), days["price_usd"])
    assert pl.Series(days.column("price_usd")).equals(series)


def test_buffers_outlive_their_table() -> None:
    r = sk.run("downturn-simple", {"run.days": 20}, replicas=2, tables=["days", "firms"])
    prices, frame = r["days"]["price_usd"], pl.DataFrame(r["firms"])
    copies = prices.copy(), frame.rows()
    del r
    gc.collect()
    # What the freed memory held is overwritten, if it was freed.
    sk.run("downturn-simple", {"run.days": 20}, replicas=4, seed=99)
    np.testing.assert_array_equal(prices, copies[0])
    assert frame.rows() == copies[1]


def test_an_export_leaves_nothing_behind(small: sk.Results) -> None:
    import resource

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def export() -> None:
        for _ in range(200):
            pl.DataFrame(small["firms"])
            small["firms"].__arrow_c_stream__()

    export()
    before = peak()
    for _ in range(10):
        export()
    # Of 2,000 exports one that leaks keeps 300 kB.
    assert peak() - before < 20_000


def test_never_and_unmeasured_are_told_apart() -> None:
    r = sk.run("downturn-simple", {"run.days": 30}, replicas=3, seed=7)
    frame = pl.DataFrame(r["replicas"])
    for meaning, stands_for_it in {"never": np.isposinf, "unmeasured": np.isnan}.items():
        columns = [r["replicas"].column(name) for name in r["replicas"] if r["replicas"].column(name).absent == meaning]
        empty = [column for column in columns if not column.is_filled().all()]
        assert empty
        for column in empty:
            np.testing.assert_array_equal(stands_for_it(column.to_numpy()), ~column.is_filled())
            assert frame[column.name].null_count() == (~column.is_filled()).sum()
    assert all(r["days"].column(name).absent is None for name in r["days"])


def test_units_and_meanings_are_those_of_the_dictionary(small: sk.Results) -> None:
    for name, table in small.items():
        described = sk.columns(name)
        assert table.key == described["key"]
        assert table.definition == described["row"]
        assert table.units == {column["name"]: column["unit"] for column in described["columns"]}
        assert table.definitions == {column["name"]: column["definition"] for column in described["columns"]}
    assert small.units["price_usd"] in ("USD", "USD/BTC")


def test_pandas_and_xarray(small: sk.Results) -> None:
    frame = small["days"].to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame.attrs["units"]["hashrate_eh_per_s"] == "EH/s"
    frame.loc[0, "price_usd"] = 1.0
    data = small.to_xarray("days")
    assert data.sizes == {"replica": 3, "time_utc": 80}
    assert data["hashrate_eh_per_s"].attrs["units"] == "EH/s"
    np.testing.assert_array_equal(data["price_usd"].values.ravel(), small["days"]["price_usd"])
    for name, table in small.items():
        spread = table.to_xarray()
        assert list(spread.dims) == table.key, name
    assert (small.metrics().loc["hashrate_trough_share", "n"]) == 3


def test_a_fan(small: sk.Results) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    ax = small.plot.fan("hashrate_eh_per_s")
    assert ax.get_ylabel() == "EH/s"
    median = ax.lines[0].get_ydata()
    np.testing.assert_array_equal(median, np.median(small["days"]["hashrate_eh_per_s"].reshape(3, 80), axis=0))
    assert small.plot.fan("difficulty", table="epochs").get_xlabel() == "difficulty epoch"
    assert sk.plot.colour_of("hashprice_usd_per_ph_day") == sk.palette()["hashprice"]
    assert sk.plot.colour_of("gini") == sk.palette()["neutral"]


def assert_same_tables(one: sk.Results | sk.Sweep, other: sk.Results | sk.Sweep) -> None:
    assert list(one) == list(other)
    for name, table in one.items():
        assert pl.DataFrame(table).equals(pl.DataFrame(other[name]))
        assert [repr(table.column(column)) for column in table] == [repr(other[name].column(column)) for column in table]
        assert [table.column(column).absent for column in table] == [other[name].column(column).absent for column in table]


@pytest.mark.parametrize("again", [lambda of: pickle.loads(pickle.dumps(of)), copy.deepcopy, copy.copy])
def test_a_result_is_kept_whole(again: object, tmp_path: Path, small: sk.Results) -> None:
    kept = again(small)
    assert_same_tables(kept, small)
    assert (kept.title, kept.scenario, kept.summary, kept.failed) == (small.title, small.scenario, small.summary, small.failed)
    folders = [of.save(tmp_path / name, charts=False, page=False) for of, name in ((kept, "kept"), (small, "small"))]
    for file in ("days.csv", "events.csv", "summary.json"):
        assert len({(folder / file).read_bytes() for folder in folders}) == 1
    column = again(small["days"].column("price_usd"))
    np.testing.assert_array_equal(np.asarray(column), small["days"]["price_usd"])


def test_a_sweep_is_kept_whole(tmp_path: Path) -> None:
    d = sk.sweep("downturn-simple", {"run.days": 30}, vary={"power.pue": [1.0, 1.3]}, epochs=True, replicas=2)
    kept = pickle.loads(pickle.dumps(d))
    assert_same_tables(kept, d)
    assert kept.sensitivity("hashrate_trough_share").to_pandas().equals(d.sensitivity("hashrate_trough_share").to_pandas())
    assert (kept.points, kept.replicas, kept.design, kept.keys_varied) == (2, 2, "grid", ["power.pue"])
    assert (kept.save(tmp_path / "out") / "report.html").exists()


def test_pandas_and_numpy_are_told_how_a_table_is_read(small: sk.Results) -> None:
    with pytest.raises(TypeError, match=r"to_pandas\(\)"):
        pd.DataFrame(small["days"])
    with pytest.raises(TypeError, match=r"to_pandas\(\)"):
        np.asarray(small["days"])
    with pytest.raises(TypeError, match=r"to_pandas\(\)"):
        pd.DataFrame(small)
