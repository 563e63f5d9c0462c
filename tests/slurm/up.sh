#!/usr/bin/env bash
# Start a small SLURM cluster on this machine, for tests: two nodes of a partition `cpu`
# and two of a partition `gpu`, whose GPUs are /dev/null. It listens on 127.0.0.1 alone and
# has no accounting. Needs root and the Debian packages; `--install` installs them. Where
# that cannot be it says why, and ends with 77.
set -euo pipefail

packages=(munge slurmctld slurmd slurm-client)
# Another cluster cannot run at the same time: the plugin only reads this place.
conf=/etc/slurm/slurm.conf
dir=/var/tmp/hepfold-slurm
skip() {
  echo "up.sh: skipped: $1" >&2
  exit 77
}
((EUID == 0)) || skip "has to run as root"

if [[ ${1:-} == --install ]] && ! type -P slurmctld slurmd munged sbatch > /dev/null; then
  command -v apt-get > /dev/null || skip "needs apt-get, to install ${packages[*]}"
  # Packages must not start their own daemons.
  policy=/usr/sbin/policy-rc.d
  [[ -e $policy ]] || { printf '#!/bin/sh\nexit 101\n' > $policy; chmod 755 $policy; made=1; }
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null || failed=1
  [[ -z ${made:-} ]] || rm $policy
  [[ -z ${failed:-} ]] || skip "apt-get did not install ${packages[*]}"
fi
if [[ -e $conf && $(readlink "$conf") != "$dir/slurm.conf" ]]; then
  echo "up.sh: $conf is of another cluster" >&2
  exit 1
fi
"$(dirname "$0")/down.sh"
mkdir -p "$dir"/{state,log,run,munge,dev} /etc/slurm
chmod 755 "$dir" "$dir/munge"

start() { # NAME COMMAND...: as a daemon that keeps nothing open of the caller
  local name=$1
  shift
  setsid "$@" > "$dir/log/$name.out" 2>&1 < /dev/null &
  echo $! > "$dir/run/$name.pid"
}
wait_for() { # COMMAND...: until it succeeds, 30 s at most
  for _ in $(seq 150); do
    ! "$@" > /dev/null 2>&1 || return 0
    sleep 0.2
  done
  echo "up.sh: $* failed; see $dir/log" >&2
  exit 1
}

(umask 077; head -c 1024 /dev/urandom > "$dir/munge/key")
start munged munged --foreground --force --key-file="$dir/munge/key" \
  --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" --log-file="$dir/log/munged" \
  --seed-file="$dir/munge/seed"
wait_for sh -c "munge -n -S $dir/munge/socket | unmunge -S $dir/munge/socket"

node() { # NAME PORT WHAT_ELSE
  echo "NodeName=$1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$2" \
    "CPUs=16 RealMemory=64000 ${3:-} State=UNKNOWN"
}
cat > "$dir/slurm.conf" <<CONF
ClusterName=hepfold
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/run/slurmctld.own
SlurmdPidFile=$dir/run/slurmd-%n.own
SlurmctldLogFile=$dir/log/slurmctld
SlurmdLogFile=$dir/log/slurmd-%n
# Without control groups, as in a container: groups of processes, memory looked at every
# second, GPUs assigned by a variable.
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
# More processors and memory than the machine has.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
GresTypes=gpu
MpiDefault=none
ReturnToService=2
KillWait=3
MinJobAge=3600
$(node cpu1 16901; node cpu2 16902)
$(node gpu1 16903 Gres=gpu:2; node gpu2 16904 Gres=gpu:2)
PartitionName=cpu Nodes=cpu[1-2] Default=YES MaxTime=2880 State=UP
PartitionName=gpu Nodes=gpu[1-2] MaxTime=2880 State=UP
CONF
for i in 0 1; do
  [[ -c $dir/dev/gpu$i ]] || mknod "$dir/dev/gpu$i" c 1 3
done
echo "NodeName=gpu[1-2] Name=gpu File=$dir/dev/gpu[0-1]" > "$dir/gres.conf"
echo "CgroupPlugin=autodetect" > "$dir/cgroup.conf"
ln -sfn "$dir/slurm.conf" "$conf"
# Daemons look for the other files next to the one that they are given.
export SLURM_CONF=$dir/slurm.conf

start slurmctld slurmctld -D -c
wait_for scontrol ping
for name in cpu1 cpu2 gpu1 gpu2; do
  mkdir -p "$dir/spool-$name"
  start "slurmd-$name" slurmd -D -N "$name"
done
all_idle() { [[ $(sinfo -h -N -o %T | sort -u) == idle ]]; }
wait_for all_idle
