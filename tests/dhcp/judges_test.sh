#!/bin/sh
# The DHCP server as judged by clients and relays nobody here wrote: udhcpc with and without broadcast flag,
# dhclient with leases from elsewhere, dhcrelay with option 82, perfdhcp; beside a stranger's dnsmasq; with a
# full disk. One server with three interfaces, on one of which it serves no DHCP. tshark reads every byte.
# Usage: judges_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
# dhcrelay is unpacked beside, not installed: its package starts a service (tools/install-packages).
PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/dialtone-judges}/usr/sbin
for tool in udhcpc dhclient dhcrelay perfdhcp dnsmasq tshark; do
	command -v $tool >/dev/null || { echo "$tool is missing: tools/install-packages test"; exit 1; }
done
work=$(mktemp -d)
server=dt$$-judge-s
phone=dt$$-judge-p
switch=dt$$-judge-w
other=dt$$-judge-o
relay=dt$$-judge-r
far=dt$$-judge-f
all="$server $phone $switch $other $relay $far"
children=
stop_all() {
	for child in $children; do kill "$child" 2>/dev/null || true; done
	# shellcheck disable=SC2086 # a list of processes
	wait $children 2>/dev/null || true
	for ns in $all; do ip netns del "$ns" 2>/dev/null || true; done
	umount "$work/disk" 2>/dev/null || true
	rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 1' INT TERM
for ns in $all; do ip netns add "$ns"; done
in_ns() { ns=$1; shift; nsenter --net="/run/netns/$ns" "$@"; }
# cable NS IF NS IF
cable() {
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	in_ns "$1" ip link set "$2" up
	in_ns "$3" ip link set "$4" up
}
# The phones' wire: a switch with the server, a phone, and room for a stranger.
in_ns $switch ip link add br0 type bridge
cable $server c0 $switch w0
cable $phone c1 $switch w1
cable $other o1 $switch w2
for port in w0 w1 w2; do in_ns $switch ip link set $port master br0; done
in_ns $switch ip link set br0 up
in_ns $server ip addr add 10.77.0.1/24 dev c0
in_ns $other ip addr add 10.77.0.2/24 dev o1
# A wire to a relay, and phones behind it.
cable $server r0 $relay r1
cable $relay q0 $far q1
in_ns $server ip addr add 10.78.0.1/24 dev r0
in_ns $relay ip addr add 10.78.0.2/24 dev r1
in_ns $relay ip addr add 10.88.0.1/24 dev q0
in_ns $server ip route add 10.88.0.0/24 via 10.78.0.2
# A wire that has a DHCP server of its own (and none today).
cable $server b0 $far b1
in_ns $server ip addr add 10.79.0.1/24 dev b0
failed=0
say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
mkfifo "$work/tick"
(trap '' PIPE; while :; do sleep 0.1; echo >"$work/tick"; done 2>/dev/null) &
children="$children $!"
until_ok() { # tenths of a second, command
	limit=$1; shift
	until "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		[ "$limit" -gt 0 ] || return 1
		read -r _ <"$work/tick" || true
	done
}

mkdir "$work/disk"
mount -t tmpfs -o size=1m tmpfs "$work/disk"
nsenter --net=/run/netns/$server dumpcap -q -i c0 -i r0 -w "$work/wire.pcapng" 2>"$work/dumpcap" &
capture=$!
children="$children $capture"
until_ok 100 grep -q File: "$work/dumpcap"
DIALTONE_SOCKET=$work/socket
export DIALTONE_SOCKET
nsenter --net=/run/netns/$server "$dialtone" serve --interface c0 --interface r0 --interface b0 --no-dhcp-on b0 --database "$work/disk/db" \
	--pool 10.77.0.100-10.77.0.254 --router 10.77.0.254 --lease 7200 --socket "$work/socket" >"$work/log" 2>&1 &
children="$children $!"
until_ok 100 test -S "$work/socket" || cat "$work/log"
"$dialtone" subnet add voice --network 10.88.0.0 --netmask 255.255.255.0 --pool 10.88.0.100-10.88.0.200 --phones 10.88.0.20-10.88.0.40 \
	--router 10.88.0.1 --dns1 10.88.0.53 --domain voice.example --lease-s 3600 --tftp1 10.77.0.1 --tftp2 10.78.0.1 >"$work/added" 2>&1 ||
	{ cat "$work/added"; failed=1; }

cat >"$work/script" <<SCRIPT
#!/bin/sh
[ "\$1" != bound ] || env >"$work/lease"
SCRIPT
chmod +x "$work/script"
# udhcp NS IF MAC OPTIONS…: asks once more after each second, for five.
udhcp() {
	ns=$1 if=$2 mac=$3
	shift 3
	rm -f "$work/lease"
	in_ns "$ns" ip link set "$if" down
	in_ns "$ns" ip link set "$if" address "$mac"
	in_ns "$ns" ip link set "$if" up
	in_ns "$ns" udhcpc -f -q -n -t 5 -T 1 -i "$if" -s "$work/script" -O tftp -O 150 -O 66 "$@" >"$work/udhcpc" 2>&1
}
has() { grep -q "^$1\$" "$work/lease" || { echo "no $1 in the lease:"; cat "$work/lease" "$work/udhcpc"; return 1; }; }
class="Cisco Systems, Inc. IP Phone CP-7961G"

ok=0
udhcp $phone c1 00:1b:d4:00:00:01 -V "$class" && has 'ip=10.77.0.1[0-9][0-9]' && has 'lease=7200' && has 'opt150=0a4d0001' || ok=1
say $ok "udhcpc without broadcast flag is answered in a frame of its own"
udhcp $phone c1 00:1b:d4:00:00:02 -B && has 'ip=10.77.0.1[0-9][0-9]' && has 'router=10.77.0.254' && ok=0 || ok=1
say $ok "udhcpc with the broadcast flag is answered by broadcast"

# dhclient ADDRESS: with a lease of that address from elsewhere; the address it then has.
dhclient_with() {
	printf 'lease {\n  interface "c1";\n  fixed-address %s;\n  option dhcp-server-identifier %s;\n  renew 5 2037/01/01 00:00:00;\n  rebind 5 2037/01/01 00:00:00;\n  expire 5 2037/01/01 00:00:00;\n}\n' "$1" "$2" >"$work/dhclient.leases"
	printf 'timeout 20;\nreboot 5;\ninitial-interval 1;\nbackoff-cutoff 2;\nselect-timeout 0;\n' >"$work/dhclient.conf"
	in_ns $phone dhclient -4 -1 -v -sf /bin/true -lf "$work/dhclient.leases" -cf "$work/dhclient.conf" -pf "$work/dhclient.pid" c1 >"$work/dhclient" 2>&1 || true
	[ ! -f "$work/dhclient.pid" ] || kill "$(cat "$work/dhclient.pid")" 2>/dev/null || true
	sed -n 's/^bound to \([0-9.]*\) .*/\1/p' "$work/dhclient"
}
in_ns $phone ip link set c1 down
in_ns $phone ip link set c1 address 00:1b:d4:00:00:03
in_ns $phone ip link set c1 up
got=$(dhclient_with 192.168.55.5 192.168.55.1)
grep -q 'DHCPNAK from 10.77.0.1' "$work/dhclient" && ok=0 || ok=1
case "$got" in 10.77.0.1??) ;; *) ok=1; cat "$work/dhclient" ;; esac
say $ok "dhclient with a lease of another net is refused at once and gets one of ours"
got=$(dhclient_with 10.77.0.199 10.77.0.99)
[ "$got" = 10.77.0.199 ] && ! grep -q DHCPNAK "$work/dhclient" && ok=0 || { ok=1; cat "$work/dhclient"; }
say $ok "dhclient that comes back with an address of ours we never heard of keeps it"

