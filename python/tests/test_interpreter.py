"""Other threads run, progress is told, and Ctrl-C ends a call."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import shakeout as sk

LONG = {"run.days": 700}


def test_other_threads_run_meanwhile() -> None:
    counted, is_over = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not is_over.is_set():
            counted += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    begin = time.monotonic()
    sk.run("downturn-simple", LONG, replicas=8, threads=1)
    took = time.monotonic() - begin
    is_over.set()
    other.join()
    # Held, the lock would have let it count once or twice.
    assert counted > 20 * took


def test_progress_is_told_and_may_stop_the_call() -> None:
    told: list[tuple[int, int]] = []
    sk.run("downturn-simple", {"run.days": 50}, replicas=5, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)

    def stop(done: int, total: int) -> None:
        raise RuntimeError("enough")

    begin = time.monotonic()
    with pytest.raises(RuntimeError, match="enough"):
        sk.run("downturn-simple", LONG, replicas=100_000, progress=stop)
    assert time.monotonic() - begin < 30


CALLS = {
    "run": 'sk.run("downturn-simple", replicas=100_000, progress=tell)',
    "sweep": 'sk.sweep("downturn-simple", vary={"power.pue": [1.0, 1.1]}, replicas=100_000, progress=tell)',
    "calibrate": 'sk.calibrate("2018-crash", {"calibrate.population": 100_000}, progress=tell)',
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("call", CALLS)
def test_ctrl_c_ends_a_call_at_once(call: str, tmp_path: Path) -> None:
    program = f"""
import signal, time, shakeout as sk
signal.signal(signal.SIGINT, signal.default_int_handler)
def tell(done, total):
    if done > 0: print("running", flush=True)
try:
    {CALLS[call]}
except KeyboardInterrupt:
    print("stopped", time.time(), flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "running\n"
        sent = time.time()
        child.send_signal(signal.SIGINT)
        last = child.stdout.read().splitlines()[-1].split()
        assert last[0] == "stopped"
        assert float(last[1]) - sent < 1.0
