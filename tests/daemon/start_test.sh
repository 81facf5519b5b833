#!/bin/sh
# What can be wrong when the server starts: each is one line that says what to do, status 3, and nothing
# is damaged. And what a started server no longer may.
# Usage: start_test.sh DIALTONE
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
other=
trap 'for process in $server $other; do kill -9 $process 2>/dev/null || true; done; umount "$work/small" 2>/dev/null || true; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
# refused WORDS OPTION...: status 3 within ten seconds, one line on standard error that holds the words.
# Started through $with, when that is set.
with=
refused() {
	words=$1; shift
	status=0
	# shellcheck disable=SC2086 # words
	$with timeout 10 "$dialtone" serve --interface c0 --socket "$work/socket" "$@" >"$work/log" 2>"$work/error" || status=$?
	[ "$status" = 3 ] && [ "$(wc -l <"$work/error")" = 1 ] && grep -q "^dialtone: .*$words" "$work/error" && return 0
	echo "status $status:"; cat "$work/error"
	return 1
}
serving() { "$dialtone" serve --interface c0 --socket "$work/socket" --database "$work/db" "$@" >"$work/log" 2>&1 & server=$!; }
await() {
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
		kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
	done
}
# stopped: ended by SIGTERM in order.
stopped() { kill $server; status=0; wait $server || status=$?; server=; [ $status = 0 ]; }

serving --keepalive 30
await
"$dialtone" phone add SEP001BD4000001 --type 7960 --dn 1001 --socket "$work/socket" >/dev/null

# On the running server first: what it may not.
pid=$server
[ "$(grep -hE '^(CapEff|CapPrm|CapBnd|CapAmb):' /proc/$pid/task/*/status | awk '$1 != "CapBnd:" { print $2 }' | sort -u)" = 0000000000000000 ] && ok=0 || ok=1
[ "$(grep -h '^NoNewPrivs:' /proc/$pid/task/*/status | awk '{ print $2 }' | sort -u)" = 1 ] || ok=1
say $ok "a running server has no capability in any thread and can gain none"
if [ "$(readelf -Ws "$dialtone" 2>/dev/null | grep -c '__asan_init')" = 0 ]; then
	[ "$(grep -h '^Seccomp:' /proc/$pid/task/*/status | awk '{ print $2 }' | sort -u)" = 2 ] && [ "$(find /proc/$pid/task -maxdepth 1 -mindepth 1 | wc -l)" -ge 2 ] && ok=0 || ok=1
	say $ok "every thread of it is under seccomp's filter"
	awk '$1 " " $2 " " $3 " " $4 == "Max core file size" { exit !($5 == 0 && $6 == 0) }' /proc/$pid/limits && ok=0 || ok=1
	[ "$(stat -c %u /proc/$pid/task)" = 0 ] || ok=1
	say $ok "it leaves no core file with the phones' secrets"
fi
awk '/Max open files/ { exit !($4 == $5) }' /proc/$pid/limits && ok=0 || ok=1
say $ok "it takes as many descriptors as it may have"

refused "cannot have port 69 for TFTP.*names the program" --database "$work/db2" && ok=0 || ok=1
python3 -c 'import signal, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 6067)); print("bound", flush=True); signal.pause()' >"$work/bound" &
other=$!
until grep -q bound "$work/bound"; do kill -0 $other; done
refused "cannot have port 6067 for DHCP.*names the program" --database "$work/db2" --ports high || ok=1
kill $other
wait $other 2>/dev/null || true
other=
say $ok "a port that is taken is told with the program that tells by whom"
refused "in use by another dialtone" --database "$work/db" --ports high && ok=0 || ok=1
say $ok "a database that is in use is told so"
refused "another dialtone answers at" --database "$work/db2" --ports high && ok=0 || ok=1
say $ok "an administration socket that is answered is left to who answers"
curl -s --unix-socket "$work/socket" http://d/v1/phones | grep -q SEP001BD4000001 && ok=0 || ok=1
say $ok "and the running server has noticed nothing of it"
stopped && ok=0 || ok=1
say $ok "a confined server ends in order"

without() { with="setpriv --inh-caps=-all --bounding-set=$1"; $with true 2>/dev/null || { echo "setpriv cannot give up capabilities here"; exit 1; }; }
without -net_bind_service,-net_raw,-net_admin
refused "cannot have port 67.*start it as root.*--ports high" --database "$work/db2" && ok=0 || ok=1
with=
say $ok "without privilege it says which port it could not have, and what to do"
refused "no interface nowhere0" --database "$work/db2" --interface nowhere0 && ok=0 || ok=1
refused "c1 has no IPv4 address: give it one" --database "$work/db2" --interface c1 || ok=1
say $ok "a wrong interface, or one without an address, is told by name"
[ ! -e "$work/db2-wal" ] && ok=0 || ok=1
say $ok "what did not start leaves no journal behind"

