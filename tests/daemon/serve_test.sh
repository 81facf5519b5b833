#!/bin/sh
# dialtone serve as its administrator meets it: the interface's answers, and kill -9 at any moment.
# Usage: serve_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own=--map-root-user
	# shellcheck disable=SC2086 # none or one word
	DIALTONE_IN_NET=1 exec unshare ${own:+--user} $own --net "$0" "$dialtone"
fi
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 $server 2>/dev/null; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
start() {
	rm -f "$work/socket"
	"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
	server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
		kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
	done
}
# ask METHOD PATH [BODY]: prints the status.
ask() {
	curl -s -o "$work/answer" -w '%{http_code}' --unix-socket "$work/socket" -X "$1" ${3:+-d "$3"} "http://d$2"
}

start
[ "$(ask POST /v1/phones '{"name":"SEP001BD4000001","type":"7960","dn":"1001"}')" = 201 ] && ok=0 || ok=1
say $ok "a phone that is added is answered with 201"
[ "$(ask POST /v1/phones '{"name":"SEP001BD4000001","type":"7960","dn":"1002"}')" = 409 ] && ok=0 || ok=1
say $ok "the same name again is a conflict"
ok=0
for body in '{' '[]' '{}' '{"name":"SEP1","type":"7960","dn":"1"}' '{"name":"SEP001BD4000002","type":"none","dn":"1"}'; do
	status=$(ask POST /v1/phones "$body")
	case $status in 400 | 422) ;; *) ok=1; echo "$body: $status" ;; esac
	grep -q '"error": "..*"' "$work/answer" || { ok=1; cat "$work/answer"; }
done
say $ok "each bad record is refused with a sentence: 400 for bad JSON, 422 for bad values"
[ "$(ask GET /v1/phones/SEP0000000000FF)" = 404 ] && [ "$(ask GET /nothing)" = 404 ] && ok=0 || ok=1
say $ok "what is not there is answered with 404"

"$dialtone" serve --interface c0 --database "$work/db2" --socket "$work/socket2" >"$work/second" 2>&1 && ok=1 || ok=0
grep -q 'port\|address' "$work/second" || { ok=1; cat "$work/second"; }
say $ok "a second server on the same interface ends at once and says what is taken"

# Killed right after an acknowledgement, twenty times; everything acknowledged is there at the end.
added=0
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	for phone in 1 2 3; do
		number=$((round * 10 + phone))
		status=$(ask POST /v1/phones "{\"name\":\"SEP001BD41$(printf %05d $number)\",\"type\":\"7960\",\"dn\":\"$((2000 + number))\"}")
		[ "$status" = 201 ] || { echo "round $round: $status"; cat "$work/answer"; failed=1; }
		added=$((added + 1))
	done
	kill -9 $server
	wait $server 2>/dev/null || true
	start
done
[ "$(ask GET /v1/phones)" = 200 ]
found=$(grep -o 'SEP001BD41[0-9]*' "$work/answer" | sort -u | wc -l)
[ "$found" = "$added" ] && ok=0 || { ok=1; echo "$found of $added"; }
say $ok "twenty kill -9 after an acknowledgement lose no phone"

kill $server
status=0
wait $server || status=$?
server=
[ "$status" = 0 ] && [ ! -e "$work/socket" ] && ok=0 || { ok=1; cat "$work/log"; }
say $ok "SIGTERM ends the server with status 0 and takes its socket away"
exit $failed
