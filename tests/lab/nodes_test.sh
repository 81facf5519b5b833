#!/bin/sh
# Two CallManagers for real: the second node serves from a copy, phones prefer it, keep a standby connection
# to the first, fail over when it dies and come back when it lives again.
# Usage: nodes_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
prefix=dt$$
ticker= first= second= fleet=
clean_up() {
	set +e
	for pid in $fleet $second $first $ticker; do kill "$pid" 2>/dev/null; done
	for ns in $(ip netns list | sed -n "s/^\($prefix[a-z0-9-]*\).*/\1/p"); do ip netns del "$ns"; done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
# A clock that ticks each tenth of a second while somebody reads it.
mkfifo "$work/tick"
(trap '' PIPE; while :; do sleep 0.1; echo >"$work/tick"; done 2>/dev/null) &
ticker=$!
until_ok() { # tenths command...
	limit=$1; shift
	while ! "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		[ "$limit" -gt 0 ] || return 1
		read -r _ <"$work/tick" || true
	done
}
# registered SOCKET COUNT
registered() { curl -s --unix-socket "$1" http://d/v1/node | grep -q "\"registered\": $2,"; }
answers() { curl -s --unix-socket "$1" http://d/v1/node; }
connections() { "$dialtone" perf Connections --socket "$1" | grep -q "Connections *$2\$"; }
start_second() {
	nsenter --net=/run/netns/$prefix-2 "$dialtone" serve --interface c0 --node cm2 --copy "$work/copy" \
		--socket "$work/s2" >"$work/log2" 2>&1 &
	second=$!
	until_ok 100 answers "$work/s2" || { cat "$work/log2"; exit 1; }
}

# A switch with the phones; each server on a cable of its own.
ip netns add $prefix-p
nsenter --net=/run/netns/$prefix-p ip link set lo up
nsenter --net=/run/netns/$prefix-p ip link add br0 type bridge
nsenter --net=/run/netns/$prefix-p ip link set br0 up
nsenter --net=/run/netns/$prefix-p ip addr add 10.77.0.3/24 dev br0
for node in 1 2; do
	ip netns add $prefix-$node
	ip link add c0 netns $prefix-$node type veth peer name p$node netns $prefix-p
	nsenter --net=/run/netns/$prefix-$node ip addr add 10.77.0.$node/24 dev c0
	nsenter --net=/run/netns/$prefix-$node ip link set c0 up
	nsenter --net=/run/netns/$prefix-p ip link set p$node master br0 up
done

nsenter --net=/run/netns/$prefix-1 "$dialtone" serve --interface c0 --database "$work/db" --socket "$work/s1" \
	--keepalive 5 >"$work/log1" 2>&1 &
first=$!
until_ok 100 answers "$work/s1" || { cat "$work/log1"; exit 1; }
export DIALTONE_SOCKET="$work/s1"
{
	"$dialtone" node add cm1 --address 10.77.0.1
	"$dialtone" node add cm2 --address 10.77.0.2
	"$dialtone" group add main --nodes cm2,cm1
	"$dialtone" pool add Default --group main --monitor-s 10
	for i in 1 2 3; do "$dialtone" phone add SEP001BD400000$i --type 7961G --dn 100$i; done
	"$dialtone" export copy "$work/copy"
} >"$work/out"
start_second

nsenter --net=/run/netns/$prefix-p "$dialtone" fleet --dhcp br0 --voice-vlan none --phones 3 --mix 7961=1 --seed 7 >"$work/fleet" 2>&1 &
fleet=$!
until_ok 300 registered "$work/s2" 3 && registered "$work/s1" 0 && ok=0 || { cat "$work/fleet" "$work/log1" "$work/log2"; ok=1; }
say $ok "phones register with the first member of their group, the second node, and with no other"
until_ok 100 connections "$work/s1" 3 && ok=0 || ok=1
say $ok "each keeps a standby connection to the next member, which does not count as registered"
"$dialtone" phones --socket "$work/s2" | grep -c "registered" | grep -qx 3 && ok=0 || ok=1
say $ok "the second node shows them at their addresses"

kill -9 $second
wait $second 2>/dev/null || true
second=
until_ok 300 registered "$work/s1" 3 && ok=0 || ok=1
say $ok "when their CallManager dies all of them register with the next member"

start_second
until_ok 600 registered "$work/s2" 3 && until_ok 100 registered "$work/s1" 0 && ok=0 || { tail -5 "$work/fleet"; ok=1; }
say $ok "when it lives again they come back to it"
"$dialtone" history SEP001BD4000001 --socket "$work/s1" >"$work/out" 2>&1 && grep -q "SEP001BD4000001" "$work/out" && ok=0 || { cat "$work/out"; ok=1; }
say $ok "the first node tells what it saw of a phone"
exit $failed
