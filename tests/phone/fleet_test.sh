#!/bin/sh
# The fleet on real sockets: against our server, against dnsmasq's DHCP and TFTP, against nobody.
# Usage: fleet_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
DIALTONE_SOCKET=$work/socket
export DIALTONE_SOCKET
children=
server=dt$$-fleet-s
phones=dt$$-fleet-p
manager=dt$$-fleet-m
trap 'for child in $children; do kill $child 2>/dev/null || true; done; ip netns del $server; ip netns del $phones; ip netns del $manager; rm -rf "$work"' EXIT
on_server() { nsenter --net=/run/netns/$server "$@"; }
on_phones() { nsenter --net=/run/netns/$phones "$@"; }
ip netns add $server
ip netns add $phones
ip link add c0 netns $server type veth peer name c1 netns $phones
on_server ip addr add 10.77.0.1/16 dev c0
on_server ip link set c0 up
on_server ip link set lo up
on_phones ip addr add 10.77.0.2/16 dev c1
on_phones ip link set c1 up
on_phones ip link set lo up
on_phones ip route add local 10.88.0.0/16 dev lo
on_server ip route add 10.88.0.0/16 via 10.77.0.2
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
		[ $limit -gt 0 ] || return 1
		read -r _ <"$work/tick" || true
	done
}
# field NAME: of the last report.
field() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
for part in sys.argv[2].split("/"): r = r[int(part)] if isinstance(r, list) else r[part]
print(r)' "$work/report" "$1"; }
fleet() { on_phones timeout 100 "$dialtone" fleet --json "$@" >"$work/report" 2>"$work/error"; }

nsenter --net=/run/netns/$server "$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
ours=$!
children="$children $ours"
until_ok 100 "$dialtone" autoreg on --range 20000-29999 || cat "$work/log"

models=$("$dialtone" fleet --mix list | awk '$7 > 0 || $NF > 0 { printf "%s%s=1", n++ ? "," : "", $1 }')
count=$(echo "$models" | tr ',' '\n' | wc -l)
fleet --dhcp c1 --voice-vlan none --phones "$count" --mix "$models" --until registered && [ "$(field registered)" = "$count" ] && [ "$(field steps/DHCP/phones)" = "$count" ] &&
	ok=0 || { ok=1; cat "$work/report" "$work/error"; }
say $ok "a phone of each of the $count models boots from our server by DHCP, files and SCCP"
fleet --server 10.77.0.1 --first-mac 001BD4100000 --first-ip 10.88.1.1 --phones 300 --processes 3 --until registered --no-pacing && [ "$(field registered)" = 300 ] &&
	[ "$(field steps/registration/phones)" = 300 ] && ok=0 || { ok=1; cat "$work/report" "$work/error"; }
say $ok "three processes make one fleet and one report"
fleet --server 10.77.0.1 --first-mac 001BD4600000 --phones 5 --until registered --html "$work/page.html" && grep -q '5 phones: 5 registered' "$work/page.html" &&
	grep -q polyline "$work/page.html" && xmllint --html --noout "$work/page.html" 2>"$work/html" && ok=0 || { ok=1; cat "$work/html"; }
fleet --server 10.77.0.1 --first-mac 001BD4600000 --phones 1 --until registered --html /nowhere/page.html && ok=1 || [ $? = 3 ] || ok=1
say $ok "the report is a page too, and a page that cannot be written is said"
fleet --server 10.77.0.1 --first-mac 001BD4200000 --first-ip 10.88.4.1 --phones 60 --power-cut 2 --until registered && [ "$(field registered)" = 60 ] &&
	[ "$(field power_cycles)" = 60 ] && ok=0 || { ok=1; cat "$work/report" "$work/error"; }
say $ok "after a power cut every phone comes back"
fleet --server 10.77.0.1 --first-mac 001BD4300000 --phones 20 --hold 4 --churn 720000 && [ "$(field power_cycles)" -gt 20 ] && ok=0 || ok=$?
[ $ok -le 1 ] && [ "$(field power_cycles)" -gt 20 ] && ok=0 || { ok=1; cat "$work/report"; }
say $ok "churn takes the power of a share of the phones"

