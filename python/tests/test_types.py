"""The type hints hold by mypy's strict rules, with the settings of `pyproject.toml`."""

import subprocess
import sys
from pathlib import Path


def test_the_type_hints_are_strict_and_without_error():
    folder = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", "/dev/null"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
