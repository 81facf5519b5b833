#!/bin/sh
# dialtone doctor on a host that is well, on one where dialtone runs, where a port is taken, and on a wire
# where dnsmasq answers DHCP already.
# Usage: doctor_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
here=dt$$-doctor-h
there=dt$$-doctor-t
child=
trap '[ -z "$child" ] || kill $child 2>/dev/null; ip netns del $here; ip netns del $there; rm -rf "$work"' EXIT
ip netns add $here
ip netns add $there
ip link add c0 netns $here type veth peer name c1 netns $there
nsenter --net=/run/netns/$here ip addr add 10.77.0.1/24 dev c0
nsenter --net=/run/netns/$here ip link set c0 up
nsenter --net=/run/netns/$there ip addr add 10.77.0.2/24 dev c1
nsenter --net=/run/netns/$there ip link set c1 up
failed=0

# expect SENTENCE STATUS PATTERN OPTION...
expect() {
	sentence=$1; expected=$2; pattern=$3; shift 3
	status=0
	nsenter --net=/run/netns/$here "$dialtone" doctor --socket "$work/socket" --database "$work/db" "$@" >"$work/out" 2>&1 ||
		status=$?
	if [ $status = "$expected" ] && grep -q -- "$pattern" "$work/out" &&
		awk 'length > 100 { wide = 1 } END { exit wide }' "$work/out"; then
		echo "[       OK ] $sentence"
	else
		echo "[  FAILED  ] $sentence"
		echo "    status $status instead of $expected; wanted \"$pattern\" in:"; sed 's/^/    /' "$work/out"
		failed=1
	fi
}

expect "a host that is well gets status 0" 0 'no other DHCP server answers on c0'
expect "a missing interface is wrong, and named" 1 'WRONG.*no interface nosuch' --interface nosuch
expect "the port of HTTP 6970 is looked at too" 0 'ok     HTTP       port 6970 is free'
nsenter --net=/run/netns/$here nft add table inet site
nsenter --net=/run/netns/$here nft 'add chain inet site door { type filter hook input priority 0; policy drop; }'
nsenter --net=/run/netns/$here nft 'add chain inet site other { type filter hook output priority 0; policy drop; }'
expect "a packet filter that drops what comes in is worth a look, by its name" 0 'look   firewall   1 packet filters .* 1 drop by default: site door'
nsenter --net=/run/netns/$here nft delete table inet site
expect "without one that is said" 0 'ok     firewall'
expect "that nobody is there to become is worth a look" 0 'look   user       a server stays root'
mkdir "$work/files"
printf 'JAR' >"$work/files/jar41sccp.9-4-2.sbn"
printf 'jar41sccp.9-4-2.sbn cnu41.9-4-2.sbn apps41.9-4-2.sbn' | tr ' ' '\n' >"$work/files/SCCP41.9-4-2S.loads"
expect "a load without one of its images is wrong, and the image is named" 1 'WRONG  load       SCCP41.9-4-2S .*: cnu41.9-4-2.sbn'
for image in cnu41 apps41; do printf 'JAR' >"$work/files/$image.9-4-2.sbn"; done
expect "a whole load is fine" 0 'ok     files .* 1 loads, each whole'
expect "a directory of files that is not there, though it was named, is wrong" 1 "WRONG  files      $work/nowhere" --files "$work/nowhere"
expect "--json says the same for programs" 0 '"healthy": true' --json

nsenter --net=/run/netns/$there dnsmasq --keep-in-foreground --port=0 --interface=c1 --bind-interfaces --conf-file=/dev/null \
	--user=root --group= --dhcp-range=10.77.0.50,10.77.0.60,255.255.255.0,600 --dhcp-leasefile="$work/leases" --pid-file= \
	--no-ping >"$work/dnsmasq" 2>&1 &
child=$!
until [ -e "$work/leases" ]; do kill -0 $child; done
expect "a foreign DHCP server on the wire is found, and that it lacks option 150" 0 \
	'look.*10.77.0.2 answers phones already, option 150 is missing'
kill $child
wait $child || true

nsenter --net=/run/netns/$here "$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
child=$!
until [ -S "$work/socket" ]; do kill -0 $child; done
expect "beside a running dialtone its own ports and answers are no fault" 0 'port 69: dialtone serve holds it'
"$dialtone" phone add SEP001BD4000001 --type 7960 --dn 1001 --load P00308010200 --socket "$work/socket" >/dev/null
expect "beside a running dialtone a load that a phone's record names and nobody has put there is wrong" 1 \
	'WRONG  load       P00308010200 .*named by SEP001BD4000001'
rm "$work/socket"
expect "a port that another program holds is wrong, with the command that names it" 1 'WRONG  TFTP.*port 69 is taken'
kill $child
wait $child || true
child=
exit $failed
