#!/bin/sh
# DHCP: leases on the disk before the ACK, against the servers a site would run instead, in the same run and
# on the same machine: addresses a second and CPU each, the same with fifty thousand leases, and all power at
# once. Servers are interleaved; figures are medians; only the ratios mean something.
#   bench/dhcp.sh [BUILD] [ROUNDS]
# The promises: no phone lost; the same work among 50,000 leases as among 1,000 (CPU: the rate of a busy machine is
# noise); 5,000 phones within 0.2 s, none asking twice. Kea's leases are written but not synced, dhcpd's are synced.
set -eu
cd "$(dirname "$0")/.."
build=$(readlink -f "${1:-build-bench}")
rounds=${2:-3}
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$build" "$rounds"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/dialtone-judges}/usr/sbin
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
flood() { nsenter --net=/run/netns/$c "$build/bench/dhcp_flood" 10.0.0.1 10.255.0.1 "$@" || true; }
# The CPU time of the server so far, in microseconds.
cpu_us() { cat "/proc/$pid"/task/*/schedstat | awk '{sum += $1} END {printf "%.0f", sum / 1000}'; }
memory_kb() { awk '/^VmRSS/ {print $2}' "/proc/$pid/status"; }

# dhcpd has 25,600 addresses only: it slows down with the size of its pool, to 80 a second at 130,000.
start() {
	rm -rf "$work/data"
	mkdir "$work/data"
	case $1 in
	dialtone)
		set -- "$build/dialtone" serve --interface s0 --database "$work/data/db" --socket "$work/data/socket" \
			--pool 10.0.1.0-10.15.255.255 --lease 3600 ;;
	kea)
		cat >"$work/data/kea.json" <<-KEA
		{"Dhcp4": {"interfaces-config": {"interfaces": ["s0"], "dhcp-socket-type": "raw"}, "valid-lifetime": 3600,
		 "lease-database": {"type": "memfile", "persist": true, "name": "$work/data/leases.csv"},
		 "option-def": [{"name": "tftp150", "code": 150, "type": "ipv4-address", "array": true}],
		 "option-data": [{"name": "tftp150", "data": "10.0.0.1"}],
		 "subnet4": [{"id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.1.0 - 10.15.255.255"}]}],
		 "loggers": [{"name": "kea-dhcp4", "severity": "WARN", "output_options": [{"output": "$work/data/log"}]}]}}
		KEA
		set -- env "KEA_PIDFILE_DIR=$work/data" "KEA_LOCKFILE_DIR=$work/data" kea-dhcp4 -c "$work/data/kea.json" ;;
	isc-dhcpd)
		: >"$work/data/leases"
		printf 'authoritative; ping-check off; default-lease-time 3600;\noption tftp150 code 150 = array of ip-address; option tftp150 10.0.0.1;\nsubnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.1.0 10.0.100.255; }\n' >"$work/data/conf"
		set -- dhcpd -4 -f -q -cf "$work/data/conf" -lf "$work/data/leases" -pf "$work/data/pid" s0 ;;
	esac
	nsenter --net=/run/netns/$s "$@" >"$work/log" 2>&1 &
	pid=$!
	tries=0
	until [ "$(flood --phones 1 --first 9999999 | sed -n 's/.* done=\([0-9]*\) .*/\1/p')" = 1 ]; do
		tries=$((tries + 1))
		kill -0 $pid 2>/dev/null && [ $tries -lt 5 ] || { echo "$1 does not answer:"; tail -n 3 "$work/log"; pid=; return 1; }
	done
}
installed() {
	case $1 in
	dialtone) ;;
	kea) command -v kea-dhcp4 >/dev/null ;;
	isc-dhcpd) command -v dhcpd >/dev/null ;;
	esac
}
value() { sed -n "s/.*\<$1=\([0-9]*\).*/\1/p" "$work/line"; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
column() { awk -v name="$1" -v field="$2" '$1 == name {print $field}' "$work/$3" | median; }

servers=
for name in dialtone kea isc-dhcpd; do
	if installed $name; then servers="$servers $name"; else echo "$name: rival not installed"; fi
done
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for name in $servers; do
		start $name || continue
		before=$(cpu_us)
		flood --phones 10000 >"$work/line"
		after=$(cpu_us)
		echo "$name $(value per_s) $(((after - before) / 10000)) $(value p50_us) $(value p99_us) $(value lost)" >>"$work/rates"
		stop
		start $name || continue
		flood --phones 5000 --at-once >"$work/line"
		echo "$name $(value last_us) $(value resent) $(value lost)" >>"$work/waves"
		stop
	done
done
echo "addresses a second, 64 phones in the middle of it, 10,000 phones (median of $rounds):"
ours=$(column dialtone 2 rates)
cpu=$(column dialtone 3 rates)
for name in $servers; do
	rate=$(column $name 2 rates)
	us=$(column $name 3 rates)
	printf '  %-10s %7s/s  %5s us CPU each  p50 %6s us  p99 %6s us' $name "$rate" "$us" "$(column $name 4 rates)" "$(column $name 5 rates)"
	if [ $name = dialtone ]; then echo "   on the disk before the ACK"; else
		awk -v a="$ours" -v b="$rate" -v c="$cpu" -v d="$us" 'BEGIN {printf "   dialtone: %.1f times the rate, 1/%.1f of the CPU\n", a / b, d / c}'
	fi
done
echo "all power at once, 5,000 phones:"
for name in $servers; do
	last=$(column $name 2 waves)
	printf '  %-10s last address after %7s ms, %5s asked again\n' $name $((last / 1000)) "$(column $name 3 waves)"
done

# The same thousand phones again and again, among a thousand leases and among fifty thousand.
thousand() {
	for try in 1 2 3 4 5; do
		before=$(cpu_us)
		flood --phones 1000 --first 1000000 >"$work/line"
		echo "$1 $(value per_s) $(($(cpu_us) - before))" >>"$work/growth"
	done
}
start dialtone
flood --phones 1000 --first 1000000 >"$work/line"
empty=$(memory_kb)
thousand small
flood --phones 49000 --first 2000000 >"$work/line"
full=$(memory_kb)
thousand large
stop
small=$(column small 2 growth)
large=$(column large 2 growth)
small_cpu=$(column small 3 growth)
large_cpu=$(column large 3 growth)
echo "as the site grows:"
awk -v a="$small" -v b="$large" -v ac="$small_cpu" -v bc="$large_cpu" -v c="$empty" -v d="$full" 'BEGIN {
	printf "  %d/s among 1,000 leases, %d/s among 50,000: %.2f of it; CPU each %.1f and %.1f us\n", a, b, b / a, ac / 1000, bc / 1000
	printf "  %.0f bytes a phone, of which a lease is about 160 and the rest the story of its boot\n", (d - c) * 1024 / 49000}'
lost=$(awk '$1 == "dialtone" {lost += $6} END {print lost + 0}' "$work/rates")
resent=$(column dialtone 3 waves)
last=$(column dialtone 2 waves)
[ "$lost" = 0 ] && [ "$resent" = 0 ] && [ "$last" -le 200000 ] && awk -v a="$small_cpu" -v b="$large_cpu" 'BEGIN {exit !(b <= 1.25 * a)}'
