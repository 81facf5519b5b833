#!/bin/sh
# What a phone did survives the server: stopped in order, killed, and told to keep nothing.
# Usage: history_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own=--map-root-user
	# shellcheck disable=SC2086 # none or one word
	DIALTONE_IN_NET=1 exec unshare ${own:+--user} $own --net "$0" "$dialtone"
fi
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
server=
ticker=
trap '[ -z "$ticker" ] || kill $ticker; [ -z "$server" ] || kill -9 $server 2>/dev/null; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
# A clock that ticks each tenth of a second while somebody reads it.
mkfifo "$work/tick"
(trap '' PIPE; while :; do sleep 0.1; echo >"$work/tick"; done 2>/dev/null) &
ticker=$!
export DIALTONE_SOCKET="$work/socket"
failed=0
phone=SEP001380AD9E5F

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; sed 's/^/    /' "$work/out"; failed=1; fi
}
start() {
	rm -f "$work/socket"
	"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" "$@" >"$work/log" 2>&1 &
	server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
		kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
	done
}
stop() {
	kill "$1" $server
	wait $server 2>/dev/null || true
}
boot() { # a phone that is not in the database, as far as its files go
	curl -s -o "$work/file" "tftp://10.77.0.1/$phone.cnf.xml" || true
	curl -s -o "$work/file" tftp://10.77.0.1/XMLDefault.cnf.xml
}
history() { "$dialtone" history $phone >"$work/out" 2>&1; }
has() { # PATTERN...: every one is in what history says
	history || return 1
	for pattern in "$@"; do grep -q -- "$pattern" "$work/out" || return 1; done
}

start
boot
boot
has '^1 .*3b' '^2 .*3b' && ok=0 || ok=1
say $ok "two boots of a phone are told as two"
stop -TERM
start
has '^1 .*3b' '^2 .*3b' 'server stopped in order' 'server started' && ok=0 || ok=1
say $ok "both are still there after the server was stopped and started, and so is its stop"
boot
has '^3 .*3b' && "$dialtone" explain $phone >"$work/out" 2>&1 || grep -q 'boot 3' "$work/out" && ok=0 || ok=1
say $ok "the next boot is the third"
"$dialtone" explain $phone --json >"$work/out" 2>&1 || true
grep -q '"boot_count": 3' "$work/out" && ok=0 || ok=1
say $ok "the number stands in the JSON too"

# Its row is stored some seconds after the last fact: then the power goes. (The other two rows are the server's.)
tries=300
until "$dialtone" perf HistoriesStored | grep -q 'HistoriesStored *[3-9]'; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || break
	read -r _ <"$work/tick" || true
done
stop -KILL
start
has '^3 .*3b' 'server stopped by kill' && ok=0 || ok=1
say $ok "a killed server remembers what was stored, and that it was killed"
stop -TERM
start --history 0
history || true; grep -q 'no sign of life' "$work/out" && ok=0 || ok=1
say $ok "told to keep nothing, it has forgotten"
boot
stop -TERM
start
history || true
grep -q 'no sign of life' "$work/out" && ok=0 || ok=1
say $ok "and keeps nothing from then on"
stop -TERM
grep -q . "$work/log" || failed=1
server=
exit $failed
