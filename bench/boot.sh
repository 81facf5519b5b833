#!/bin/sh
# A site's power comes back: thousands of simulated phones boot at once against one server, by DHCP behind a relay,
# TFTP and SCCP, all on the same two cores; phones that were registered before keep their keepalives.
#   bench/boot.sh [BUILD] [PHONES]
# The promises: with the models' own pauses nothing is sent again and nobody is refused; without them all are
# registered within 5 s; keepalives are answered throughout; server and phone cost at most 0.25 ms of processor time
# each a boot, and a phone 16 KiB; twice as many phones boot against two servers.
# Phones are routed through one next hop and their prefix is local as a whole: a neighbour table stops at a thousand.
set -eu
cd "$(dirname "$0")/.."
build=$(readlink -f "${1:-build-bench}")
phones=${2:-10000}
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$build" "$phones"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
ulimit -n "$(ulimit -Hn)"
dialtone=$build/dialtone
work=$(mktemp -d)
client=dt$$-boot-c
spaces=$client
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null || true; done; wait; for n in $spaces; do ip netns del $n; done; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
ip netns add $client
on_phones() { nsenter --net=/run/netns/$client "$@"; }
on_phones ip link set lo up
on_phones sh -c 'echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range'

# Server K has the network 10.(76+K).0.0/24; its phones are 10.(100+K).0.0/16.
server() { # K
	n=dt$$-boot-$1
	spaces="$spaces $n"
	ip netns add $n
	ip link add s0 netns $n type veth peer name "c$1" netns $client
	nsenter --net=/run/netns/$n sh -c "ip addr add 10.$((76 + $1)).0.1/24 dev s0; ip link set s0 up; ip link set lo up
		ip route add 10.$((100 + $1)).0.0/16 via 10.$((76 + $1)).0.2"
	on_phones sh -c "ip addr add 10.$((76 + $1)).0.2/24 dev c$1; ip link set c$1 up; ip route add local 10.$((100 + $1)).0.0/16 dev lo"
	nsenter --net=/run/netns/$n "$dialtone" serve --interface s0 --database "$work/db$1" --socket "$work/socket$1" >"$work/log$1" 2>&1 &
	eval "pid$1=$!"
	pids="$pids $!"
	until "$dialtone" autoreg on --range 100000-149999 --socket "$work/socket$1" >/dev/null 2>&1; do
		kill -0 $! || { cat "$work/log$1"; exit 1; }
	done
	"$dialtone" subnet add phones --network "10.$((100 + $1)).0.0" --netmask 255.255.0.0 --pool "10.$((100 + $1)).1.0-10.$((100 + $1)).250.250" \
		--tftp1 "10.$((76 + $1)).0.1" --router "10.$((100 + $1)).0.1" --socket "$work/socket$1" >/dev/null
}
cpu_us() { awk '{sum += $1} END {printf "%.0f", sum / 1000}' /proc/"$1"/task/*/schedstat; }
# fleet K NAME FIRST-MAC OPTIONS...: behind a relay in front of server K.
fleet() {
	k=$1; name=$2; mac=$3; shift 3
	on_phones "$dialtone" fleet --json --dhcp "c$k" --server "10.$((76 + k)).0.1" --relay "10.$((100 + k)).0.2" --first-mac "$mac" "$@" \
		>"$work/$name" 2>"$work/$name.error" || true
}
field() { python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
for part in sys.argv[2].split("/"): r = r[part]
print(round(r, 3) if isinstance(r, float) else r)' "$work/$1" "$2" 2>/dev/null || echo none; }
failed=0
row() { # words, bar, figure, met by this test
	if [ "$3" != none ] && awk "BEGIN { exit !($4) }"; then met=yes; else met=NO; failed=1; fi
	printf '%-58s %12s %12s  %s\n' "$1" "$2" "$3" "$met"
}

server 1
steady=200
began=$(date +%s)
nsenter --net=/run/netns/$client "$dialtone" fleet --json --server 10.77.0.1 --first-ip 10.101.252.1 --first-mac 001BD5000000 --phones $steady --hold 100000 --no-pacing \
	>"$work/steady" 2>&1 &
before=$!
pids="$pids $before"
sleep 3
# run NAME FIRST-MAC OPTIONS: a wave, with what it cost the server.
run() {
	name=$1; first=$2; shift 2
	start=$(cpu_us "$pid1")
	fleet 1 "$name" "$first" --phones "$phones" --processes 2 --until registered --give-up 60 "$@"
	eval "server_$name=$(awk "BEGIN { print int(($(cpu_us "$pid1") - $start) / $phones) / 1000 }")"
}
run paced 001BD6000000 --ramp 1
run at_once 001BD7000000 --no-pacing
while [ "$(date +%s)" -lt $((began + 35)) ]; do sleep 1; done # their first keepalive is 30 s after they came up
kill $before
wait $before 2>/dev/null || true

printf '%d phones, power on within a second, %d cores\n\n%-58s %12s %12s  %s\n' "$phones" "$(nproc)" "" bar figure met
for wave in paced at_once; do
	words=$(echo $wave | tr _ ' ')
	row "$words: registered" "$phones" "$(field $wave registered)" "$(field $wave registered) == $phones"
	row "$words: refused" 0 "$(field $wave rejected)" "$(field $wave rejected) == 0"
	row "$words: sent again, DHCP" 0 "$(field $wave resent_dhcp)" "$(field $wave resent_dhcp) == 0"
	row "$words: sent again, files" 0 "$(field $wave resent_files)" "$(field $wave resent_files) == 0"
	for step in DHCP files registration; do
		printf '%-58s %12s %12s\n' "$words: $step, 99th percentile, s" "" "$(field $wave steps/$step/p99_s)"
	done
	eval "cost=\$server_$wave"
	row "$words: server, ms of processor a phone" 0.25 "$cost" "$cost <= 0.25"
	row "$words: fleet, ms of processor a phone" 0.25 "$(field $wave cpu_ms_a_phone)" "$(field $wave cpu_ms_a_phone) <= 0.25"
	row "$words: fleet, bytes a phone" 16384 "$(field $wave bytes_a_phone)" "$(field $wave bytes_a_phone) <= 16384"
done
row "at once: power-on to the last registered, s" 5 "$(field at_once last_registered_s)" "$(field at_once last_registered_s) <= 5"
row "phones registered before: still registered" $steady "$(field steady registered)" "$(field steady registered) == $steady"
missed=$(($(field steady keepalives) - $(field steady keepalives_answered)))
row "phones registered before: keepalives without an answer" 0 "$missed" "$missed == 0 && $(field steady keepalives) > 0"

server 2
fleet 1 first 001BD8000000 --phones "$phones" --processes 2 --until registered --give-up 60 --ramp 5 &
one=$!
fleet 2 second 001BD9000000 --phones "$phones" --processes 2 --until registered --give-up 60 --ramp 5
wait $one
both=$(($(field first registered) + $(field second registered)))
row "two servers: registered, of twice as many" $((2 * phones)) "$both" "$both == $((2 * phones))"
exit $failed
