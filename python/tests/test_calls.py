"""Scenarios, changes, frames and points as people have them, and what is refused."""

import datetime as dt
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import CHANGES

import shakeout as sk


def prices(days: int = 120) -> pd.DataFrame:
    dates = pd.date_range("2025-10-02", periods=days)
    return pd.DataFrame({"price_usd": np.linspace(60_000.0, 40_000.0, days)}, index=dates.rename("date"))


def test_a_scenario_is_a_name_a_path_a_text_or_a_dictionary(tmp_path: Path, small: sk.Results) -> None:
    text = sk.scenario_text("downturn-simple")
    path = tmp_path / "mine.toml"
    path.write_text(text)
    import tomllib

    for scenario in (text, path, str(path), tomllib.loads(text)):
        r = sk.run(scenario, CHANGES, replicas=3, seed=7, tables=["days"])
        assert set(r) == {"days", "replicas"}
        np.testing.assert_array_equal(r["days"]["hashrate_eh_per_s"], small["days"]["hashrate_eh_per_s"])


def test_a_replica_alone_has_the_numbers_that_it_has_among_others(small: sk.Results) -> None:
    alone = sk.run("downturn-simple", CHANGES, seed=7, replica=2, tables=["days"])
    among = small["days"]["price_usd"][small["days"]["replica"] == 2]
    np.testing.assert_array_equal(alone["days"]["price_usd"], among)


@pytest.mark.parametrize("of", [lambda f: f, lambda f: f.reset_index(), lambda f: f["price_usd"], lambda f: pl.from_pandas(f.reset_index()),
                                lambda f: {"date": f.index.strftime("%Y-%m-%d"), "price_usd": f["price_usd"]}, lambda f: f.tz_localize("UTC")])  # fmt: skip
def test_frames_are_files(of: object) -> None:
    start = {"run.start": dt.date(2025, 10, 2), "run.days": 100, "price.csv.file": "price.csv"}
    r = sk.run("downturn-simple", start, replicas=1, files={"price.csv": of(prices())}, tables=["days"])
    np.testing.assert_allclose(r["days"]["base_price_usd"][10:12], prices()["price_usd"].to_numpy()[10:12], rtol=0.02)


def test_all_problems_are_shown_with_their_places() -> None:
    with pytest.raises(sk.ScenarioError) as error:
        sk.run("downturn-simple", {"run.days": -3, "power.pue": "much"})
    first = error.value.problems[0]
    assert len(error.value.problems) == 2
    assert (first.code, first.severity, first.file, first.line, first.column) == ("scenario::range", "error", "<changes>", 1, 10)
    for part in ("`run.days` is -3", "run.days=-3", "╰──", "power.pue"):
        assert part in str(error.value)
    text = sk.scenario_text("downturn-simple").replace("days = ", "dayz = ")
    found = sk.check(text)
    unknown = next(problem for problem in found.problems if problem.code == "scenario::unknown_key")
    assert not found
    assert unknown.labels[0].written == "dayz"
    assert text.splitlines()[unknown.line - 1].startswith("dayz")
    assert "dayz" in found.text


def test_a_sound_scenario_has_an_estimate() -> None:
    found = sk.check("downturn-simple")
    assert found
    assert found.estimate["replicas"] == 200
    assert found.estimate["seconds_on_one_core"] > 0


def test_what_is_refused_says_the_remedy() -> None:
    with pytest.raises(sk.ScenarioError, match="did you mean `downturn`"):
        sk.run("downtrun")
    with pytest.raises(sk.InputError, match="there is no table `weeks`; there are epochs"):
        sk.run("downturn-simple", tables=["weeks"])
    with pytest.raises(sk.InputError, match="is no table: give a data frame"):
        sk.run("downturn-simple", files={"price.csv": 3})
    with pytest.raises(sk.InputError, match="no value of a scenario"):
        sk.run("downturn-simple", {"power.pue": None})
    with pytest.raises(sk.InputError, match="no firm"):
        sk.run("downturn-simple", CHANGES, follow="nobody")
    with pytest.raises(sk.InputError, match="`keys`"):
        sk.sweep("downturn-simple", points=[[1.0]])
    with pytest.raises(sk.InputError, match="no column 'power.pue'"):
        sk.sweep("downturn-simple", points={"pue": [1.0]}, keys=["power.pue"])
    with pytest.raises(sk.ScenarioError, match="power.pue"):
        sk.sweep("downturn-simple", points=[[1.0], [-1.0]], keys=["power.pue"])
    with pytest.raises(sk.InputError, match="without a prior"):
        sk.salib_problem("downturn-simple", ["run.days"])
    with pytest.raises(sk.ScenarioError, match="start_time_utc"):
        sk.nowcast(history={"start_height": [0]})