fleet --server 10.77.99.99 --phones 20 --until registered --give-up 2 && ok=1 || ok=$?
[ $ok = 1 ] && [ "$(field answered)" = False ] && [ "$(field gave_up)" = True ] && ok=0 || { ok=1; cat "$work/report"; }
say $ok "against a silent address the fleet ends, and says that nobody answered"
fleet --server 10.77.99.99 --phones 20 --give-up 2 --expect 0 && ok=0 || ok=1
say $ok "as many registered as expected is success"
"$dialtone" fleet --server 10.77.0.1 --expect many >/dev/null 2>&1 && ok=1 || ok=$?
[ $ok = 2 ] && "$dialtone" fleet --phones 5 >/dev/null 2>&1 && ok=1 || ok=$?
[ $ok = 2 ] && ok=0 || ok=1
say $ok "an order that cannot be read is refused with 2"
on_phones ip link add d0 type veth peer name d1
fleet --dhcp d0 && ok=1 || ok=$?
[ $ok = 3 ] && grep -q 'ip link set d0 up' "$work/error" && ok=0 || { ok=1; cat "$work/error"; }
say $ok "an interface that is down is said, with what to do"

kill $ours
wait $ours 2>/dev/null || true
# A server behind a switch with a voice VLAN. The switch is Python and shares nothing with us.
here=$(dirname "$(readlink -f "$0")")
ip link add s0 netns $server type veth peer name w0 netns $server
ip link add v1 netns $phones type veth peer name w1 netns $server
on_phones ip link set v1 up
for port in s0 w0 w1; do on_server ip link set $port up; done
on_server ip addr add 10.79.0.1/24 dev s0
on_server python3 "$here/voice_switch.py" offload s0
on_server python3 "$here/voice_switch.py" w1 w0 110 >"$work/switch" 2>&1 &
children="$children $!"
nsenter --net=/run/netns/$server "$dialtone" serve --interface s0 --database "$work/db2" --socket "$work/socket" >"$work/log" 2>&1 &
ours=$!
children="$children $ours"
nsenter --net=/run/netns/$server tshark -q -i w1 -w "$work/voice.pcap" 2>"$work/tshark" &
shark=$!
children="$children $shark"
until_ok 100 grep -q Capturing "$work/tshark" || true
until_ok 100 grep -q up "$work/switch" || cat "$work/switch"
until_ok 100 "$dialtone" autoreg on --range 20000-29999 || cat "$work/log"
fleet --dhcp v1 --first-mac 001BD4500000 --phones 8 --mix 7960=1,7961=1,7912=1,7965=1 --until registered && [ "$(field registered)" = 8 ] && [ "$(field voice_vlan)" = 8 ] &&
	ok=0 || { ok=1; cat "$work/report" "$work/error" "$work/switch"; }
say $ok "phones take the voice VLAN their switch names by CDP, and boot in it"
kill $shark
wait $shark 2>/dev/null || true
shark() { tshark -r "$work/voice.pcap" -Y "$1" 2>/dev/null | wc -l; }
own='eth.src[0:4] == 00:1b:d4:50'
[ "$(shark "$own && !vlan && !cdp && !lldp")" = 0 ] && [ "$(shark "$own && vlan.id == 110 && vlan.priority == 3 && tcp.dstport == 2000 && tcp.flags.syn == 1")" -ge 8 ] &&
	[ "$(shark "$own && ip.ttl != 64 && ip.ttl != 250")" = 0 ] && [ "$(shark "$own && ip.ttl == 250 && dhcp")" -ge 4 ] && ok=0 || ok=1
say $ok "all they send has the tag and its priority, their own hardware address and their model's TTL"
[ "$(shark "$own && cdp && cdp.platform contains \"Cisco IP Phone 79\"")" -ge 8 ] && [ "$(shark "$own && lldp.media.subtype")" -ge 4 ] && [ "$(shark '_ws.malformed')" = 0 ] &&
	[ "$(shark 'cdp.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0')" = 0 ] && ok=0 || ok=1
