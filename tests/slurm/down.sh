#!/usr/bin/env bash
# Stop the cluster of up.sh: its jobs, then its daemons, by the ids that it noted.
set -euo pipefail

dir=/var/tmp/hepfold-slurm
conf=/etc/slurm/slurm.conf
[[ -d $dir/run ]] || exit 0

ours() { # NAME: its process id, if that is still this daemon
  local pid
  pid=$(cat "$dir/run/$1.pid" 2> /dev/null) || return 1
  [[ $(cat "/proc/$pid/comm" 2> /dev/null) == "${1%%-*}" ]] && echo "$pid"
}
stop() { # NAME...: TERM, and KILL after five seconds
  local name pid
  for name; do
    ! pid=$(ours "$name") || kill -TERM "$pid" || true
  done
  for _ in $(seq 50); do
    for name; do ! ours "$name" > /dev/null || { sleep 0.1; continue 2; }; done
    break
  done
  for name; do
    ! pid=$(ours "$name") || kill -KILL "$pid" || true
    rm -f "$dir/run/$name.pid"
  done
}

if ours slurmctld > /dev/null; then
  timeout 10 scancel --user root || true
  for _ in $(seq 30); do
    [[ -n $(timeout 10 squeue -h 2> /dev/null || true) ]] || break
    sleep 0.5
  done
fi
stop slurmd-cpu1 slurmd-cpu2 slurmd-gpu1 slurmd-gpu2
stop slurmctld
stop munged
[[ $(readlink "$conf" || true) != "$dir/slurm.conf" ]] || rm "$conf"
rm -rf "$dir"