nsenter --net=/run/netns/$relay dhcrelay -4 -d -q -a -id q0 -iu r1 10.78.0.1 >"$work/dhcrelay" 2>&1 &
children="$children $!"
until_ok 50 sh -c "nsenter --net=/run/netns/$relay ss -lun | grep -q ':67 '" || cat "$work/dhcrelay"
ok=0
udhcp $far q1 00:1b:d4:00:00:04 -V "$class" && has 'ip=10.88.0.[23][0-9]' && has 'opt150=0a4d00010a4e0001' && has 'router=10.88.0.1' &&
	has 'domain=voice.example' && has 'lease=3600' && has 'siaddr=10.77.0.1' || { ok=1; cat "$work/dhcrelay"; }
say $ok "a phone behind dhcrelay gets its subnet's own addresses and options"
udhcp $far q1 00:1b:d4:00:00:05 -V "MSFT 5.0" && has 'ip=10.88.0.1[0-9][0-9]' && ok=0 || ok=1
say $ok "a PC behind dhcrelay takes from the pool, not from the phones' addresses"
in_ns $far udhcpc -f -q -n -t 2 -T 1 -i b1 -s "$work/script" >"$work/udhcpc" 2>&1 && ok=1 || ok=0
say $ok "nobody is answered on the interface where DHCP is off"

