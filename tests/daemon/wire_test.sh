#!/bin/sh
# What the running server hears on its wire beside its own services: ARP and CDP, from frames made by hand.
# Usage: wire_test.sh DIALTONE
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
# The phones' side is another namespace, held open by a process that reads a pipe nobody writes to.
mkfifo "$work/never"
unshare --net sh -c "read -r _ <'$work/never'" & holder=$!
until [ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do kill -0 $holder; done
ip link add c0 type veth peer name c1 netns $holder
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
phones_net() { nsenter --net=/proc/$holder/ns/net "$@"; }
phones_net sh -c 'ip addr add 10.77.0.2/24 dev c1; ip link set c1 up; ip link set lo up'
export DIALTONE_SOCKET="$work/socket"
failed=0
phone=SEP001BD4000001

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; sed 's/^/    /' "$work/out"; failed=1; fi
}
start() {
	rm -f "$work/socket"
	"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" "$@" >"$work/log" 2>&1 & server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do
		kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
	done
}
cat >"$work/send.py" <<'PYTHON'
# cdp MAC | arp MAC IP: a phone's CDP message, an ARP announcement. On c1.
import socket, struct, sys
mac = bytes.fromhex(sys.argv[2])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("c1", 0))
if sys.argv[1] == "arp":
    ip = socket.inet_aton(sys.argv[3])
    wire.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + ip + b"\x00" * 6 + ip)
else:
    def tlv(kind, body):
        return struct.pack("!HH", kind, len(body) + 4) + body
    body = tlv(1, b"SEP" + sys.argv[2].upper().encode()) + tlv(4, struct.pack("!I", 0x490)) + tlv(6, b"Cisco IP Phone 7960")
    packet = b"\x02\xb4" + b"\x00\x00" + body
    snap = b"\xaa\xaa\x03\x00\x00\x0c\x20\x00" + packet
    wire.send(b"\x01\x00\x0c\xcc\xcc\xcc" + mac + struct.pack("!H", len(snap)) + snap)
PYTHON
send() { phones_net python3 "$work/send.py" "$@"; }
# until_seen PATTERN COMMAND...: at most a minute.
until_seen() {
	pattern=$1; shift
	for _ in $(seq 600); do
		"$@" >"$work/out" 2>&1 || true
		! grep -q -- "$pattern" "$work/out" || return 0
		phones_net python3 -c 'import select; select.select([], [], [], 0.1)'
	done
	return 1
}
facts() { curl -s --unix-socket "$work/socket" "http://d/v1/facts/$phone"; }

start
"$dialtone" phone add $phone --type 7960 --dn 1001 >"$work/out"
nsenter --net=/proc/$holder/ns/net "$dialtone" fleet --dhcp c1 --phones 1 --seed 3 >"$work/fleet" 2>&1 & phones=$!
until_seen "$phone .*registered *10.77" "$dialtone" phones && ok=0 || ok=1
say $ok "a phone comes up"
address=$(sed -n "s/.*registered *\(10\.77\.[0-9.]*\).*/\1/p" "$work/out")
send cdp 001bd4000001
until_seen '^cdp.phone .*name="SEP001BD4000001"' facts && ok=0 || ok=1
say $ok "CDP of a phone on the server's own segment is its fact"
"$dialtone" explain $phone >"$work/out" 2>&1 && ok=0 || ok=1
say $ok "and is no reason to call a working phone's switch port at fault"
send arp 001bd4000001 "$address"
until_seen '^arp.gratuitous ' facts && ok=0 || ok=1
say $ok "so is its own ARP"
send arp 0200000000aa "$address"
until_seen 'K-13 (proved)' "$dialtone" explain $phone && grep -q '02:00:00:00:00:aa' "$work/out" && ok=0 || ok=1
say $ok "another host that takes its address is named by its MAC (K-13)"

# A station that never asked our DHCP: what it does by IP is its own once ARP has told who has the address.
send cdp 001bd40000ff
send arp 001bd40000ff 10.77.0.2
phones_net curl -s -o "$work/file" tftp://10.77.0.1/RINGLIST.XML || true
until_seen 'ip=10.77.0.2 .*name="RINGLIST.XML"' curl -s --unix-socket "$work/socket" http://d/v1/facts/SEP001BD40000FF && ok=0 || ok=1
say $ok "a phone with a fixed address is known by its ARP"

kill $server
wait $server || true
start --no-watch
send cdp 001bd4000002
send arp 001bd4000002 10.77.0.9
# What comes after them is there: they are not.
phones_net curl -s -o "$work/file" tftp://10.77.0.1/SEP001BD4000002.cnf.xml || true
phone=SEP001BD4000002
until_seen '^file.asked' facts && ! grep -q 'cdp\|arp' "$work/out" && ok=0 || ok=1
say $ok "with --no-watch it does not listen"
exit $failed