# Databases that cannot be used, byte by byte as before.
kept() { [ "$(cksum <"$1")" = "$2" ]; }
spoil() { # FROM TO OFFSET: sixty bytes of another world, and the file is cut to its pages
	cp "$1" "$2"
	head -c 60 /dev/urandom | dd of="$2" bs=1 seek="$3" conv=notrunc 2>/dev/null
}
ok=0
for offset in 100 4096 8192 12288 16384; do
	spoil "$work/db" "$work/bad" $offset
	sum=$(cksum <"$work/bad")
	refused "bad is damaged" --database "$work/bad" || { ok=1; echo "at $offset"; }
	kept "$work/bad" "$sum" && [ ! -e "$work/bad-wal" ] || { ok=1; echo "changed at $offset"; }
done
say $ok "a damaged database is refused and not touched, wherever the damage is"
head -c 5000 "$work/db" >"$work/bad"
sum=$(cksum <"$work/bad")
refused "bad is damaged" --database "$work/bad" && kept "$work/bad" "$sum" && ok=0 || ok=1
say $ok "one that was cut short, too"
head -c 9000 /dev/urandom >"$work/bad"
sum=$(cksum <"$work/bad")
refused "bad is no database" --database "$work/bad" && kept "$work/bad" "$sum" && ok=0 || ok=1
say $ok "a file that is no database is refused and not touched"
python3 - "$work" <<'P'
import sqlite3, sys
for name, mode, version in (("plain", "delete", 0), ("wal", "wal", 2), ("numbered", "delete", 99)):
    db = sqlite3.connect(f"{sys.argv[1]}/foreign-{name}")
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute("CREATE TABLE device (id INTEGER PRIMARY KEY, title TEXT)")
    db.execute("INSERT INTO device VALUES (1, 'somebody else')")
    db.execute(f"PRAGMA user_version = {version}")
    db.commit()
    db.close()
P
ok=0
for foreign in "$work/foreign-plain" "$work/foreign-wal" "$work/foreign-numbered"; do
	sum=$(cksum <"$foreign")
	refused "another program's database" --database "$foreign" || ok=1
	kept "$foreign" "$sum" || { ok=1; echo "$foreign was changed"; }
done
say $ok "another program's SQLite file is refused and not touched, even when it has a table named device"

mkdir "$work/closed"
cp "$work/db" "$work/closed/db"
chmod 555 "$work/closed"
without -dac_override,-dac_read_search,-fowner
refused "closed/new" --database "$work/closed/new" && ok=0 || ok=1
sum=$(cksum <"$work/closed/db")
refused "closed/db" --database "$work/closed/db" || ok=1
kept "$work/closed/db" "$sum" || ok=1
with=
refused "nowhere/db" --database "$work/nowhere/db" || ok=1
say $ok "a directory that cannot be written is told by name"

mkdir "$work/small"
mount -t tmpfs -o size=256k tmpfs "$work/small"
cp "$work/db" "$work/small/db"
dd if=/dev/zero of="$work/small/fill" bs=1k count=1000 2>/dev/null || true
refused "small/new" --database "$work/small/new" && ok=0 || ok=1
say $ok "a full disk is told at the start of a new site"
sum=$(cksum <"$work/small/db")
rm -f "$work/small/new"*
dd if=/dev/zero of="$work/small/fill2" bs=1k count=1000 2>/dev/null || true
refused "small/db" --database "$work/small/db" --lease 7777 && kept "$work/small/db" "$sum" && ok=0 || ok=1
say $ok "and so is a setting that does not fit on it any more, which loses nothing"
rm "$work/small/fill" "$work/small/fill2"
timeout 10 "$dialtone" serve --interface c0 --socket "$work/socket" --database "$work/small/db" >"$work/log" 2>&1 &
server=$!
await
curl -s --unix-socket "$work/socket" http://d/v1/phones | grep -q SEP001BD4000001 && ok=0 || ok=1
stopped || true
say $ok "with room again the same database serves its phones"

(ulimit -n 3000 && exec "$dialtone" serve --interface c0 --socket "$work/socket" --database "$work/db" >"$work/log" 2>&1) &
server=$!
await
grep -q 'no more than 2000 phones.*LimitNOFILE' "$work/log" && ok=0 || { ok=1; cat "$work/log"; }
stopped || ok=1
say $ok "too few descriptors are told with what to do, and the server serves"
exit $failed
