#!/bin/sh
# explain --live on an interface with a phone that asks for its files and is not answered: by time, by Ctrl-C, as JSON.
# Usage: live_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own="--user --map-root-user"
	# shellcheck disable=SC2086 # words
	DIALTONE_IN_NET=1 exec unshare $own --net "$0" "$dialtone"
fi
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
asker= watcher=
trap 'for pid in $asker $watcher; do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.2/24 dev c1
ip link set c0 up
ip link set c1 up
ip neigh add 10.77.0.1 lladdr 02:00:00:00:00:01 dev c1
failed=0
say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; sed 's/^/    /' "$work/out" "$work/error"; failed=1; fi
}
# Five questions a second, for as long as somebody may watch.
python3 - <<'PYTHON' & asker=$!
import select, socket
asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(300):
    asks.sendto(b"\0\1SEP001BD4000001.cnf.xml\0octet\0", ("10.77.0.1", 69))
    select.select([], [], [], 0.2)
PYTHON
status=0
"$dialtone" explain --live c0 --for 2 >"$work/out" 2>"$work/error" || status=$?
[ $status = 1 ] && grep -q '^1 phone' "$work/out" && grep -q SEP001BD4000001 "$work/out" && [ "$(wc -l <"$work/error")" = 1 ] && ok=0 || ok=1
say $ok "after so many seconds it tells what it saw, and nothing but its first line meanwhile in a pipe"
status=0
"$dialtone" explain --live c0 --for 1 --json >"$work/out" 2>"$work/error" || status=$?
python3 -c 'import json, sys; j = json.load(sys.stdin); assert j["source"] == "c0" and j["phones"][0]["name"] == "SEP001BD4000001"' <"$work/out" && [ ! -s "$work/error" ] && ok=0 || ok=1
say $ok "as JSON it is one object, in the shape of a capture's"

"$dialtone" explain --live c0 >"$work/out" 2>"$work/error" & watcher=$!
until grep -q '^CapEff:.*0000000000000000' /proc/$watcher/status && grep -q watching "$work/error"; do
	kill -0 $watcher
done
if grep -q '^Seccomp:.*2' /proc/$watcher/status || nm "$dialtone" 2>/dev/null | grep -q __asan; then ok=0; else ok=1; fi
[ "$(ps -o nlwp= -p $watcher | tr -d ' ')" = 1 ] || ok=1
say $ok "while it watches it has no capability and a filter of system calls"
python3 -c 'import select; select.select([], [], [], 0.5)'
kill -INT $watcher
status=0
wait $watcher || status=$?
watcher=
[ $status = 1 ] && grep -q SEP001BD4000001 "$work/out" && ok=0 || ok=1
say $ok "Ctrl-C ends it with what was seen"

status=0
"$dialtone" explain --live c0 --for soon >"$work/out" 2>"$work/error" || status=$?
[ $status = 2 ] && ok=0 || ok=1
say $ok "a time that is none is wrong usage"
status=0
"$dialtone" explain --live nothing0 --for 1 >"$work/out" 2>"$work/error" || status=$?
[ $status = 3 ] && grep -q 'there is no interface nothing0' "$work/error" && ok=0 || ok=1
say $ok "an interface that is not there is said so, with status 3"
exit $failed
