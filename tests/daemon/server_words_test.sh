#!/bin/sh
# What only the server knows, told by a running one: an auto-registered phone that a mistyped record was meant for,
# files asked of somebody else, a phone that knocks on an address that is not ours, a loop that was late.
# Usage: server_words_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own="--user --map-root-user"
	# shellcheck disable=SC2086 # words
	DIALTONE_IN_NET=1 exec unshare $own --net --mount "$0" "$dialtone"
fi
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
server= phones= holder=
clean_up() {
	for pid in $server $phones $holder; do kill -9 "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}
trap clean_up EXIT
ip link set lo up
mkfifo "$work/never"
unshare --net sh -c "read -r _ <'$work/never'" & holder=$!
until [ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do kill -0 $holder; done
ip link add c0 type veth peer name c1 netns $holder
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
phones_net() { nsenter --net=/proc/$holder/ns/net "$@"; }
phones_net sh -c 'ip addr add 10.77.0.2/24 dev c1; ip link set c1 up; ip link set lo up; ip route add default via 10.77.0.1'
export DIALTONE_SOCKET="$work/socket"
failed=0
phone=SEP001BD4000001

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; sed 's/^/    /' "$work/out"; failed=1; fi
}
"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 & server=$!
until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
	kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
done
# until_seen PATTERN COMMAND...: at most half a minute.
until_seen() {
	pattern=$1; shift
	for _ in $(seq 60); do
		"$@" >"$work/out" 2>&1 || true
		! grep -q -- "$pattern" "$work/out" || return 0
		python3 -c 'import select; select.select([], [], [], 0.1)'
	done
	return 1
}

"$dialtone" phone add SEP001BD4070001 --type 7960 --dn 1001 >"$work/out"
"$dialtone" autoreg on --range 2000-2099 >"$work/out"
nsenter --net=/proc/$holder/ns/net "$dialtone" fleet --dhcp c1 --phones 1 --seed 3 --churn 5 >"$work/fleet" 2>&1 & phones=$!
until_seen 'R-15 .*SEP001BD4070001\|R-15 (suspected)' "$dialtone" explain $phone && ok=0 || ok=1
say $ok "a phone that registered itself although a mistyped record was meant for it is R-15"

# A phone with a name of its own: what it asks of whom is read off the wire. Its MAC is known by its own file.
other=SEP001BD40000FF
phones_net curl -s -o "$work/file" tftp://10.77.0.1/$other.cnf.xml || true
phones_net python3 - <<'PYTHON'
import socket
asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asks.sendto(b"\0\1SEP001BD40000FF.cnf.xml\0octet\0", ("10.99.0.1", 69))
PYTHON
until_seen 'T-09 (suspected)' "$dialtone" explain $other && ok=0 || ok=1
say $ok "a phone that asks another server for its files is T-09, suspected"
phones_net python3 - <<'PYTHON' || true
import socket
s = socket.socket()
s.settimeout(0.2)
try:
    s.connect(("10.99.0.1", 2000))
except OSError:
    pass
PYTHON
until_seen 'X-03' "$dialtone" explain $other && ok=0 || ok=1
say $ok "one that knocks on an address that is none of our CallManagers' is X-03"

# Stopped for three seconds, as a host that swaps: everybody waited.
kill -STOP $server
python3 -c 'import select; select.select([], [], [], 3.5)'
kill -CONT $server
phones_net curl -s -o "$work/file" tftp://10.77.0.1/$other.cnf.xml || true
until_seen 'X-06 .*everything waited' "$dialtone" explain $other && ok=0 || ok=1
say $ok "a server that was late says so: X-06"
exit $failed
