#!/bin/sh
# What a phone would do, done by programs nobody here wrote: udhcpc with a Cisco vendor class, tftp-hpa and
# curl; tshark reads every byte.
# Usage: strangers_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
server=dt$$-strange-s
phone=dt$$-strange-p
children=
trap 'for child in $children; do kill $child 2>/dev/null || true; done; ip netns del $server; ip netns del $phone; rm -rf "$work"' EXIT
ip netns add $server
ip netns add $phone
ip link add c0 netns $server type veth peer name c1 netns $phone
nsenter --net=/run/netns/$server ip addr add 10.77.0.1/24 dev c0
nsenter --net=/run/netns/$server ip link set c0 up
nsenter --net=/run/netns/$phone ip link set c1 address 00:1b:d4:00:00:01
nsenter --net=/run/netns/$phone ip link set c1 up
failed=0
say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
as_phone() { nsenter --net=/run/netns/$phone "$@"; }

nsenter --net=/run/netns/$server dumpcap -q -i c0 -w "$work/wire.pcapng" 2>"$work/dumpcap" &
capture=$!
children="$children $capture"
until grep -q File: "$work/dumpcap"; do kill -0 $capture; done
nsenter --net=/run/netns/$server "$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
children="$children $!"
# The socket is there before anybody listens at it.
until "$dialtone" phone add SEP001BD4000001 --type 7960 --dn 1001 --ip 10.77.0.77 --socket "$work/socket" >/dev/null 2>&1; do kill -0 $!; done

cat >"$work/script" <<SCRIPT
#!/bin/sh
[ "\$1" != bound ] || env >"$work/lease"
SCRIPT
chmod +x "$work/script"
# Option 150 is 96 in hexadecimal; udhcpc knows it by number only.
as_phone udhcpc -f -q -n -i c1 -V "Cisco Systems, Inc. IP Phone CP-7960" -x hostname:SEP001BD4000001 -O tftp -O 150 -O 66 \
	-s "$work/script" >"$work/udhcpc" 2>&1 && ok=0 || { ok=1; cat "$work/udhcpc"; }
grep -q '^ip=10.77.0.77$' "$work/lease" && grep -q '^siaddr=10.77.0.1$' "$work/lease" && grep -q '^tftp=10.77.0.1$' "$work/lease" &&
	grep -qi '^opt150=0a4d0001$' "$work/lease" || { ok=1; cat "$work/lease" "$work/udhcpc"; }
say $ok "udhcpc with a Cisco vendor class gets the reserved address, option 150, 66 and siaddr"

as_phone ip addr add 10.77.0.77/24 dev c1
as_phone curl -s -o "$work/own" tftp://10.77.0.1/SEP001BD4000001.cnf.xml && xmllint --noout "$work/own" &&
	grep -q '<processNodeName>10.77.0.1<' "$work/own" && ok=0 || ok=1
say $ok "curl fetches the phone's own file, which is XML and names the CallManager"
as_phone tftp -m octet 10.77.0.1 -c get SEP001BD4000001.cnf.xml "$work/own.hpa" && cmp -s "$work/own" "$work/own.hpa" && ok=0 || ok=1
say $ok "tftp-hpa fetches the same bytes"
as_phone tftp -m octet 10.77.0.1 -c get XMLDefault.cnf.xml "$work/default" && xmllint --noout "$work/default" && ok=0 || ok=1
say $ok "tftp-hpa fetches the default file, which is XML"
as_phone tftp -m octet 10.77.0.1 -c get CTLSEP001BD4000001.tlv "$work/none" >"$work/told" 2>&1 || true
grep -qi 'not found' "$work/told" && ok=0 || { ok=1; cat "$work/told"; }
say $ok "a trust list that is not there is told as not found"

# What was captured reaches the file a moment later.
tries=0
until [ "$(tshark -r "$work/wire.pcapng" -Y 'dhcp || tftp' 2>/dev/null | wc -l)" -ge 20 ] || [ $tries -ge 30 ]; do
	tries=$((tries + 1))
done
kill -INT $capture
wait $capture || true
malformed=$(tshark -r "$work/wire.pcapng" -Y _ws.malformed 2>/dev/null)
packets=$(tshark -r "$work/wire.pcapng" -Y 'dhcp || tftp' 2>/dev/null | wc -l)
[ -z "$malformed" ] && [ "$packets" -ge 20 ] && ok=0 || { ok=1; echo "$packets packets; $malformed"; }
say $ok "tshark finds nothing malformed in what was sent"
exit $failed
