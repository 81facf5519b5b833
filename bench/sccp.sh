#!/bin/sh
# SCCP: from Register to the clock, against the least C server that satisfies the same phones, in the same run and
# on the same machine: registrations a second, CPU each, keepalives, memory, and all power at once.
#   bench/sccp.sh [BUILD] [ROUNDS]
# The promises: half the floor's rate or better, no phone lost, the same with 8,000 configured devices as with the
# phones alone, 2,000 at once within half a second (or 1.3 times the floor's time).
set -eu
cd "$(dirname "$0")/.."
build=$(readlink -f "${1:-build-bench}")
rounds=${2:-5}
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$build" "$rounds"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
ulimit -n "$(ulimit -Hn)"
work=$(mktemp -d)
s=dt$$-bench-s
c=dt$$-bench-c
pid=
stop() {
	[ -z "$pid" ] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
	pid=
}
trap 'stop; ip netns del $s; ip netns del $c; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
ip netns add $s
ip netns add $c
ip link add s0 netns $s type veth peer name c0 netns $c
nsenter --net=/run/netns/$s ip addr add 10.0.0.1/8 dev s0
nsenter --net=/run/netns/$s ip link set s0 up
nsenter --net=/run/netns/$c ip addr add 10.255.0.1/8 dev c0
nsenter --net=/run/netns/$c ip link set c0 up
nsenter --net=/run/netns/$c sh -c 'echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range'
flood() { nsenter --net=/run/netns/$c "$build/bench/sccp_flood" 10.0.0.1 "$@" || true; }
cpu_us() { cat "/proc/$pid"/task/*/schedstat | awk '{sum += $1} END {printf "%.0f", sum / 1000}'; }
memory_kb() { awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup"; }
answers() { nsenter --net=/run/netns/$c sh -c 'echo >/dev/tcp/10.0.0.1/2000' 2>/dev/null || nsenter --net=/run/netns/$s ss -ltn | grep -q ':2000 '; }

# A database with that many phones, made once: they are auto-registered the ordinary way.
make_database() { # file phones
	rm -f "$1" "$1"-*
	serve "$1"
	until "$build/dialtone" autoreg on --range 100000-149999 --socket "$work/socket" >/dev/null 2>&1; do
		kill -0 $pid || { cat "$work/log"; exit 1; }
	done
	flood "$2" 64 0 >/dev/null
	"$build/dialtone" autoreg off --socket "$work/socket" >/dev/null
	stop
}
serve() { # file
	rm -f "$work/socket"
	nsenter --net=/run/netns/$s "$build/dialtone" serve --interface s0 --no-dhcp --database "$1" --socket "$work/socket" \
		>"$work/log" 2>&1 &
	pid=$!
}
start() { # server
	case $1 in
	dialtone) cp "$work/small.db" "$work/db"; serve "$work/db" ;;
	dialtone-8000) cp "$work/large.db" "$work/db"; serve "$work/db" ;;
	floor)
		nsenter --net=/run/netns/$s "$build/bench/sccp_flood" floor 10.0.0.1 >"$work/log" 2>&1 &
		pid=$! ;;
	esac
	until answers; do kill -0 $pid 2>/dev/null || { cat "$work/log"; exit 1; }; done
}
value() { sed -n "s/.*\<$1 \([0-9.]*\).*/\1/p" "$work/line"; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
column() { awk -v name="$1" -v field="$2" '$1 == name {print $field}' "$work/$3" | median; }

make_database "$work/small.db" 2000
make_database "$work/large.db" 8000
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for name in dialtone dialtone-8000 floor; do
		start $name
		idle=$(memory_kb)
		before=$(cpu_us)
		flood 2000 64 0 >"$work/line"
		after=$(cpu_us)
		echo "$name $(value ready_s) $(((after - before) / 2000)) $(value p99_ms) $(value lost) $((($(memory_kb) - idle) * 1024 / 2000))" >>"$work/rates"
		stop
		start $name
		flood 2000 2000 4 >"$work/line"
		echo "$name $(value seconds) $(value lost) $(value keepalive_s)" >>"$work/waves"
		stop
	done
done
floor=$(column floor 2 rates)
echo "registrations a second, 64 phones in the middle of it, 2,000 phones (median of $rounds):"
for name in dialtone dialtone-8000 floor; do
	rate=$(column $name 2 rates)
	printf '  %-14s %7s/s  %4s us CPU each  p99 %6s ms  lost %s' $name "$rate" "$(column $name 3 rates)" "$(column $name 4 rates)" "$(column $name 5 rates)"
	if [ $name = floor ]; then echo; else awk -v a="$rate" -v b="$floor" 'BEGIN {printf "   %.2f of the floor\n", a / b}'; fi
done
printf 'memory of a registered phone, its timeline included: %s bytes\n' "$(column dialtone 6 rates)"
echo "all power at once, 2,000 phones, and their keepalives afterwards:"
for name in dialtone dialtone-8000 floor; do
	printf '  %-14s all registered after %5s s, lost %s, %7s keepalives/s\n' $name "$(column $name 2 waves)" "$(column $name 3 waves)" "$(column $name 4 waves)"
done
kept=0
awk -v a="$(column dialtone 2 rates)" -v b="$floor" 'BEGIN {exit !(a >= 0.5 * b)}' || { echo "not kept: half of the floor's rate"; kept=1; }
awk -v a="$(column dialtone-8000 2 rates)" -v b="$(column dialtone 2 rates)" 'BEGIN {exit !(a >= 0.8 * b)}' || { echo "not kept: flat in the number of devices"; kept=1; }
# Where the floor itself takes longer, the machine is busy: then as fast as the floor counts.
awk -v a="$(column dialtone 2 waves)" -v b="$(column floor 2 waves)" 'BEGIN {exit !(a <= 0.5 || a <= 1.3 * b)}' || { echo "not kept: 2,000 at once within half a second"; kept=1; }
awk -v a="$(column dialtone 3 waves)" 'BEGIN {exit !(a == 0)}' || { echo "not kept: none lost"; kept=1; }
awk -v a="$(column dialtone 4 waves)" -v b="$(column floor 4 waves)" 'BEGIN {exit !(a >= 0.5 * b)}' || { echo "not kept: half of the floor's keepalives"; kept=1; }
exit $kept
