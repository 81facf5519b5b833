#!/bin/sh
# The records beside the phones', by the commands an administrator types.
# Usage: records_test.sh DIALTONE
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

start() {
	rm -f "$work/socket"
	"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
	server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
		kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
	done
}
# expect SENTENCE STATUS PATTERN COMMAND...
expect() {
	sentence=$1; expected=$2; pattern=$3; shift 3
	status=0
	"$dialtone" "$@" >"$work/out" 2>&1 || status=$?
	if [ $status = "$expected" ] && grep -q -- "$pattern" "$work/out"; then
		echo "[       OK ] $sentence"
	else
		echo "[  FAILED  ] $sentence"
		echo "    dialtone $*: status $status instead of $expected; wanted \"$pattern\" in:"
		sed 's/^/    /' "$work/out"
		failed=1
	fi
}

start
expect "a list without records says so" 0 "There is no device pool yet" pool list
expect "a node is added" 0 "CallManager cm1: stored" node add cm1 --address 10.77.0.1
expect "a second one too" 0 "stored" node add cm2 --address cm2.example --sccp-port 2001
expect "a node without an address is refused with what is missing" 3 '"address" must be' node add cm3
expect "a group of them" 0 "stored" group add main --nodes cm2,cm1
expect "a group that names a stranger is refused" 3 'no CallManager "cm9"' group add other --nodes cm9
expect "a pool with the group" 0 "stored" pool add Berlin --group main --date-template D.M.Y
expect "the same pool again is a conflict" 3 'already' pool add Berlin
expect "lists show what is used, in CUCM's words" 0 "NAME  *GROUP  *DATE TEMPLATE" pool list
expect "an unknown option is wrong usage" 2 "usage: dialtone pool list" pool add Berlin --colour blue
expect "a model's defaults are set without being added" 0 "stored" defaults set "Cisco 7961" --pool Berlin --load SCCP41.8-5-3S
expect "and shown under whatever name the model goes by" 0 "SCCP41.8-5-3S" defaults show 7961G
expect "a line whose number needs escaping in a path" 0 "stored" line add "*12#" --label Door
expect "is found again" 0 "Door" line show "*12#"
expect "a phone with a long description" 0 "stored" phone add SEP001380AD9E00 --type 7961G --dn 1009 \
	--description "in the hall on the second floor, where nobody hears it"
COLUMNS=60
export COLUMNS
expect "a narrow terminal gets all of it, below its column" 0 "^    .*hears it" phones
awk 'length > 60 { wide = 1 } END { exit wide }' "$work/out" || { echo "[  FAILED  ] and no line is wider than it"; failed=1; }
unset COLUMNS
expect "a phone of that pool" 0 "stored" phone add SEP001380AD9E5F --type 7961G --dn 1003 --pool Berlin
expect "another one takes its place" 0 "SEP001380AD9E6F: has the record of SEP001380AD9E5F, with number 1003" \
	phone replace SEP001380AD9E5F sep001380ad9e6f
expect "with all its record says" 0 "^pool *Berlin" phone show SEP001380AD9E6F
expect "and the first one is in no record" 1 "no such phone" phone show SEP001380AD9E5F
expect "replace wants both names" 2 "phone replace NAME BY" phone replace SEP001380AD9E6F
expect "show knows it by CME's words" 0 "SEP001380AD9E6F" show ephone unregistered
expect "and by their beginnings" 0 "^1003 " show ephone-dn sum
expect "and by its name" 0 "^pool *Berlin" show ephone sep001380ad9e6f
expect "a form that show does not know, or that could be several, is wrong usage with the list" 2 "ephone attempted-registrations" show ephone s p
expect "the loads that records name, as CME lists what TFTP serves" 0 "SCCP41.8-5-3S *is not" show telephony-service tftp-bindings
expect "it is deleted again" 0 "deleted" phone delete SEP001380AD9E6F
expect "what is used is not deleted, and who uses it is named" 3 "device defaults 7961G still uses it" pool delete Berlin
expect "a phone in a pool that is not there is refused" 3 'no device pool "Munich"' \
	phone add SEP001380AD9E5F --type 7961G --dn 1003 --pool Munich
expect "a phone with lines and speed dials" 0 "stored" \
	phone add SEP001380AD9E5F --type 7961G --dn 1003 --lines 1004,1005 --speed-dials "2001=Anna,2002=Bob" --pool Berlin
expect "is shown with them" 0 "1004,1005" phone show SEP001380AD9E5F
expect "an unknown record is the answer no" 1 "no such record" softkeys show none
expect "auto-registration with a window, a cap and models" 0 "ends by itself in 10 minutes" \
	autoreg on --range 3000-3009 --for 10m --cap 5 --models 7960,7961
expect "which it tells" 0 "at most 5 phones" autoreg show
expect "a model that does not exist is refused" 3 "names a model that does not exist" autoreg on --models 7999
kill -9 $server
wait $server 2>/dev/null || true
start
expect "after kill -9 the records are there" 0 "cm2,cm1" group show main
expect "the phone's too" 0 "2001=Anna,2002=Bob" phone show SEP001380AD9E5F
expect "and the window of auto-registration" 0 "ends by itself" autoreg show
expect "a record is deleted when nothing uses it" 0 "deleted" line delete "*12#"
curl -s -o "$work/out" -w '%{http_code}\n' --unix-socket "$work/socket" -X POST -d '{"name":"x","nodes":["cm1","cm2"]}' http://d/v1/groups >"$work/status"
grep -qx 201 "$work/status" && grep -q '"nodes": "cm1,cm2"' "$work/out" &&
	echo "[       OK ] a list may be given as a JSON array" || { echo "[  FAILED  ] a list may be given as a JSON array"; failed=1; }
curl -s -o "$work/out" -w '%{http_code}\n' --unix-socket "$work/socket" -X PATCH -d '{"node":"cm1"}' http://d/v1/groups/x >"$work/status"
grep -qx 422 "$work/status" && grep -q 'is no field' "$work/out" &&
	echo "[       OK ] a misspelt member is refused instead of ignored" || { echo "[  FAILED  ] a misspelt member is refused instead of ignored"; failed=1; }
exit $failed