def test_a_wrong_argument_is_named_with_what_is_expected() -> None:
    with pytest.raises(TypeError, match=r"run\(seed=…\) is 'seven', of type str; give a whole number, at least 0 or None"):
        sk.run("downturn-simple", seed="seven")
    with pytest.raises(TypeError, match=r"run\(replicas=…\) is 2.5, of type float; give a whole number"):
        sk.run("downturn-simple", replicas=2.5)
    with pytest.raises(TypeError, match=r"run\(scenario=…\) is 3, of type int; give a text or a path or a dictionary"):
        sk.run(3)
    with pytest.raises(TypeError, match=r"run\(changes=…\) is \[\], of type list; give a dictionary or None"):
        sk.run("downturn-simple", [])
    with pytest.raises(TypeError, match=r"item 1 of run\(tables=…\) is 3"):
        sk.run("downturn-simple", tables=["days", 3])
    with pytest.raises(TypeError, match=r"run\(audit=…\) is 1, of type int; give True or False"):
        sk.run("downturn-simple", audit=1)
    with pytest.raises(TypeError, match=r"run\(\) got an unexpected keyword argument 'replica_s'"):
        sk.run("downturn-simple", replica_s=3)
    with pytest.raises(sk.InputError, match=r"run\(events=…\) is 'none'; give one of 'some', 'all'"):
        sk.run("downturn-simple", events="none")
    numpy = sk.run("downturn-simple", {"run.days": 20}, replicas=np.int64(1), seed=np.uint8(3), tables=("days",))
    assert len(numpy["replicas"]) == 1


@pytest.mark.parametrize("call", [
    lambda: sk.run("downturn-simple", replicas=0), lambda: sk.run("downturn-simple", replicas=-1), lambda: sk.run("downturn-simple", replica=-1),
    lambda: sk.run("downturn-simple", seed=-1), lambda: sk.run("downturn-simple", threads=0), lambda: sk.nowcast(members=0), lambda: sk.nowcast(epochs=0),
    lambda: sk.nowcast(epochs=27), lambda: sk.sweep("downturn-simple", vary="power.pue", design="sobol", size=-2),
    lambda: sk.sweep("downturn-simple", vary="power.pue", design="latin-hypercube", size=0),
])  # fmt: skip
def test_a_count_of_none_is_refused(call: object) -> None:
    with pytest.raises(sk.InputError, match="give"):
        call()


def test_one_text_is_a_list_of_one() -> None:
    assert set(sk.run("downturn-simple", {"run.days": 20}, replicas=1, tables="days")) == {"days", "replicas"}
    assert sk.sweep("downturn-simple", {"run.days": 20}, points=[[1.0], [1.1]], keys="power.pue", replicas=1).keys_varied == ["power.pue"]
    assert sk.salib_problem("downturn-simple", "power.take_or_pay")["names"] == ["power.take_or_pay"]
    assert sk.sweep("downturn-simple", {"run.days": 20}, vary="power.take_or_pay", design="latin-hypercube", size=2, replicas=1).points == 2


