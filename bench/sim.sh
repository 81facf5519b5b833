#!/bin/sh
# The deterministic world: how much virtual time a core runs.
#   bench/sim.sh [BUILD]
# The promises: 10,000 phones for 24 hours with their keepalives, one in a hundred losing its power each hour, in at
# most 120 s of one core; 300 seeds of 50 phones and 6 hours and one of 2,000 phones and 24 hours in at most 120 s on
# two. Time is the processor's, so that a busy machine does not change the answer much; processes take turns evenly.
set -eu
cd "$(dirname "$0")/.."
build=$(readlink -f "${1:-build-bench}")
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Runs dialtone sim; prints what it said, and the seconds of processor time into $work/cpu.
run() {
	name=$1; shift
	sh -c '"$@" && times' sh "$build/dialtone" sim "$@" >"$work/out" || { cat "$work/out"; echo "$name: broken"; exit 1; }
	tail -n 1 "$work/out" | awk '{split($1, u, "[ms]"); split($2, s, "[ms]"); printf "%.1f", u[1] * 60 + u[2] + s[1] * 60 + s[2]}' >"$work/cpu"
	echo "$name: $(grep -o '[0-9]* events' "$work/out" | head -n 1), $(cat "$work/cpu") s of processor time"
}

# promise NAME SECONDS BAR
promise() {
	met=$(awk -v s="$2" -v bar="$3" 'BEGIN {print s <= bar ? "met" : "NOT MET"}')
	echo "$1: bar $3 s, figure $2 s, $met"
	[ "$met" = met ] || status=1
}

run "10,000 phones, 24 h" --phones 10000 --hours 24 --faults churn
promise "10,000 phones for 24 hours on one core" "$(cat "$work/cpu")" 120
run "300 seeds, 50 phones, 6 h" --seeds 300
seeds=$(cat "$work/cpu")
run "2,000 phones, 24 h" --phones 2000 --hours 24 --faults churn
promise "300 seeds and a day of 2,000 phones on two cores" "$(awk -v a="$seeds" -v b="$(cat "$work/cpu")" 'BEGIN {printf "%.1f", (a + b) / 2}')" 120
exit $status
