"""The package and the command line give the same numbers, cell by cell."""

import csv
import json
import math
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import shakeout as sk


def shakeout(program: Path, *words: str, cwd: Path) -> str:
    done = subprocess.run([program, *words], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout


def same(text: str, column: sk.Column, cell: object) -> bool:
    """Whether a cell of a csv is that of a column, as polars reads it."""
    if cell is None:
        return text == ""
    if column.type == "time":
        return text == cell.strftime("%Y-%m-%dT%H:%M:%SZ")
    if column.type == "text":
        return text == cell
    return float(text) == cell


def assert_same_cells(folder: Path, table: sk.Table) -> None:
    with (folder / f"{table.name}.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(table)
    frame = pl.DataFrame(table)
    assert len(rows) == len(table) == frame.height
    for place, name in enumerate(header):
        column, cells, numbers = table.column(name), frame[name].to_list(), table[name]
        for row, cell in enumerate(cells):
            text = rows[row][place]
            assert same(text, column, cell), f"{table.name}, row {row}, {name}: {text!r} and {cell!r}"
            # NumPy has another way to say that there is none.
            if column.type == "number":
                assert numbers[row] == float(text) if text else not math.isfinite(numbers[row])


# Shocks and failures, loans and machines that are traded, and the tables of each.
@pytest.mark.parametrize(("scenario", "changes"), [("downturn-simple", {"class.public.cash_months": 1, "run.days": 60}), ("2022-leverage", {}), ("2021-ban", {"run.days": 60})])
def test_every_cell_of_every_table(program: Path, tmp_path: Path, scenario: str, changes: dict[str, float]) -> None:
    sets = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    out = tmp_path / "out"
    shakeout(program, "run", scenario, *sets, "--replicas", "2", "--seed", "7", "--out", str(out), "--quiet", cwd=tmp_path)
    r = sk.run(scenario, changes, replicas=2, seed=7)
    tables = {path.stem for path in out.glob("*.csv")} - {"failed"}
    assert tables == set(r)
    for table in r.values():
        assert_same_cells(out, table)
    assert r.summary["metrics"] == json.loads((out / "summary.json").read_text())["metrics"]
    saved = r.save(tmp_path / "saved")
    files = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    assert files == {path.relative_to(saved) for path in saved.rglob("*") if path.is_file()}
    for file in files - {Path("manifest.json"), Path("report.html")}:
        assert (out / file).read_bytes() == (saved / file).read_bytes(), file


def test_a_sweep(program: Path, tmp_path: Path) -> None:
    points = "power.pue,chain.retarget,run.days\n1,asert,20\n1,bitcoin,40\n1.2,asert,40\n"
    (tmp_path / "points.csv").write_text(points)
    out = tmp_path / "out"
    words = ["--design-file", "points.csv", "--epochs", "--replicas", "2", "--seed", "3", "--out", str(out), "--quiet"]
    shakeout(program, "sweep", "downturn-simple", *words, cwd=tmp_path)
    rows = [(1.0, "asert", 20), (1.0, "bitcoin", 40), (1.2, "asert", 40)]
    keys = ["power.pue", "chain.retarget", "run.days"]
    d = sk.sweep("downturn-simple", points=rows, keys=keys, epochs=True, replicas=2, seed=3)
    assert (d.points, d.replicas, d.design, d.keys_varied) == (3, 2, "list", keys)
    for table in d.values():
        assert_same_cells(out, table)
    saved = d.save(tmp_path / "saved", format="both")
    for file in ("sweep.csv", "epochs.csv", "failed.csv"):
        assert (saved / file).read_bytes() == (out / file).read_bytes()
    assert pl.read_parquet(saved / "sweep.parquet").columns == list(d["sweep"])


def test_a_save_simulates_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(sk.scenario_text("downturn-simple"))
    r = sk.run(mine, {"run.days": 60}, replicas=3)
    frame = r["days"]
    mine.unlink()
    saved = r.save(tmp_path / "out", format="both")
    assert_same_cells(saved, frame)
    assert json.loads((saved / "manifest.json").read_text())["files"]
    alone = sk.run("downturn-simple", {"run.days": 30}, replica=2, tables="days")
    assert_same_cells(alone.save(tmp_path / "alone"), alone["days"])


def test_a_nowcast_and_a_score(program: Path, tmp_path: Path) -> None:
    words = ["--at", "2022-03-17", "--members", "20", "--epochs", "2", "--json"]
    told = json.loads(shakeout(program, "nowcast", *words, cwd=tmp_path))
    n = sk.nowcast(at="2022-03-17", members=20, epochs=2)
    assert dict(n) == told
    assert n.forecast().shape == (2, 4)
    shakeout(program, "score", "2018-crash", "--replicas", "2", "--out", "out", "--quiet", cwd=tmp_path)
    s = sk.score("2018-crash", replicas=2)
    assert dict(s) == json.loads((tmp_path / "out" / "score.json").read_text())
    assert np.all(np.isfinite(s.path()["p50_eh_per_s"]))
