#!/bin/sh
# Administration over TCP, for who has the token.
# Usage: api_tcp_test.sh DIALTONE
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
	"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" --api 10.77.0.1:8080 >"$work/log" 2>&1 &
	server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
		kill -0 $server 2>/dev/null || return 1
	done
}
status_of() {
	curl -s -o "$work/answer" -w '%{http_code}' "$@" http://10.77.0.1:8080/v1/node
}

start || { cat "$work/log"; exit 1; }
token=$(cat "$work/db.token")
[ ${#token} -ge 32 ] && [ "$(stat -c %a "$work/db.token")" = 600 ] && ok=0 || ok=1
say $ok "a token is made that only its owner may read"
[ "$(status_of)" = 401 ] && grep -q "token" "$work/answer" && ok=0 || ok=1
say $ok "without it nothing is answered but 401"
ok=0
for wrong in "$token"x "${token%?}" "" "$(echo "$token" | tr 0-9a-f 1-9a-f0)"; do
	[ "$(status_of -H "Authorization: Bearer $wrong")" = 401 ] || ok=1
done
[ "$(status_of -H "Authorization: Basic $token")" = 401 ] || ok=1
say $ok "a longer, shorter, empty or other one is none, and another scheme neither"
[ "$(status_of -H "Authorization: Bearer $token")" = 200 ] && grep -q '"version"' "$work/answer" && ok=0 || ok=1
say $ok "with it everything is as on the Unix socket"
DIALTONE_TOKEN=$token "$dialtone" phone add SEP001380AD9E5F --type 7961G --dn 1003 --socket tcp://10.77.0.1:8080 >"$work/out" 2>&1 &&
	DIALTONE_TOKEN=$token DIALTONE_SOCKET=tcp://10.77.0.1:8080 "$dialtone" phones | grep -q SEP001380AD9E5F && ok=0 || { cat "$work/out"; ok=1; }
say $ok "the commands work from another host with DIALTONE_TOKEN"
status=0
"$dialtone" phones --socket tcp://10.77.0.1:8080 >"$work/out" 2>&1 || status=$?
[ $status = 3 ] && grep -q "token" "$work/out" && ok=0 || { cat "$work/out"; ok=1; }
say $ok "and say what is missing without it"
kill $server
wait $server || true
start && [ "$(cat "$work/db.token")" = "$token" ] && ok=0 || ok=1
say $ok "the token stays when the server starts again"
kill $server
wait $server || true
chmod 644 "$work/db.token"
start && ok=1 || ok=0
wait $server 2>/dev/null || status=$?
server=
[ $status = 3 ] && grep -q "only its owner may read" "$work/log" && ok=0 || { cat "$work/log"; ok=1; }
say $ok "a token others may read is refused at the start, with status 3"

# Another user of this host cannot ask over the Unix socket even where its mode lets him.
chmod 600 "$work/db.token"
start || exit 1
chmod 755 "$work"
chmod 777 "$work/socket"
if [ "$(id -u)" = 0 ] && [ "${own:-}" = "" ] && command -v setpriv >/dev/null 2>&1 && setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
	code=$(setpriv --reuid 65534 --regid 65534 --clear-groups curl -s -o /dev/null -w '%{http_code}' --unix-socket "$work/socket" http://d/v1/node || true)
	[ "$code" = 403 ] && ok=0 || { echo "answered $code"; ok=1; }
	say $ok "the Unix socket answers root and the server's own user, by the kernel's word"
fi
exit $failed
