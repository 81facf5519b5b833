#!/bin/sh
# From the program's start to its first answer on every port, with 8,000 configured devices.
#   bench/start.sh [BUILD] [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
. bench/lib.sh
answers() { nsenter --net=/run/netns/$s ss -ltn | grep -q ':2000 '; }
wait_for() { until answers; do kill -0 $pid 2>/dev/null || { cat "$work/log"; exit 1; }; done; }
ours "$work/db" --no-dhcp
wait_for
until "$build/dialtone" autoreg on --range 100000-149999 --socket "$work/socket" >/dev/null 2>&1; do kill -0 $pid; done
client "$build/bench/sccp_flood" 10.0.0.1 8000 64 0 >/dev/null
stop
now_ms() { awk '{printf "%.0f", $1 * 1000}' /proc/uptime; }
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	before=$(now_ms)
	ours "$work/db"
	wait_for
	echo "start $(($(now_ms) - before)) $(cpu_us)" >>"$work/starts"
	stop
done
bar "start with 8,000 devices" "$(column starts 2 start)" '<=' 500 ms
exit $missed