def test_messages_name_arguments_and_no_flags(tmp_path: Path, small: sk.Results) -> None:
    small.save(tmp_path / "out", charts=False, page=False)
    errors = []
    for call in (
        lambda: small.save(tmp_path / "out", charts=False, page=False),
        lambda: sk.run("downturn-simple", {"run.dayz": 3}),
        lambda: sk.run("downturn-simple", variant="none"),
        lambda: sk.run("downturn-simple", {"power.pue": 2.9}, deny_warnings=True),
        lambda: sk.sweep("downturn-simple"),
        lambda: sk.sweep("downturn-simple", vary="run.days"),
        lambda: sk.sweep("downturn-simple", vary="power.take_or_pay", design="grid"),
        lambda: sk.sweep("downturn-simple", vary="power.take_or_pay", design="sobol"),
        lambda: sk.nowcast(at="1999-01-01", members=20),
        lambda: sk.nowcast(price_usd=-1, members=20),
        lambda: sk.nowcast(history={"start_height": [0]}),
    ):
        with pytest.raises(sk.Error) as error:
            call()
        errors.append(str(error.value))
        assert "--" not in str(error.value), str(error.value)
        assert all("--" not in label.file for problem in error.value.problems for label in problem.labels)
    assert "replace=True replaces it" in errors[0]
    assert "<changes>" in errors[1]
    assert 'vary={"KEY": "V1,V2"}' in errors[4]
    assert 'vary={"run.days": "V1,V2"}' in errors[5] or 'vary={"run.days": "LOW..HIGH"}' in errors[5]


@pytest.mark.parametrize("start", [
    "2025-10-12", dt.date(2025, 10, 12), dt.datetime(2025, 10, 12), pd.Timestamp("2025-10-12"), np.datetime64("2025-10-12"),
    np.datetime64("2025-10-12T00:00:00", "ns"), pd.Timestamp("2025-10-12 02:00", tz="Europe/Berlin"),
])  # fmt: skip
def test_dates_are_dates(start: object) -> None:
    r = sk.run("downturn-simple", {"run.start": start, "run.days": 20}, replicas=1, tables="days")
    assert str(r["days"]["time_utc"][0])[:10] in ("2025-10-12", "2025-10-13")


@pytest.mark.parametrize("at", [dt.date(2022, 3, 17), dt.datetime(2022, 3, 17), pd.Timestamp("2022-03-17 01:00", tz="Europe/Berlin"), np.datetime64("2022-03-17", "ns")])
def test_a_nowcast_takes_dates_as_dates(at: object) -> None:
    assert sk.nowcast(at=at, members=20, epochs=1)["height"] == sk.nowcast(at="2022-03-17", members=20, epochs=1)["height"]


def test_a_text_extends_a_shipped_scenario() -> None:
    text = 'format = 1\nextends = "downturn-simple"\n[run]\ndays = 20\n'
    mine, shipped = (sk.run(of, {"run.days": 20}, replicas=1, seed=7, tables="days") for of in (text, "downturn-simple"))
    np.testing.assert_array_equal(mine["days"]["hashrate_eh_per_s"], shipped["days"]["hashrate_eh_per_s"])
    assert sk.run({"extends": "downturn-simple", "run": {"days": 20}}, replicas=1, tables="days")["days"]["price_usd"].size == 20


def test_a_wrong_point_is_shown_at_its_row_and_column() -> None:
    with pytest.raises(sk.ScenarioError, match="point 1") as error:
        sk.sweep("downturn-simple", points=[[1.0, 2.0], [1.1, -3.0]], keys=KEYS, replicas=1)
    first = error.value.problems[0]
    assert (first.file, first.line, first.column, first.labels[0].written) == ("points.csv", 3, 5, "-3")
    with pytest.raises(sk.InputError, match="row 1, column 'power.pue': None"):
        sk.sweep("downturn-simple", points=[[1.0], [None]], keys="power.pue")


def test_a_file_that_is_not_read_is_refused() -> None:
    changes = {"run.start": dt.date(2025, 10, 2), "run.days": 20, "price.csv.file": "price.csv"}
    with pytest.raises(sk.ScenarioError, match=r"nor among those in memory,\s+│?\s*which are `prise.csv`"):
        sk.run("downturn-simple", changes, files={"prise.csv": prices()})
    both = {"price.csv": prices(), "prices.csv": prices()}
    for call in (sk.run, sk.check, lambda *of, **more: sk.sweep(*of, vary={"power.pue": [1.0, 1.1]}, **more)):
        with pytest.raises(sk.InputError, match=r"does not read `prices.csv`; did you mean `price.csv`"):
            call("downturn-simple", changes, files=both)
    with pytest.raises(sk.InputError, match=r"it reads no table"):
        sk.run("downturn-simple", files={"price.csv": prices()})