"$dialtone" explain "$work/voice.pcap" --facts >"$work/facts" || true
[ "$(grep -c 'cdp.phone mac=00:1b:d4:50:00:0.*"Cisco IP Phone 79' "$work/facts")" -ge 8 ] && grep -q 'lldp.phone.*CP-7961G' "$work/facts" || { ok=1; grep -c . "$work/facts"; }
say $ok "tshark and our observer read their CDP and LLDP-MED, nothing is malformed and no checksum wrong"
kill $ours
wait $ours 2>/dev/null || true
# The CallManager behind a router, so that DHCP and files are dnsmasq's alone.
ip netns add $manager
ip link add e0 netns $server type veth peer name e1 netns $manager
on_server ip addr add 10.78.0.2/24 dev e0
on_server ip link set e0 up
on_server sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
nsenter --net=/run/netns/$manager sh -c 'ip addr add 10.78.0.1/24 dev e1; ip link set lo up; ip link set e1 up; ip route add default via 10.78.0.2'
on_phones ip route add 10.78.0.0/24 via 10.77.0.1
nsenter --net=/run/netns/$manager "$dialtone" serve --interface e1 --no-dhcp --database "$work/db" --socket "$work/socket" >"$work/log2" 2>&1 &
children="$children $!"
until_ok 100 "$dialtone" autoreg on --range 20000-29999 || cat "$work/log2"
mkdir "$work/root"
cat >"$work/root/XMLDefault.cnf.xml" <<-XML
	<Default><callManagerGroup><members><member priority="0"><callManager><ports><ethernetPhonePort>2000</ethernetPhonePort></ports>
	<processNodeName>10.78.0.1</processNodeName></callManager></member></members></callManagerGroup></Default>
XML
chmod -R a+rX "$work"
nsenter --net=/run/netns/$server dnsmasq --keep-in-foreground --port=0 --interface=c0 --bind-interfaces --conf-file=/dev/null --user=root --group= \
	--dhcp-range=10.77.1.1,10.77.1.250,1h --dhcp-option=150,10.77.0.1 --enable-tftp --tftp-root="$work/root" --dhcp-leasefile="$work/leases" --pid-file= \
	--log-facility="$work/dnsmasq.log" 2>"$work/dnsmasq.err" &
children="$children $!"
nsenter --net=/run/netns/$phones tshark -q -i c1 -w "$work/wire.pcap" 2>"$work/tshark" &
shark=$!
children="$children $shark"
until_ok 100 grep -q Capturing "$work/tshark" || true
fleet --dhcp c1 --voice-vlan none --first-mac 001BD4400000 --phones 12 --mix 7960=1,7961=1,7912=1,7965=1 --until registered && [ "$(field registered)" = 12 ] && ok=0 ||
	{ ok=1; cat "$work/report" "$work"/dnsmasq*; }
say $ok "with dnsmasq for DHCP and files the phones come up too"
kill $shark
wait $shark 2>/dev/null || true
bad=$(tshark -r "$work/wire.pcap" -Y '_ws.malformed && (dhcp || tftp)' 2>/dev/null | wc -l)
asked=$(tshark -r "$work/wire.pcap" -Y 'dhcp.option.dhcp == 1' -T fields -e dhcp.option.vendor_class_id 2>/dev/null | sort -u | wc -l)
[ "$bad" = 0 ] && [ "$asked" = 4 ] && ok=0 || { ok=1; echo "malformed: $bad, vendor classes: $asked"; }
say $ok "tshark reads four vendor classes and nothing malformed"
late=$(tshark -r "$work/wire.pcap" -Y 'tftp.opcode == 4 || (tcp.dstport == 2000 && tcp.flags.syn == 1)' -T fields -e ip.src -e tftp.opcode 2>/dev/null |
	awk '$2 == "" { called[$1] = 1 } $2 == 4 && called[$1] { late++ } END { print late + 0, length(called) }')
[ "$late" = "0 12" ] && ok=0 || { ok=1; echo "ACKs after the call, phones that called: $late"; }
say $ok "a phone has acknowledged the last block when it calls the CallManager the file names"
exit $failed
