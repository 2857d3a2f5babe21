#!/usr/bin/env bash
# Runs a sweep on a real Slurm cluster of three nodes on this host, kills one in the middle, and compares the merged tables
# byte for byte with those of a local run; then loses two shards and runs only those again.
#
#   tests/slurm/test.sh [PROGRAM]   PROGRAM is a built shakeout; without it the release build is made and used
#
# As root, on Debian or Ubuntu; installs slurm-wlm and munge if they are missing. Takes about a minute, and is stopped after four.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ -z "${SHAKEOUT_SLURM_TEST:-}" ]; then
    program=${1:-}
    if [ -z "$program" ]; then
        (cd "$here/../.." && cargo build --release --locked)
        program=${CARGO_TARGET_DIR:-$here/../../target}/release/shakeout
    fi
    if ! command -v slurmctld > /dev/null || ! command -v munged > /dev/null; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends slurm-wlm munge
    fi
    # The test has four minutes. TERM first, so that it ends its cluster.
    SHAKEOUT_SLURM_TEST=$(realpath "$program") exec timeout --kill-after=10 240 "$0"
fi

shakeout=$SHAKEOUT_SLURM_TEST
lab=$(mktemp -d "${TMPDIR:-/tmp}/shakeout-slurm.XXXXXX")
export SLURM_CONF=$lab/slurm.conf

finish() {
    status=$?
    trap - EXIT
    "$here/cluster.sh" down "$lab" || true
    if [ "$status" != 0 ]; then
        echo "FAILED after $SECONDS s; the last of each log:" >&2
        tail -n 10 "$lab"/*.log "$lab"/work/*.slurm/logs/* >&2 || true
    fi
    # Daemons may be writing their last lines.
    sleep 0.5
    rm -rf "$lab"
    exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

say() { printf '%3d s  %s\n' "$SECONDS" "$*"; }
fail() { printf '%3d s  FAILED: %s\n' "$SECONDS" "$*" >&2; exit 1; }
queue() { squeue --noheader --array --states=all --format="$1" "${@:2}"; }
await() { # SECONDS WHAT COMMAND...
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || fail "waited in vain for $what"
        sleep 0.2
    done
}
ended() { [ -z "$(squeue --noheader --jobs="$1" 2> /dev/null)" ]; }
same() { # what two result folders hold
    diff -r "$1" "$2" || fail "$1 and $2 differ"
}

mkdir "$lab/work"
cd "$lab/work"
cp "$here/../../scenarios/downturn-simple.toml" .
# 3,000 replicas of a year: about 10 s of one core.
sweep=(sweep downturn-simple.toml --set run.days=365 --replicas 50 --vary power.pue=1.0..1.2:10
    --vary chain.retarget=bitcoin,asert --vary operation.response_days=0,1,3 --epochs)

"$here/cluster.sh" up "$lab" 3
say "three nodes are up: $(sinfo --noheader --format='%D %t')"
"$shakeout" "${sweep[@]}" --slurm --shards 6 --time 00:10:00 --memory 500M --partition main --out swept
submitted=$(swept.slurm/submit.sh)
array=$(sed -n 's/^shards: job //p' <<< "$submitted")
merge=$(sed -n 's/^merge: job //p' <<< "$submitted")
say "submitted shards as job $array, merge as job $merge"

# A node is killed in the middle of its task, which has written a part of its result.
victim=n2
in_the_middle() {
    shard=$(queue %K --nodelist="$victim" --jobs="$array" --states=running)
    [ -n "$shard" ] && [ -s "swept.parts/$shard-of-6.partial/journal" ]
}
await 60 "a task in the middle on $victim" in_the_middle
"$here/cluster.sh" kill "$lab" "$victim"
[ -e "swept.parts/$shard-of-6.partial" ] || fail "shard $shard was finished before its node was killed"
[[ "$(cat "swept.parts/$shard-of-6.partial/lock")" == *" $victim "* ]] || fail "the lock does not name $victim"
runs=$(tail -n 1 "swept.parts/$shard-of-6.partial/journal" | cut -d ' ' -f 1)
say "killed $victim, which had written $runs of 500 runs of shard $shard"

# Meanwhile the sweep also runs here, on all cores.
"$shakeout" "${sweep[@]}" --out local --quiet
say "the local run is finished"
await 150 "the merge" ended "$merge"
[ -d swept ] || fail "there is no merged result"
job=$(scontrol show job "${array}_$shard")
[[ "$job" == *" Restarts=1 "* ]] || fail "shard $shard was not requeued: $job"
[[ "$job" != *"BatchHost=$victim"* ]] || fail "shard $shard ran on the dead node"
same local swept
rows=$(wc -l < swept/sweep.csv)
say "merged: $rows lines of sweep.csv, $(wc -l < swept/epochs.csv) of epochs.csv, the same bytes as the local run"

# Two shards are lost: one as if it had never run, one as if killed by another cause than the death of its node, so that
# the lock of an ended job on another node remains. Only these are run again.
rm -rf swept swept.parts/1-of-6 swept.parts/4-of-6
mkdir swept.parts/4-of-6.partial
echo "4242 n9 77 999999" > swept.parts/4-of-6.partial/lock
kept=$(stat --format='%n %i %y' swept.parts/[0235]-of-6/*)
status=0
said=$("$shakeout" merge swept 2>&1) || status=$?
[ "$status" = 3 ] || fail "the merge without two shards exits $status"
[[ "$said" == *"2 of 6 shards are missing"*": 1, 4;"* ]] || fail "the merge does not name what is missing: $said"
say "the merge says: $said"
submitted=$(swept.slurm/submit.sh 1,4)
merge=$(sed -n 's/^merge: job //p' <<< "$submitted")
await 90 "the second merge" ended "$merge"
[ -d swept ] || fail "there is no merged result"
same local swept
[ "$(stat --format='%n %i %y' swept.parts/[0235]-of-6/*)" = "$kept" ] || fail "a finished part was written again"
say "ran shards 1 and 4 again: the same bytes, the other parts untouched"
say passed