def test_warnings_are_warnings() -> None:
    with pytest.warns(sk.ScenarioWarning, match="power.pue"):
        sk.run("downturn-simple", {**CHANGES, "power.pue": 2.9}, replicas=1)
    with pytest.raises(sk.ScenarioError, match="power.pue"):
        sk.run("downturn-simple", {**CHANGES, "power.pue": 2.9}, replicas=1, deny_warnings=True)


def test_a_folder_that_is_there_is_kept(tmp_path: Path, small: sk.Results) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(sk.Error):
        small.save(tmp_path, charts=False, page=False)
    assert (tmp_path / "mine").exists()


@pytest.mark.parametrize("of", [np.array, lambda rows: pd.DataFrame(rows, columns=KEYS), lambda rows: pl.DataFrame(rows, schema=KEYS, orient="row"),
                                lambda rows: dict(zip(KEYS, zip(*rows, strict=True), strict=True))])  # fmt: skip
def test_points_are_those_of_a_grid(of: object) -> None:
    rows = [[1.0, 2.0], [1.0, 8.0], [1.2, 2.0], [1.2, 8.0]]
    listed = sk.sweep("downturn-simple", {"run.days": 20}, points=of(rows), keys=KEYS, replicas=2)
    grid = sk.sweep("downturn-simple", {"run.days": 20}, vary={KEYS[0]: [1.0, 1.2], KEYS[1]: [2, 8]}, replicas=2)
    for name in grid["sweep"]:
        np.testing.assert_array_equal(listed["sweep"][name], grid["sweep"][name])
    by_key = grid.to_xarray()
    assert by_key["hashrate_trough_share"].dims == (*KEYS, "replica")
    one = by_key["hashrate_trough_share"].sel({KEYS[0]: 1.2, KEYS[1]: 2}).values
    point = grid["sweep"]["point"] == 2
    np.testing.assert_array_equal(one, grid["sweep"]["hashrate_trough_share"][point])
    by_point = listed.to_xarray()
    assert by_point["power.pue"].dims == ("point",)
    np.testing.assert_allclose(by_point["hashrate_trough_share"].mean("replica"), listed.means("hashrate_trough_share"))


KEYS = ["power.pue", "class.public.cash_months"]


def test_salib_in_and_out() -> None:
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    keys = ["power.take_or_pay", "class.public.cash_months"]
    problem = sk.salib_problem("downturn-simple", keys[:1])
    assert problem["names"] == keys[:1]
    problem = {"num_vars": 2, "names": keys, "bounds": [problem["bounds"][0], [0.5, 12.0]]}
    x = sample.sample(problem, 4, calc_second_order=False, seed=1)
    d = sk.sweep("downturn-simple", CHANGES, points=x, keys=keys, replicas=2, seed=7)
    found = analyze.analyze(problem, d.means("hashrate_trough_share"), calc_second_order=False, seed=1)
    assert np.isfinite(found["ST"]).all()
    ranking = sk.sweep("downturn-simple", CHANGES, vary={"power.pue": [1.0, 1.3]}, replicas=2).sensitivity("hashrate_trough_share")
    assert ranking.to_pandas()["names"].tolist() == ["power.pue", "seed"]


def test_a_nowcast_from_ones_own_history() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "scenario"
    epochs = pd.read_csv(folder / "history_epochs.csv", comment="#", dtype={"nbits": str}).iloc[:-20]
    told = sk.nowcast(history=epochs, members=20, epochs=1)
    assert told["height"] == epochs["start_height"].iloc[-1]
    assert ("installed_eh_per_s", "after") in told.quantities().index
    assert told.start.startswith("# The network at block")


