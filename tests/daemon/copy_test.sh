#!/bin/sh
# A second node serves from a copy of the first one's database, and changes nothing.
# Usage: copy_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own=--map-root-user
	# shellcheck disable=SC2086 # none or one word
	DIALTONE_IN_NET=1 exec unshare ${own:+--user} $own --net "$0" "$dialtone"
fi
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
first=
second=
trap '[ -z "$first" ] || kill -9 $first 2>/dev/null; [ -z "$second" ] || kill -9 $second 2>/dev/null; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
# until_up SOCKET PID LOG
until_up() {
	until curl -s --unix-socket "$1" http://d/v1/node >/dev/null 2>&1; do
		kill -0 "$2" 2>/dev/null || { cat "$3"; exit 1; }
	done
}
# refused STATUS PATTERN OPTION...: serve ends with that status and says it.
refused() {
	expected=$1; pattern=$2; shift 2
	status=0
	timeout 10 "$dialtone" serve --interface c0 --socket "$work/none" "$@" >"$work/out" 2>&1 || status=$?
	[ $status = "$expected" ] && grep -q -- "$pattern" "$work/out" || { cat "$work/out"; return 1; }
}

"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/s1" >"$work/log1" 2>&1 &
first=$!
until_up "$work/s1" $first "$work/log1"
"$dialtone" node add cm1 --address 10.77.0.1 --socket "$work/s1" >/dev/null
"$dialtone" node add cm2 --address 10.77.0.2 --socket "$work/s1" >/dev/null
"$dialtone" phone add SEP001380AD9E5F --type 7961G --dn 1003 --socket "$work/s1" >/dev/null
"$dialtone" autoreg on --socket "$work/s1" >/dev/null
"$dialtone" export copy "$work/copy" --socket "$work/s1" >"$work/out" && grep -q "serve --node" "$work/out" && ok=0 || ok=1
say $ok "export copy writes the database of the running server"
[ "$(stat -c %a "$work/copy")" = 600 ] && [ "$(ls "$work" | grep -c copy)" = 1 ] && ok=0 || { ls -la "$work"; ok=1; }
say $ok "only its owner may read the copy, and no other file is left"
"$dialtone" export copy "$work/no/such/directory" --socket "$work/s1" >"$work/out" 2>&1 && ok=1 || ok=$?
[ "$ok" = 3 ] && grep -q "cannot write" "$work/out" && ok=0 || ok=1
say $ok "a copy that cannot be written is told, with status 3"
kill -9 $first
wait $first 2>/dev/null || true
first=

refused 2 "needs --node" --copy "$work/copy" && ok=0 || ok=1
say $ok "a copy without the node's name is wrong usage"
refused 2 "stores nothing" --node cm2 --copy "$work/copy" --lease 600 && ok=0 || ok=1
say $ok "so is a setting that would have to be stored"
refused 3 'no CallManager "cm9"' --node cm9 --copy "$work/copy" && ok=0 || ok=1
say $ok "a node the copy does not know is told how to be added"
refused 3 "cannot read the copy" --node cm2 --copy "$work/missing" && ok=0 || ok=1
say $ok "a copy that is not there is told in one line"
head -c 4096 /dev/urandom >"$work/garbage"
refused 3 "cannot read the copy" --node cm2 --copy "$work/garbage" && ok=0 || ok=1
say $ok "so is a file that is no database"

before=$(sha256sum <"$work/copy")
"$dialtone" serve --interface c0 --node cm2 --copy "$work/copy" --socket "$work/s2" >"$work/log2" 2>&1 &
second=$!
until_up "$work/s2" $second "$work/log2"
"$dialtone" phones --socket "$work/s2" | grep -q SEP001380AD9E5F && ok=0 || ok=1
say $ok "the second node knows the phones of the first"
status=0
"$dialtone" phone set SEP001380AD9E5F --dn 1004 --socket "$work/s2" >"$work/out" 2>&1 || status=$?
[ $status = 3 ] && grep -q "read-only copy" "$work/out" && ok=0 || { cat "$work/out"; ok=1; }
say $ok "a change is refused with where to make it"
"$dialtone" autoreg show --socket "$work/s2" | grep -q "is off" && ok=0 || ok=1
say $ok "only the first server takes in unknown phones"
curl -s -o "$work/out" -w '%{http_code}' --unix-socket "$work/s2" http://d/v1/copy | grep -q 409 && ok=0 || ok=1
say $ok "a copy of a copy is refused"
kill $second
wait $second || true
second=
[ "$before" = "$(sha256sum <"$work/copy")" ] && [ "$(ls "$work" | grep -c '^copy')" = 1 ] && ok=0 || { ls -la "$work"; ok=1; }
say $ok "the copy is as it was, to the byte, with nothing beside it"

# A plain copy of the file does as well: the first server wrote it back when it was killed and read again.
"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/s1" >"$work/log1" 2>&1 &
first=$!
until_up "$work/s1" $first "$work/log1"
kill $first
wait $first || true
first=
cp "$work/db" "$work/plain"
"$dialtone" serve --interface c0 --node cm1 --copy "$work/plain" --socket "$work/s2" >"$work/log2" 2>&1 &
second=$!
until_up "$work/s2" $second "$work/log2"
"$dialtone" phones --socket "$work/s2" | grep -q SEP001380AD9E5F && ok=0 || ok=1
say $ok "a database file copied while its server was down is served as well"
exit $failed
