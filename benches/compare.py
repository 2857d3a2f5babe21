#!/usr/bin/env python3
"""Speed of the present tree against a base commit, as ratios of user CPU time. Python's standard library alone.

    benches/compare.py                          builds both (some minutes), then runs every workload in pairs
    benches/compare.py economy everything       these workloads alone
    benches/compare.py --base COMMIT            another base than the commit whose figures the issues state
    benches/compare.py --programs OLD NEW       two built programs, nothing is built
    benches/compare.py --rounds 9               more pairs; the median of their ratios is printed, with the lowest and highest

Both programs run the frozen workloads beside this file, one after the other in turn, on one thread. Only ratios have a meaning on a machine
that others use too. A base that cannot read a workload is named at the start.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent
BASE = "cabeaf9"

REPLICAS_ALONE = ["--tables", "replicas", "--no-charts", "--no-report"]
MANY = [f"class.{name}.firms={16 * firms}" for name, firms in [("home", 200), ("hosted", 120), ("private", 60), ("public", 16)]]

# Keys that have been renamed since the base.
FORMER = {"manufacturer_": "maker_"}

# Name: file, values set, replicas, further arguments. A turn takes about a second at the base.
WORKLOADS = {
    "downturn": ("downturn-simple", ["run.days=730"], 150, REPLICAS_ALONE),
    "downturn, 1,095 days": ("downturn-simple", ["run.days=1095"], 100, REPLICAS_ALONE),
    "economy": ("economy", [], 60, REPLICAS_ALONE),
    "everything": ("everything", [], 8, REPLICAS_ALONE),
    "free-entry": ("free-entry", [], 4, REPLICAS_ALONE),
    "last-halvings": ("last-halvings", [], 6, REPLICAS_ALONE),
    "new-generation": ("new-generation", [], 10, REPLICAS_ALONE),
    "downturn, firms x 16": ("downturn-simple", ["run.days=730", *MANY], 8, REPLICAS_ALONE),
    "economy, firms x 16": ("economy", MANY, 1, REPLICAS_ALONE),
    "everything, firms x 16": ("everything", MANY, 1, REPLICAS_ALONE),
    "downturn, all tables and charts": ("downturn-simple", [], 50, []),
}


def build(source, folder):
    """The release build of a source tree in a target folder of its own, so that neither takes the other's artifacts for its own."""
    target = folder / "target"
    command = ["cargo", "build", "--release", "--locked", "--bin", "shakeout", "--target-dir", str(target)]
    subprocess.run(command, cwd=source, check=True)
    return target / "release" / "shakeout"


def checkout(commit, folder):
    """The files of a commit."""
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", commit], cwd=TREE, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x", "-C", str(source)], input=archive, check=True)
    return source


def user_seconds(command):
    """User CPU time of a command, which has to succeed."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_utime


def run(program, files, workload, lab):
    """A turn: user CPU time of all replicas of a workload, whose file is in a folder."""
    file, values, replicas, arguments = WORKLOADS[workload]
    out = lab / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [str(program), "run", str(files / f"{file}.toml"), "--quiet", "--threads", "1", "--replicas", str(replicas)]
    command += ["--out", str(out), *arguments]
    for value in values:
        command += ["--set", value]
    return user_seconds(command)


def readable(program, files, lab):
    """A folder with the workloads as a program reads them: with the former names of keys that it does not know."""
    takes = lambda folder, file: subprocess.run([program, "check", folder / f"{file}.toml"], capture_output=True).returncode == 0
    if all(takes(HERE, file) for file in files):
        return HERE
    folder = lab / "former"
    folder.mkdir(exist_ok=True)
    for path in HERE.glob("*.toml"):
        text = path.read_text()
        for now, former in FORMER.items():
            text = text.replace(now, former)
        (folder / path.name).write_text(text)
    if bad := [file for file in files if not takes(folder, file)]:
        sys.exit(f"{program} cannot read {', '.join(bad)}")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="of: " + "; ".join(WORKLOADS))
    parser.add_argument("--base", default=BASE, metavar="COMMIT")
    parser.add_argument("--programs", nargs=2, type=pathlib.Path, metavar=("OLD", "NEW"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chosen = options.workloads or list(WORKLOADS)
    if unknown := [name for name in chosen if name not in WORKLOADS]:
        sys.exit(f"no such workload: {', '.join(unknown)}; there are: {'; '.join(WORKLOADS)}")
    if options.programs:
        old, new = (program.resolve() for program in options.programs)
    else:
        # Kept between calls, so that only what has changed is compiled again.
        folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", TREE / "target")).resolve() / "compare"
        old = build(checkout(options.base, folder / options.base), folder / options.base)
        new = build(TREE, folder / "tree")
    with tempfile.TemporaryDirectory(prefix="shakeout-compare.") as lab:
        lab = pathlib.Path(lab)
        files = sorted({WORKLOADS[name][0] for name in chosen})
        before, after = ((program, readable(program, files, lab)) for program in (old, new))
        print(f"{'':32}{'base':>12}{'tree':>12}{'ratio':>8}   lowest to highest of {options.rounds} pairs")
        for name in chosen:
            replicas = WORKLOADS[name][2]
            pairs = [(run(*before, name, lab), run(*after, name, lab)) for _ in range(options.rounds)]
            ratios = sorted(old / new for old, new in pairs)
            rates = (replicas / min(seconds) for seconds in zip(*pairs))
            figures = "".join(f"{rate:10.4g}/s" for rate in rates)
            print(f"{name:32}{figures}{statistics.median(ratios):8.2f}   {ratios[0]:.2f} to {ratios[-1]:.2f}", flush=True)


if __name__ == "__main__":
    main()