def test_a_history_is_continued() -> None:
    import io

    shipped = pd.read_csv(io.StringIO(sk.history()), dtype={"nbits": str})
    assert len(pd.read_csv(io.StringIO(sk.history(days=True)))) > 3000
    height = int(shipped["start_height"].iloc[-1]) + 2016
    more = {"start_height": [height, height + 2016], "start_time_utc": ["2024-01-05", "2024-01-19"], "nbits": ["1703e8b3"] * 2,
            "price_usd": [44_000, ""], "fees_btc_per_block": [2.0, ""]}  # fmt: skip
    assert sk.nowcast(history=more, members=20, epochs=1)["height"] == height + 2016
    with pytest.raises(sk.ScenarioError, match="leaves a gap after the shipped history"):
        sk.nowcast(history={key: column[1:] for key, column in more.items()}, members=20)
    newest_first = shipped.iloc[::-1]
    assert dict(sk.nowcast(history=newest_first, members=20, epochs=1)) == dict(sk.nowcast(history=shipped, members=20, epochs=1))


def test_a_calibration_for_arviz(tmp_path: Path) -> None:
    small = {"run.days": 120, "calibrate.population": 20, "calibrate.generations": 2, "calibrate.predictive": 5}
    posterior = sk.calibrate("2018-crash", small, seed=1)
    data = posterior.to_inference_data()
    assert list(data.posterior.data_vars) == posterior.names
    assert data.posterior.sizes["draw"] == len(posterior.weights)
    simulated = data.posterior_predictive["hashrate_eh_per_s[2018-crash]"]
    observed = data.observed_data["hashrate_eh_per_s[2018-crash]"]
    assert simulated.shape == (1, 5, observed.size)
    assert np.isclose(posterior.weights.sum(), 1.0)
    assert posterior.report["parameters"][0]["name"] == posterior.names[0]
    folder = posterior.save(tmp_path / "out", charts=False)
    saved = pd.read_csv(folder / "posterior.csv")
    np.testing.assert_array_equal(saved[f"{posterior.names[0]}_adjusted"], posterior.values[:, 0])


def test_a_pickle_holds_the_tables_and_not_what_was_looked_at() -> None:
    result = sk.run("downturn-simple", {"run.days": 60}, replicas=2)
    fresh = len(pickle.dumps(result))
    assert result.units["price_usd"] == "USD/BTC" and len(result["days"].to_pandas()) == 120
    assert len(pickle.dumps(result)) == fresh
    assert pickle.loads(pickle.dumps(result))["days"].to_pandas().equals(result["days"].to_pandas())


def test_a_pair_is_no_list_of_values() -> None:
    with pytest.raises(sk.InputError, match="a range, of which a grid has no values"):
        sk.sweep("downturn-simple", vary={"power.pue": (1.0, 1.2)}, replicas=1)


def test_frames_that_are_no_plain_tables_are_refused() -> None:
    days = pd.date_range("2025-09-30", periods=40, freq="D", name="date")
    two_levels = pd.DataFrame({("Close", "BTC-USD"): 60_000.0}, index=days)
    twice = pd.DataFrame({"date": days, "price_usd": 60_000.0}, index=days)
    for frame, told in ((two_levels, "2 levels"), (twice, "one of its columns")):
        with pytest.raises(sk.InputError, match=told):
            sk.run("downturn-simple", {"price.csv.file": "p.csv", "run.days": 20}, files={"p.csv": frame})


def test_a_nowcast_starts_a_scenario() -> None:
    now = sk.nowcast(at="2022-03-20T12:00:00", members=20, epochs=2)
    scenario = (
        'extends = "start.toml"\ntitle = "t"\nquestion = "q"\n[run]\ndays = 20\nreplicas = 2\n'
        '[price.knots]\npoints = [["2022-03-17", 41000]]\n'
        "[class.all]\nshare = 1\nfirms = 10\npower_price_usd_per_kwh = 0.05\ncash_months = 6\ntreasury_days = 30\n"
    )
    result = sk.run(scenario, files={"start.toml": now.start})
    assert result["days"]["hashrate_eh_per_s"][0] == pytest.approx(now["state"]["running_eh_per_s"]["after"]["p50"], rel=0.05)
