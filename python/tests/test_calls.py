"""Scenarios, changes, frames and points as people have them, and what is refused."""

import datetime as dt
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
    text = sk.scenario_text("downturn")
    path = tmp_path / "mine.toml"
    path.write_text(text)
    import tomllib

    for scenario in (text, path, str(path), tomllib.loads(text)):
        r = sk.run(scenario, CHANGES, replicas=3, seed=7, tables=["days"])
        assert set(r) == {"days", "replicas"}
        np.testing.assert_array_equal(r["days"]["hashrate_eh_per_s"], small["days"]["hashrate_eh_per_s"])


def test_a_replica_alone_has_the_numbers_that_it_has_among_others(small: sk.Results) -> None:
    alone = sk.run("downturn", CHANGES, seed=7, replica=2, tables=["days"])
    among = small["days"]["price_usd"][small["days"]["replica"] == 2]
    np.testing.assert_array_equal(alone["days"]["price_usd"], among)


@pytest.mark.parametrize("of", [lambda f: f, lambda f: f.reset_index(), lambda f: f["price_usd"], lambda f: pl.from_pandas(f.reset_index()),
                                lambda f: {"date": f.index.strftime("%Y-%m-%d"), "price_usd": f["price_usd"]}, lambda f: f.tz_localize("UTC")])  # fmt: skip
def test_frames_are_files(of: object) -> None:
    start = {"run.start": dt.date(2025, 10, 2), "run.days": 100, "price.csv.file": "price.csv"}
    r = sk.run("downturn", start, replicas=1, files={"price.csv": of(prices())}, tables=["days"])
    np.testing.assert_allclose(r["days"]["base_price_usd"][10:12], prices()["price_usd"].to_numpy()[10:12], rtol=0.02)


def test_all_problems_are_shown_with_their_places() -> None:
    with pytest.raises(sk.ScenarioError) as error:
        sk.run("downturn", {"run.days": -3, "power.pue": "much"})
    first = error.value.problems[0]
    assert len(error.value.problems) == 2
    assert (first.code, first.severity, first.file, first.line, first.column) == ("scenario::range", "error", "<--set>", 1, 10)
    for part in ("`run.days` is -3", "run.days=-3", "╰──", "power.pue"):
        assert part in str(error.value)
    text = sk.scenario_text("downturn").replace("days = ", "dayz = ")
    found = sk.check(text)
    unknown = next(problem for problem in found.problems if problem.code == "scenario::unknown_key")
    assert not found
    assert unknown.labels[0].written == "dayz"
    assert text.splitlines()[unknown.line - 1].startswith("dayz")
    assert "dayz" in found.text


def test_a_sound_scenario_has_an_estimate() -> None:
    found = sk.check("downturn")
    assert found
    assert found.estimate["replicas"] == 200
    assert found.estimate["seconds_on_one_core"] > 0


def test_what_is_refused_says_the_remedy() -> None:
    with pytest.raises(sk.ScenarioError, match="did you mean `downturn`"):
        sk.run("downtrun")
    with pytest.raises(sk.InputError, match="there is no table `weeks`; there are epochs"):
        sk.run("downturn", tables=["weeks"])
    with pytest.raises(sk.InputError, match="is no table: give a data frame"):
        sk.run("downturn", files={"price.csv": 3})
    with pytest.raises(sk.InputError, match="no value of a scenario"):
        sk.run("downturn", {"power.pue": None})
    with pytest.raises(sk.InputError, match="no firm"):
        sk.run("downturn", CHANGES, follow="nobody")
    with pytest.raises(sk.InputError, match="`keys`"):
        sk.sweep("downturn", points=[[1.0]])
    with pytest.raises(sk.InputError, match="no column 'power.pue'"):
        sk.sweep("downturn", points={"pue": [1.0]}, keys=["power.pue"])
    with pytest.raises(sk.ScenarioError, match="power.pue"):
        sk.sweep("downturn", points=[[1.0], [-1.0]], keys=["power.pue"])
    with pytest.raises(sk.InputError, match="without a prior"):
        sk.salib_problem("downturn", ["run.days"])
    with pytest.raises(sk.ScenarioError, match="start_time_utc"):
        sk.nowcast(history={"start_height": [0]})


def test_warnings_are_warnings() -> None:
    with pytest.warns(sk.ScenarioWarning, match="power.pue"):
        sk.run("downturn", {**CHANGES, "power.pue": 2.9}, replicas=1)
    with pytest.raises(sk.ScenarioError, match="power.pue"):
        sk.run("downturn", {**CHANGES, "power.pue": 2.9}, replicas=1, deny_warnings=True)


def test_a_folder_that_is_there_is_kept(tmp_path: Path, small: sk.Results) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(sk.Error):
        small.save(tmp_path, charts=False, page=False)
    assert (tmp_path / "mine").exists()


@pytest.mark.parametrize("of", [np.array, lambda rows: pd.DataFrame(rows, columns=KEYS), lambda rows: pl.DataFrame(rows, schema=KEYS, orient="row"),
                                lambda rows: dict(zip(KEYS, zip(*rows, strict=True), strict=True))])  # fmt: skip
def test_points_are_those_of_a_grid(of: object) -> None:
    rows = [[1.0, 2.0], [1.0, 8.0], [1.2, 2.0], [1.2, 8.0]]
    listed = sk.sweep("downturn", {"run.days": 20}, points=of(rows), keys=KEYS, replicas=2)
    grid = sk.sweep("downturn", {"run.days": 20}, vary={KEYS[0]: [1.0, 1.2], KEYS[1]: [2, 8]}, replicas=2)
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
    problem = sk.salib_problem("downturn", keys[:1])
    assert problem["names"] == keys[:1]
    problem = {"num_vars": 2, "names": keys, "bounds": [problem["bounds"][0], [0.5, 12.0]]}
    x = sample.sample(problem, 4, calc_second_order=False, seed=1)
    d = sk.sweep("downturn", CHANGES, points=x, keys=keys, replicas=2, seed=7)
    found = analyze.analyze(problem, d.means("hashrate_trough_share"), calc_second_order=False, seed=1)
    assert np.isfinite(found["ST"]).all()
    ranking = sk.sweep("downturn", CHANGES, vary={"power.pue": [1.0, 1.3]}, replicas=2).sensitivity("hashrate_trough_share")
    assert ranking.to_pandas()["names"].tolist() == ["power.pue", "seed"]


def test_a_nowcast_from_ones_own_history() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "scenario"
    epochs = pd.read_csv(folder / "history_epochs.csv", comment="#", dtype={"nbits": str}).iloc[:-20]
    told = sk.nowcast(history=epochs, members=20, epochs=1)
    assert told["height"] == epochs["start_height"].iloc[-1]
    assert ("installed_eh_per_s", "after") in told.quantities().index
    assert told.start.startswith("# The network at block")


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
