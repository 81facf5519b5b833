#!/bin/sh
# The disk fills while everything is served: who is known comes up, who is new is told why not, whoever
# changes something is told, nothing acknowledged is lost, and room alone ends it.
# Usage: disk_full_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own=--map-root-user
	# In a chroot the root is no mount point, and its propagation stays as it is.
	# shellcheck disable=SC2086 # none or one word
	unshare ${own:+--user} $own --mount true 2>/dev/null && as= || as="--propagation unchanged"
	# shellcheck disable=SC2086 # words
	DIALTONE_IN_NET=1 exec unshare $as ${own:+--user} $own --net --mount "$0" "$dialtone"
fi
work=$(mktemp -d)
server=
holder=
trap 'for process in $server $holder; do kill -9 $process 2>/dev/null || true; done; umount "$work/small" 2>/dev/null || true; rm -rf "$work"' EXIT
DIALTONE_SOCKET=$work/socket
export DIALTONE_SOCKET
# The phones' host: a network namespace without a name, kept by a process in it.
mkfifo "$work/hold"
exec 9<>"$work/hold"
: >"$work/there"
unshare --net sh -c 'echo there; exec cat' <"$work/hold" >"$work/there" &
holder=$!
until grep -q there "$work/there"; do kill -0 $holder; done
on_phones() { nsenter --net=/proc/$holder/ns/net "$@"; }
ip link set lo up
ip link add c0 type veth peer name c1
ip link set c1 netns $holder
ip addr add 10.77.0.1/16 dev c0
ip link set c0 up
on_phones ip addr add 10.77.0.2/16 dev c1
on_phones ip link set c1 up
on_phones ip link set lo up
mkdir "$work/small"
mount -t tmpfs -o size=512k tmpfs "$work/small"
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; sed 's/^/    /' "$work/log" "$work/out" "$work/report"; fi
}
serving() {
	"$dialtone" serve --interface c0 --pool 10.77.1.1-10.77.9.254 --lease 3600 --database "$work/small/db" --socket "$work/socket" >"$work/log" 2>&1 &
	server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }; done
}
# fleet PHONES FIRST-MAC GIVE-UP: its report; the status is the fleet's.
fleet() { on_phones timeout 60 "$dialtone" fleet --dhcp c1 --phones "$1" --first-mac "$2" --no-pacing --until registered --give-up "$3" --json >"$work/report" 2>>"$work/out"; }
ask() { curl -s --unix-socket "$work/socket" "http://d$1"; }
# of FILE EXPRESSION: about the JSON `j` in it.
of() { python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$@"; }
leases() { ask /v1/leases >"$work/leases"; }
: >"$work/out"

serving
"$dialtone" autoreg on --range 2000-2999 >/dev/null
"$dialtone" phone add SEP001BD40000FF --type 7960 --dn 1001 >/dev/null
fleet 20 001BD4000001 10 && ok=0 || ok=1
say $ok "while there is room twenty new phones come up"
ask /v1/phones >"$work/before"
leases
cp "$work/leases" "$work/leases.before"
dd if=/dev/zero of="$work/small/fill" bs=1k count=1000 2>/dev/null || true

status=0
"$dialtone" phone add SEP001BD40000FE --type 7960 --dn 1002 >"$work/out" 2>&1 || status=$?
[ $status = 3 ] && grep -q "^dialtone: not stored, nothing was changed: $work/small/db: .*full" "$work/out" && [ "$(wc -l <"$work/out")" = 1 ] && ok=0 || ok=1
status=0
"$dialtone" phone set SEP001BD40000FF --description "told twice" >"$work/out" 2>&1 || status=$?
[ $status = 3 ] || ok=1
[ "$(curl -s -o "$work/out" -w '%{http_code}' --unix-socket "$work/socket" -X DELETE http://d/v1/phones/SEP001BD40000FF)" = 507 ] && grep -q '"error": "not stored, nothing was changed' "$work/out" || ok=1
ask /v1/phones >"$work/after"
of "$work/after" '[(p["name"], p["dn"], p["description"]) for p in j["phones"]] == [(p["name"], p["dn"], p["description"]) for p in json.load(open("'"$work"'/before"))["phones"]]' || ok=1
say $ok "with a full disk a change is answered as not stored, with the path and why, and changes nothing"
ask /v1/node >"$work/node"
of "$work/node" '[a for a in j["alarms"] if a["what"] == "disk" and "'"$work"'/small/db: " in a["text"] and " bytes free in '"$work"'/small" in a["text"]]' && ok=0 || ok=1
[ "$(grep -c "^error alarm=disk" "$work/log")" = 1 ] || ok=1
say $ok "an alarm names the path and its free bytes, in the log once"

fleet 10 001BD5000001 3 && ok=1 || ok=0
of "$work/report" 'j["registered"] == 0 and j["rejected"] == 10' || ok=1
leases
of "$work/leases" 'sum(l["temporary"] and 0 < l["seconds_left"] <= 300 for l in j["leases"]) == 10' || ok=1
"$dialtone" explain SEP001BD5000001 >"$work/out" 2>&1 && ok=1
grep -q 'R-08 (proved): the server could not write' "$work/out" && grep -q "five\|5 minutes" "$work/out" || ok=1
ask /v1/phones >"$work/after"
of "$work/after" 'not [p for p in j["phones"] if p["name"].startswith("SEP001BD5")]' || ok=1
say $ok "new phones get marked five minutes and are refused with the reason, and explain says that it is the server's"
fleet 20 001BD4000001 10 && ok=0 || ok=1
leases
of "$work/leases" 'all({l["ip"]: l["seconds_left"] for l in j["leases"]}[o["ip"]] <= o["seconds_left"] for o in json.load(open("'"$work"'/leases.before"))["leases"])' || ok=1
say $ok "phones that are known come up again, and are promised no more than their lease on the disk"

# again WHAT: what was acknowledged is there after it, and the known phones come up without a byte of room.
again() {
	serving
	dd if=/dev/zero of="$work/small/fill2" bs=1k count=1000 2>/dev/null || true
	fleet 20 001BD4000001 10 && ok=0 || ok=1
	ask /v1/phones >"$work/after"
	of "$work/after" '{p["name"] for p in j["phones"]} == {p["name"] for p in json.load(open("'"$work"'/before"))["phones"]}' || ok=1
	leases
	of "$work/leases" '{o["ip"] for o in json.load(open("'"$work"'/leases.before"))["leases"]} <= {l["ip"] for l in j["leases"]}' || ok=1
	say $ok "$1"
}
ask /v1/phones >"$work/before"
kill -9 $server
wait $server 2>/dev/null || true
again "killed on the full disk it loses nothing that was acknowledged, and serves again without room"
kill $server
wait $server || true
again "and so it does when it was stopped in order"
rm "$work/small/fill" "$work/small/fill2"

dd if=/dev/zero of="$work/small/fill" bs=1k count=1000 2>/dev/null || true
"$dialtone" phone add SEP001BD40000FE --type 7960 --dn 1002 >"$work/out" 2>&1 && ok=1 || ok=0
rm "$work/small/fill"
# Nobody asks for anything: the server tries by itself, every five seconds.
timeout 20 tail -n +1 -f "$work/log" | grep -q -m 1 '^info alarm=disk .*takes changes again' || ok=1
ask /v1/node >"$work/node"
of "$work/node" 'j["alarms"] == []' || ok=1
say $ok "with room again the alarm ends by itself, without anybody's change"
"$dialtone" phone add SEP001BD40000FE --type 7960 --dn 1002 >"$work/out" 2>&1 && ok=0 || ok=1
fleet 10 001BD5000001 10 || ok=1
leases
of "$work/leases" 'len(j["leases"]) == 30 and not any(l["temporary"] for l in j["leases"])' || ok=1
say $ok "and changes are stored, new phones come up and their leases are whole"
kill $server
wait $server || true
server=
exit $failed
