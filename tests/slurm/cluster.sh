#!/usr/bin/env bash
# A Slurm cluster on this host: munged, slurmctld and one slurmd per node, on loopback, in one folder, without systemd.
# Needs root, and Debian's slurm-wlm and munge. Every node has its own host name, like real nodes.
#
#   cluster.sh up FOLDER [NODES]   starts it with nodes n1, n2, ... of one CPU each; export SLURM_CONF=FOLDER/slurm.conf to use it
#   cluster.sh kill FOLDER NODE    kills a node's daemon and all processes of its jobs, like a power cut
#   cluster.sh down FOLDER         ends it
set -euo pipefail
command=$1
lab=$(realpath -m "$2")
export SLURM_CONF=$lab/slurm.conf

configuration() {
    cat << END
ClusterName=lab
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# Slurm waits for the lifetime of a credential before it restarts a task: 120 s by default.
AuthInfo=socket=$lab/munge.sock,cred_expire=10
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$lab/state
SlurmctldPidFile=$lab/slurmctld.pid
SlurmctldLogFile=$lab/slurmctld.log
SlurmdSpoolDir=$lab/spool.%n
SlurmdPidFile=$lab/slurmd.%n.pid
SlurmdLogFile=$lab/slurmd.%n.log
SlurmdTimeout=6
MinJobAge=3600
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,requeue_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
NodeName=n[1-$1] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[17001-$((17000 + $1))] CPUs=1 RealMemory=2000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

# Processes of this cluster's jobs on a node, and Slurm's step daemons above them.
of_node() {
    local environment parent pid
    for environment in /proc/[0-9]*/environ; do
        # A process can end during the inspection.
        if tr '\0' '\n' 2> /dev/null < "$environment" | grep -qx "SLURMD_NODENAME=$1" 2> /dev/null &&
            tr '\0' '\n' 2> /dev/null < "$environment" | grep -qx "SLURM_CONF=$SLURM_CONF" 2> /dev/null; then
            pid=${environment#/proc/}
            pid=${pid%/environ}
            parent=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2> /dev/null || true)
            if [[ "$(cat "/proc/$parent/comm" 2> /dev/null || true)" == slurmstepd* ]]; then echo "$parent"; fi
            echo "$pid"
        fi
    done
}

case $command in
    up)
        nodes=${3:-3}
        mkdir -p "$lab/state"
        chmod 755 "$lab"
        configuration "$nodes" > "$SLURM_CONF"
        echo CgroupPlugin=cgroup/v1 > "$lab/cgroup.conf"
        dd if=/dev/urandom of="$lab/munge.key" bs=1024 count=1 status=none
        chmod 600 "$lab/munge.key"
        # A daemon looks up the name of its host, which it finds here in its own name space.
        echo "127.0.0.1 localhost $(seq --format='n%.0f' --separator=' ' "$nodes")" > "$lab/hosts"
        /usr/sbin/munged --force --socket "$lab/munge.sock" --key-file "$lab/munge.key" --pid-file "$lab/munged.pid" \
            --log-file "$lab/munged.log" --seed-file "$lab/munge.seed"
        /usr/sbin/slurmctld -c -f "$SLURM_CONF"
        for number in $(seq "$nodes"); do
            mkdir -p "$lab/spool.n$number"
            # shellcheck disable=SC2016 # the inner shell expands it
            unshare --uts --mount sh -c 'mount --bind "$1" /etc/hosts && hostname "$2" && exec /usr/sbin/slurmd -N "$2" -f "$3"' \
                sh "$lab/hosts" "n$number" "$SLURM_CONF"
        done
        for _ in $(seq 100); do
            if [ "$(sinfo --noheader --Node --states=idle --format=%N 2> /dev/null | wc -l)" = "$nodes" ]; then exit 0; fi
            sleep 0.2
        done
        echo "the cluster did not come up:" >&2
        tail -n 5 "$lab"/*.log >&2
        exit 1
        ;;
    kill)
        # The daemons first, so that none is left to report an end.
        kill -KILL "$(cat "$lab/slurmd.$3.pid")"
        # shellcheck disable=SC2046 # one word each
        kill -KILL $(of_node "$3" | sort -u)
        ;;
    down)
        for file in "$lab"/slurmd.*.pid "$lab/slurmctld.pid" "$lab/munged.pid"; do
            if [ -s "$file" ]; then kill "$(cat "$file")" 2> /dev/null || true; fi
        done
        ;;
    *)
        sed -n '2,8p' "$0" >&2
        exit 2
        ;;
esac
