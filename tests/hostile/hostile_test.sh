#!/bin/sh
# A running server, registered phones, and bad neighbours: thousands of connections from a few addresses that
# idle, drip, lie, flood, storm and pretend. No registered phone may be dropped, a new one registers within two
# seconds, nothing grows without end, and afterwards all is as before.
# Usage: hostile_test.sh DIALTONE HOSTILE [SECONDS [CONNECTIONS [SEED]]]
set -eu
dialtone=$(readlink -f "$1")
hostile=$(readlink -f "$2")
seconds=${3:-8}
connections=${4:-5000}
seed=${5:-1}
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone" "$hostile" "$seconds" "$connections" "$seed"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
DIALTONE_SOCKET=$work/socket
export DIALTONE_SOCKET
children=
server=dt$$-hostile-s
phones=dt$$-hostile-p
trap 'for child in $children; do kill -9 $child 2>/dev/null || true; done; ip netns del $server; ip netns del $phones; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
on_phones() { nsenter --net=/run/netns/$phones "$@"; }
ip netns add $server
ip netns add $phones
ip link add c0 netns $server type veth peer name c1 netns $phones
nsenter --net=/run/netns/$server sh -e <<'E2'
ip addr add 10.77.0.1/16 dev c0
ip link set c0 up
ip link set lo up
ip route add 10.88.0.0/16 via 10.77.0.2
ip route add 10.99.0.0/16 via 10.77.0.2
E2
on_phones sh -e <<'E2'
ip addr add 10.77.0.2/16 dev c1
ip link set c1 up
ip link set lo up
ip route add local 10.88.0.0/16 dev lo
ip route add local 10.99.0.0/16 dev lo
E2
failed=0
# What a sanitizer keeps of freed memory is not the server's growth.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8"

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
# of REPORT EXPRESSION: a value of a fleet's report r.
of() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }
resident() { awk '/^VmRSS/ { print $2 }' /proc/$ours/status; }
descriptors() { find /proc/$ours/fd -mindepth 1 2>/dev/null | wc -l; }

nsenter --net=/run/netns/$server "$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" --keepalive 5 >"$work/log" 2>&1 &
ours=$!
children=$ours
until "$dialtone" autoreg on --range 20000-29999 >/dev/null 2>&1; do kill -0 $ours || { cat "$work/log"; exit 1; }; done

# Registered before, looked at until after. Their names are those the impostors use.
steady=$((seconds + 12))
on_phones "$dialtone" fleet --json --server 10.77.0.1 --first-mac 001BD4100000 --first-ip 10.88.1.1 --phones 200 --hold $steady --no-pacing >"$work/steady" 2>"$work/steady.error" &
fleet=$!
children="$children $fleet"
registered() { [ "$(curl -s --unix-socket "$work/socket" http://d/v1/node | python3 -c 'import json, sys; print(json.load(sys.stdin).get("registered", -1))')" -ge "$1" ]; }
tries=0
until registered 200; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { cat "$work/log"; curl -s --unix-socket "$work/socket" http://d/v1/node; exit 1; }
done
"$dialtone" autoreg off >/dev/null # the flood of names shall not empty the range; new phones are added by hand
for n in 1 2 3 4; do "$dialtone" phone add SEP001BD420000$n --type 7960 --dn 3000$n >/dev/null; done
quiet=$(resident)
before=$(descriptors)

on_phones "$hostile" 10.77.0.1 2000 "$connections" "$seconds" 10.99.0.1 5 "$seed" >"$work/hostile" &
attack=$!
children="$children $attack"
slowest=0
new=0
missed=0
for n in 1 2 3 4; do
	kill -0 $attack 2>/dev/null || break
	on_phones timeout 30 "$dialtone" fleet --json --server 10.77.0.1 --first-mac 001BD420000$n --first-ip 10.88.2.$n --phones 1 --no-pacing --until registered >"$work/new" 2>&1 || { cat "$work/new"; missed=$((missed + 1)); continue; }
	new=$((new + 1))
	slowest=$(of "$work/new" "max($slowest, r['last_registered_s'])")
	[ $n -eq 4 ] || on_phones timeout $((seconds / 8 + 1)) sleep 60 || true
done
peak=$(resident)
wait $attack && ok=0 || ok=1
cat "$work/hostile"
echo "new phones: $new, slowest $slowest s; resident $quiet kB before, $peak kB in the attack"
[ $ok = 0 ] || echo "the attack could not be made"
say $ok "the bad neighbours came: $connections connections from five addresses for $seconds s"
[ $new -ge 2 ] && [ $missed = 0 ] && python3 -c "import sys; sys.exit(not $slowest <= 2)" && ok=0 || ok=1
say $ok "a new phone registers within two seconds during the attack"
[ $((peak - quiet)) -le 262144 ] && ok=0 || ok=1
say $ok "the server grows by less than 256 MiB"
wait $fleet && ok=0 || ok=1
[ "$(of "$work/steady" "r['registered']")" = 200 ] && [ "$(of "$work/steady" "r['failovers']")" = 0 ] &&
	[ "$(of "$work/steady" "all(a[1] <= b[1] for a, b in zip(r['curve'], r['curve'][1:]))")" = True ] || { ok=1; cat "$work/steady" "$work/steady.error"; }
say $ok "no registered phone is dropped, not even those whose names the neighbours used"
kill -0 $ours && ok=0 || { ok=1; tail "$work/log"; }
[ "$(wc -c <"$work/log")" -lt 1000000 ] || { ok=1; wc -c "$work/log"; }
say $ok "the server lives, and its log is less than a megabyte"
after=$(descriptors)
tries=0
until [ "$after" -le $((before + 8)) ] || [ $tries -gt 300 ]; do tries=$((tries + 1)); on_phones timeout 0.1 sleep 1 || true; after=$(descriptors); done
[ "$after" -le $((before + 8)) ] && ok=0 || { ok=1; echo "$before descriptors before, $after after"; }
say $ok "every connection of theirs is gone afterwards"
exit $failed