in_ns $phone ip addr add 10.77.0.3/24 dev c1
in_ns $phone perfdhcp -4 -l c1 -b mac=00:1b:d5:00:00:00 -R 60 -n 60 -r 60 -W 300000 >"$work/perfdhcp" 2>&1 || true
[ "$(grep -c 'drops: 0' "$work/perfdhcp")" = 2 ] && grep -q 'received packets: 60' "$work/perfdhcp" && ok=0 || { ok=1; cat "$work/perfdhcp"; }
say $ok "perfdhcp: sixty clients in a second, none unanswered"
in_ns $phone ip addr flush dev c1

# A stranger's server on the phones' wire.
nsenter --net=/run/netns/$other dnsmasq --keep-in-foreground --port=0 --interface=o1 --bind-interfaces --conf-file=/dev/null --user=root --group= \
	--dhcp-range=10.77.0.10,10.77.0.20,255.255.255.0,600 --dhcp-leasefile="$work/leases" --pid-file= --log-facility="$work/dnsmasq" &
stranger=$!
children="$children $stranger"
until_ok 50 test -e "$work/leases"
udhcp $phone c1 00:1b:d4:00:00:06 -B || true
noticed() { curl -s --unix-socket "$work/socket" http://d/v1/node | tr -d ' \n' | grep -q '"what":"other-dhcp","subject":"10.77.0.2"'; }
until_ok 50 noticed && grep -q 'alarm=other-dhcp.*10.77.0.2' "$work/log" && ok=0 || ok=1
[ $ok = 0 ] || { curl -s --unix-socket "$work/socket" http://d/v1/node; cat "$work/log" "$work/dnsmasq"; }
say $ok "another DHCP server on the wire is an alarm in the API and a line of the log"
grep -q 'other-dhcp.*10.7[789].0.1[^0-9]' "$work/log" && ok=1 || ok=0
say $ok "we ourselves are not"

# The disk is full: what is stored counts, the rest is for five minutes.
kill $stranger
wait $stranger || true
dd if=/dev/zero of="$work/disk/fill" bs=4k count=1000 2>/dev/null || true
udhcp $phone c1 00:1b:d4:00:00:07 -V "$class" && has 'lease=300' && ok=0 || ok=1
"$dialtone" lease --json | tr -d ' \n' | grep -q '"mac":"00:1b:d4:00:00:07"[^}]*"temporary":true' || { ok=1; "$dialtone" lease; }
say $ok "with a full disk a phone nobody knows gets five minutes, marked as temporary"
udhcp $phone c1 00:1b:d4:00:00:01 -V "$class" && ok=0 || ok=1
left=$(sed -n 's/^lease=//p' "$work/lease")
{ [ "$left" -gt 6900 ] && [ "$left" -lt 7200 ]; } || { ok=1; cat "$work/lease"; }
say $ok "a known one is told what is left of its stored lease"
grep -q "alarm=disk why=\"$work/disk/db.* bytes free in $work/disk\"" "$work/log" && [ "$(grep -c alarm=disk "$work/log")" = 1 ] && ok=0 || { ok=1; cat "$work/log"; }
curl -s --unix-socket "$work/socket" http://d/v1/node | tr -d ' \n' | grep -q '"what":"disk"' || ok=1
say $ok "the alarm names the database and the free bytes, once in the log, and in the API"
rm "$work/disk/fill"
udhcp $phone c1 00:1b:d4:00:00:07 -V "$class" && has 'lease=7200' && ok=0 || ok=1
curl -s --unix-socket "$work/socket" http://d/v1/node | tr -d ' \n' | grep -q '"what":"disk"' && ok=1
say $ok "with room again its next request makes a lease of it, and the alarm is over"

kill -INT $capture
wait $capture || true
tshark -r "$work/wire.pcapng" -Y 'dhcp' -T fields -E separator=/s -e dhcp.type -e ip.src -e dhcp.option.type >"$work/told" 2>/dev/null
malformed=$(tshark -r "$work/wire.pcapng" -Y _ws.malformed 2>/dev/null)
[ -z "$malformed" ] && [ "$(grep -c . "$work/told")" -gt 200 ] && ok=0 || { ok=1; echo "$malformed"; }
say $ok "tshark finds nothing malformed in what was sent"
# Each of our answers to the relay ends with its option 82 and END.
answers=$(grep -c '^2 10.78.0.1 ' "$work/told")
[ "$answers" -ge 4 ] && [ "$answers" = "$(grep -c '^2 10.78.0.1 .*,82\(,255\)*\(,0\)*$' "$work/told")" ] && ok=0 || { ok=1; grep '^2 10.78' "$work/told"; }
say $ok "the relay's option 82 is the last of each answer that goes back to it"
exit $failed
