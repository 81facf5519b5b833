#!/bin/sh
# perf, show, history and top on a running server.
# Usage: look_test.sh DIALTONE
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
export DIALTONE_SOCKET="$work/socket"
failed=0

# expect SENTENCE STATUS PATTERN COMMAND...
expect() {
	sentence=$1; expected=$2; pattern=$3; shift 3
	status=0
	"$dialtone" "$@" >"$work/out" 2>&1 || status=$?
	if [ $status = "$expected" ] && grep -q -- "$pattern" "$work/out" &&
		awk 'length > 100 { wide = 1 } END { exit wide }' "$work/out"; then
		echo "[       OK ] $sentence"
	else
		echo "[  FAILED  ] $sentence"
		echo "    dialtone $*: status $status instead of $expected; wanted \"$pattern\" in:"
		sed 's/^/    /' "$work/out"
		failed=1
	fi
}

expect "without a server top says so, with status 3" 3 "no server answers" top --once
"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
server=$!
until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
	kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
done
expect "show alone lists its forms" 0 "ip dhcp binding" show
expect "a form it does not know is wrong usage, with the list" 2 "ephone registered" show running-config
expect "show ephone without phones says so" 0 "No phones in the database" show ephone
"$dialtone" phone add SEP001380AD9E5F --type 7961G --dn 1003 --label Reception >/dev/null
expect "show ephone unregistered lists what is not there" 0 "SEP001380AD9E5F.*1003" show ephone unregistered
expect "show ephone registered does not" 0 "No phone is registered" show ephone registered
expect "show ephone-dn is by number" 0 "1003.*SEP001380AD9E5F.*Reception" show ephone-dn
expect "show version names the program's" 0 "version" show version
expect "a phone that never showed itself has no history" 1 "no sign of life" history SEP001380AD9E5F
curl -s -o "$work/file" tftp://10.77.0.1/SEP001380AD9E5F.cnf.xml
curl -s -o "$work/file" tftp://10.77.0.1/SEP0000000000AA.cnf.xml || true
expect "files count under Cisco's names" 0 "SEPFoundCount *1" perf "Cisco TFTP"
expect "so do those that are not there" 0 "SEPNotFoundCount *1" perf tftp
expect "one counter can be asked for" 0 "RequestsNotFound *1" perf RequestsNotFound
expect "counters that are 0 are shown when asked for" 0 "SWConferenceActive *0" perf "Cisco CallManager" --all
expect "a counter that does not exist is the answer no" 1 "no object or counter" perf PhonesOnFire
expect "every object stands in the JSON" 0 "Cisco CallManager System Performance" perf --json
expect "top in a pipe shows the server once: totals" 0 "2 files (1 not found)" top
expect "and the phones that need somebody" 0 "SEP001380AD9E5F  7961G *1003 *unregistered" top --once
expect "and who knocks" 0 "SEP0000000000AA .*knocking" top --once
expect "history tells the boot so far" 0 "^1 .*4a" history SEP001380AD9E5F

# The range is looked at once a second at most: asked until it has been.
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	"$dialtone" autoreg on --range 3000-3000 >/dev/null
	"$dialtone" top --once | grep -q ALARM && break
	timeout 0.2 tail -f /dev/null || true
done
expect "an auto-registration range that is nearly used up is an alarm with what to do" 0 "ALARM .*1 numbers" top --once
expect "to its last word" 0 "^        .*--range FIRST-LAST" top --once
"$dialtone" autoreg off >/dev/null
# On a terminal: q ends it, the screen is restored, and nothing of it is left running.
if command -v script >/dev/null 2>&1; then
	status=0
	printf q | TERM=xterm timeout 20 script -qec "$dialtone top" /dev/null >"$work/out" 2>&1 || status=$?
	[ $status = 0 ] && grep -q "SEP001380AD9E5F" "$work/out" &&
		echo "[       OK ] on a terminal top draws until q is pressed" ||
		{ echo "[  FAILED  ] on a terminal top draws until q is pressed"; cat -v "$work/out" | tail -5; failed=1; }
fi
exit $failed
