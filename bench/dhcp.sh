#!/bin/sh
# DHCP, the lease on the disk before the ACK, against the servers a site would run instead and against the least C
# server that syncs its leases (dhcp_floor). Kea writes its leases and does not sync them, dhcpd syncs each.
#   bench/dhcp.sh [BUILD] [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
. bench/lib.sh
flood() { client "$build/bench/dhcp_flood" 10.0.0.1 10.255.0.1 "$@" || true; }

# dhcpd has 25,600 addresses only: it slows down with the size of its pool, to 80 a second at 130,000.
start() {
	rm -rf "$work/data"
	mkdir "$work/data"
	case $1 in
	dialtone) ours "$work/data/db" --pool 10.0.1.0-10.15.255.255 --lease 3600 ;;
	floor) serve_as "$build/bench/dhcp_floor" 10.0.0.1 "$work/data/journal" ;;
	kea)
		cat >"$work/data/kea.json" <<-KEA
		{"Dhcp4": {"interfaces-config": {"interfaces": ["s0"], "dhcp-socket-type": "raw"}, "valid-lifetime": 3600,
		 "lease-database": {"type": "memfile", "persist": true, "name": "$work/data/leases.csv"},
		 "option-def": [{"name": "tftp150", "code": 150, "type": "ipv4-address", "array": true}],
		 "option-data": [{"name": "tftp150", "data": "10.0.0.1"}],
		 "subnet4": [{"id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.1.0 - 10.15.255.255"}]}],
		 "loggers": [{"name": "kea-dhcp4", "severity": "WARN", "output_options": [{"output": "$work/data/log"}]}]}}
		KEA
		serve_as env "KEA_PIDFILE_DIR=$work/data" "KEA_LOCKFILE_DIR=$work/data" kea-dhcp4 -c "$work/data/kea.json" ;;
	isc-dhcpd)
		: >"$work/data/leases"
		printf 'authoritative; ping-check off; default-lease-time 3600;\noption tftp150 code 150 = array of ip-address; option tftp150 10.0.0.1;\nsubnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.1.0 10.0.100.255; }\n' >"$work/data/conf"
		serve_as dhcpd -4 -f -q -cf "$work/data/conf" -lf "$work/data/leases" -pf "$work/data/pid" s0 ;;
	esac
	tries=0
	until [ "$(flood --phones 1 --first 9999999 | sed -n 's/.* done=\([0-9]*\) .*/\1/p')" = 1 ]; do
		tries=$((tries + 1))
		kill -0 $pid 2>/dev/null && [ $tries -lt 5 ] || { echo "$1 does not answer:"; tail -n 3 "$work/log"; stop; return 1; }
	done
}
installed() {
	case $1 in
	kea) command -v kea-dhcp4 >/dev/null ;;
	isc-dhcpd) command -v dhcpd >/dev/null ;;
	esac
}
value() { sed -n "s/.*\<$1=\([0-9]*\).*/\1/p" "$work/line"; }

servers="dialtone floor"
for name in kea isc-dhcpd; do
	if installed $name; then servers="$servers $name"; else echo "  $name: rival not installed"; fi
done
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for name in $servers; do
		start $name || continue
		before=$(cpu_us)
		flood --phones 10000 >"$work/line"
		after=$(cpu_us)
		echo "$name $(value per_s) $(((after - before) / 10000)) $(value p99_us) $(value lost)" >>"$work/rates"
		stop
		start $name || continue
		flood --phones 5000 --at-once >"$work/line"
		echo "$name $(value last_us) $(value resent) $(value lost)" >>"$work/waves"
		stop
	done
done

# The same thousand phones again and again, among a thousand leases and among fifty thousand.
thousand() {
	for try in 1 2 3 4 5; do
		before=$(cpu_us)
		flood --phones 1000 --first 1000000 >"$work/line"
		echo "$1 $(($(cpu_us) - before))" >>"$work/growth"
	done
}
# Memory: a server started with these leases and no others, which has seen no phone yet: the stories of their boots,
# which have a ceiling of their own, are not in it.
memory_again() {
	stop
	ours "$work/data/db" --pool 10.0.1.0-10.15.255.255 --lease 3600
	until nsenter --net=/run/netns/$s ss -lun | grep -q ':67 '; do kill -0 $pid; done
	memory=$(memory_kb)
}
start dialtone
flood --phones 1000 --first 1000000 >"$work/line"
memory_again
few=$memory
thousand small
flood --phones 49000 --first 2000000 >"$work/line"
thousand large
memory_again
many=$memory
stop

for name in $servers; do
	echo "  $name: $(column rates 2 $name)/s, $(column rates 3 $name) us CPU a lease, p99 $(column rates 4 $name) us; 5,000 at once: last after $(column waves 2 $name) us, $(column waves 3 $name) asked again"
done
kea_rate= kea_cpu=
if installed kea; then
	kea_rate=$(ratio "$(column rates 2 dialtone)" "$(column rates 2 kea)")
	kea_cpu=$(ratio "$(column rates 3 dialtone)" "$(column rates 3 kea)")
fi
floor_rate=$(ratio "$(column rates 2 dialtone)" "$(column rates 2 floor)")
# Where the disk lets even the floor be no quicker, half of the floor is what counts.
if [ -n "$kea_rate" ] && awk -v r="$floor_rate" -v k="$kea_rate" 'BEGIN {exit !(k >= 8 || r < 0.5)}'; then
	bar "DHCP: durable leases a second, of Kea's unsynced ones" "$kea_rate" '>=' 8 times
else
	bar "DHCP: durable leases a second, of the synced floor's" "$floor_rate" '>=' 0.5 times
fi
bar "DHCP: CPU a lease, of Kea's" "$kea_cpu" '<=' 0.125 times
bar "DHCP: CPU among 50,000 leases against 1,000" "$(ratio "$(column growth 2 large)" "$(column growth 2 small)")" '<=' 1.25 times
bar "DHCP: memory a lease" $(((many - few) * 1024 / 49000)) '<=' 200 bytes
bar "DHCP: 5,000 at once, last address" "$(column waves 2 dialtone)" '<=' 200000 us
bar "DHCP: 5,000 at once, asked again" "$(column waves 3 dialtone)" '<=' 0 phones
bar "DHCP: lost" "$(awk '$1 == "dialtone" {lost += $NF} END {print lost + 0}' "$work/rates" "$work/waves")" '<=' 0 phones
exit $missed
