#!/usr/bin/env bash
# Throughput, overhead and memory of sweeps, by the program itself. Prints one line per figure; the book's chapter on
# experiments has them for one machine. Needs GNU time (Debian: time).
#
#   benches/sweep.sh [PROGRAM]     PROGRAM is a built shakeout; without it the release build is made and used
#   QUICK=1 benches/sweep.sh       a tenth of the runs
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-}
if [ -z "$program" ]; then
    cargo build --release --locked
    program=${CARGO_TARGET_DIR:-target}/release/shakeout
fi
program=$(realpath "$program")
lab=$(mktemp -d "${TMPDIR:-/tmp}/shakeout-sweep.XXXXXX")
trap 'rm -rf "$lab"' EXIT
scale=${QUICK:+10}
scale=${scale:-1}

# The default run: some 400 firms, three years of days.
default=(scenarios/downturn-simple.toml --set run.days=1095)
# The same file with a firm a class and a day: what is left is reading it, and writing the result.
nothing=(scenarios/downturn-simple.toml --set run.days=1 --set class.home.firms=1 --set class.hosted.firms=1
    --set class.private.firms=1 --set class.public.firms=1)

# Leaves seconds, CPU seconds and peak memory in kB of a command in $wall, $cpu and $peak.
measure() {
    /usr/bin/time --format '%e %U %S %M' --output "$lab/time" "$@"
    read -r wall user system peak < <(tail -n 1 "$lab/time")
    cpu=$(calc "$user + $system")
}
sweep() { # THREADS POINTS REPLICAS ARGUMENTS...
    rm -rf "$lab/out"
    measure "$program" sweep --quiet --threads "$1" --vary "power.pue=1.0..1.2:$2" --replicas "$3" --out "$lab/out" "${@:4}"
}
calc() { awk "BEGIN { printf \"%.4g\", $1 }"; }
say() { printf '%-66s %s\n' "$1" "$2"; }

echo "$("$program" --version), $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg)"
"$program" check "${default[@]}" | sed -n 2p

# What the machine itself gives: two processes that share nothing, one shard each.
two_processes() {
    rm -rf "$lab/two.parts"
    for shard in 0 1; do
        "$program" sweep --quiet --threads 1 --vary power.pue=1.0..1.2:10 --replicas $((runs / 10)) --out "$lab/two" \
            --shard "$shard/2" "${default[@]}" &
    done
    wait
}
least() { calc "($1) < ($2) ? ($1) : ($2)"; }

# In turns, the best of each: other work on the machine comes and goes.
runs=$((1000 / scale))
one=1e9 two=1e9 processes=1e9 run_cpu=1e9
for _ in 1 2 3 4 5; do
    sweep 1 10 $((runs / 10)) "${default[@]}"
    one=$(least "$one" "$wall")
    run_cpu=$(least "$run_cpu" "$cpu / $runs")
    sweep 2 10 $((runs / 10)) "${default[@]}"
    two=$(least "$two" "$wall")
    begun=$EPOCHREALTIME
    two_processes
    processes=$(least "$processes" "($EPOCHREALTIME - $begun)")
done
say "default runs per second, one thread" "$(calc "$runs / $one") ($(calc "1000 * $run_cpu") ms of CPU each)"
say "default runs per second, two threads" "$(calc "$runs / $two"), $(calc "$one / $two") times one"
say "the same by two processes of one thread" "$(calc "$runs / $processes"), $(calc "$one / $processes") times one"

few=$((10000 / scale))
sweep 1 "$few" 1 "${nothing[@]}"
say "overhead per run, a point for each" "$(calc "1000 * $cpu / $few") ms of CPU, $(calc "100 * $cpu / $few / $run_cpu") % of a default run"
sweep 1 $((few / 100)) 100 "${nothing[@]}"
say "overhead per run, 100 replicas a point" "$(calc "1000 * $cpu / $few") ms of CPU, $(calc "100 * $cpu / $few / $run_cpu") % of a default run"

for count in 1000 100000; do
    sweep 2 $((count / 50 / scale)) 50 "${nothing[@]}" --no-charts
    say "peak memory, $((count / scale)) small runs, 50 replicas a point" "$(calc "$peak / 1024") MB"
    sweep 2 $((count / scale)) 1 "${nothing[@]}" --no-charts
    say "peak memory, $((count / scale)) small runs, a point for each" "$(calc "$peak / 1024") MB"
    sweep 2 $((count / scale)) 1 "${nothing[@]}"
    say "the same with charts" "$(calc "$peak / 1024") MB"
done

many=$((10000 / scale))
sweep "$(nproc)" 100 $((many / 100)) "${default[@]}"
say "a sweep of $many default runs" "$wall s ($cpu s of CPU), $(calc "$peak / 1024") MB at most, $(du -sh "$lab/out" | cut -f 1) on disk"
