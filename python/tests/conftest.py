"""What the tests share: the command line to compare with, and a run that takes little time."""

import os
import subprocess
from pathlib import Path

import pytest

import shakeout as sk

ROOT = Path(__file__).resolve().parents[2]
CHANGES = {"run.days": 80}


@pytest.fixture(scope="session")
def program() -> Path:
    """The command line, built from the same sources: that of SHAKEOUT, or built here."""
    if "SHAKEOUT" in os.environ:
        return Path(os.environ["SHAKEOUT"])
    subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=ROOT, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "shakeout"


@pytest.fixture(scope="session")
def small() -> sk.Results:
    return sk.run("downturn-simple", CHANGES, replicas=3, seed=7)
