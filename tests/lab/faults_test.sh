#!/bin/sh
# Each of the twelve faults for real: a server and a simulated phone in namespaces of their own, joined by a
# cable that is captured. The running server's first finding must be the fault, the capture's too, and the
# facts of both must be the same (but for what only the server can know). tshark reads every byte sent.
# Usage: faults_test.sh DIALTONE
set -eu

dialtone=$(readlink -f "$1")
for tool in ip nsenter dumpcap tshark curl; do
	command -v $tool >/dev/null || { echo "$tool is missing"; exit 1; }
done
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
# Names of namespaces live under /run: a private one where ours is not writable.
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run

work=$(mktemp -d)
prefix=dt$$
ticker=
clean_up() {
	set +e
	[ -z "$ticker" ] || kill "$ticker" 2>/dev/null
	for ns in $(ip netns list | sed -n "s/^\($prefix[a-z0-9-]*\).*/\1/p"); do ip netns del "$ns"; done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

phone=SEP001BD4000001 # a 7960 unless the fleet is told otherwise

# until LIMIT-IN-TENTHS COMMAND...: tries again until it succeeds.
until_ok() {
	limit=$1; shift
	while ! "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		[ "$limit" -gt 0 ] || return 1
		read -r _ <"$work/tick" || true
	done
}
# A clock that ticks each tenth of a second while somebody reads it.
mkfifo "$work/tick"
(trap '' PIPE; while :; do sleep 0.1; echo >"$work/tick"; done 2>/dev/null) &
ticker=$!

first_cause() { sed -n 's/^  Cause     \([A-Z]-[0-9]*\).*/\1/p' | head -n 1; }
live_cause() { [ "$("$dialtone" explain "$phone" --socket "$1/socket" 2>/dev/null | first_cause)" = "$2" ]; }
wire_cause() { [ "$("$dialtone" explain "$1/wire.pcapng" --phone "$phone" 2>/dev/null | first_cause)" = "$2" ]; }
live_facts() { curl -s --unix-socket "$1/socket" "http://dialtone/v1/facts/$phone" | grep -v '^server\.'; }
same_twice() { live_facts "$1" >"$1/a"; read -r _ <"$work/tick"; live_facts "$1" >"$1/b"; cmp -s "$1/a" "$1/b"; }

# Not `ip netns exec`: it wants to mount, which a chroot does not let it. What runs in the background calls
# nsenter itself: of a function, $! would be the shell around it.
in_net() { net_name=$1; shift; nsenter --net="/run/netns/$net_name" "$@"; }

# alike DIRECTORY: are the live facts (a) and those of the capture so far the same?
alike() {
	"$dialtone" explain "$1/wire.pcapng" --phone "$phone" --facts | sed 's/^ *[0-9.]* *[0-9]*  //' >"$1/captured"
	# Milliseconds are the capture's or the server's own; the bytes of a connection only the wire shows.
	sed -i -E '/^(file\.(started|delivered)|tcp\.(open|closed)) /s/ value=[0-9,]+//' "$1/a" "$1/captured"
	# Of connections the server's own view is their beginnings and ends; segments sent again are the wire's.
	for layer in 'dhcp\.' 'file\.' 'tcp\.(syn|open|refused|closed|reset) ' 'sccp\.'; do
		grep -E "^$layer" "$1/a" >"$1/a.layer" || true
		grep -E "^$layer" "$1/captured" >"$1/captured.layer" || true
		diff "$1/a.layer" "$1/captured.layer" || return 1
	done
}

make_network() { # name
	s=$prefix-$1-s; p=$prefix-$1-p
	ip netns add "$s"; ip netns add "$p"
	ip link add c0 netns "$s" type veth peer name c1 netns "$p"
	in_net "$s" ip addr add 10.77.0.1/24 dev c0; in_net "$s" ip link set c0 up; in_net "$s" ip link set lo up
	in_net "$p" ip addr add 10.77.0.2/24 dev c1; in_net "$p" ip link set c1 up; in_net "$p" ip link set lo up
}

one() { # rule, sentence; then `--` serve options; `--` fleet options; `--` commands for the server
	rule=$1; dir=$work/$1; serve=$2; fleet=$3; setup=$4
	mkdir "$dir"
	make_network "$(echo "$rule" | tr 'A-Z' 'a-z')"
	case $rule in
	R-01) # the CallManager's address is routed to us and dropped without a word
		in_net "$s" ip route add blackhole 10.99.0.1
		in_net "$s" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
		in_net "$p" ip route add 10.99.0.0/24 via 10.77.0.1 ;;
	D-05) # a relay whose subnet nobody serves
		in_net "$p" ip addr add 10.88.0.1/32 dev lo
		in_net "$s" ip route add 10.88.0.0/24 via 10.77.0.2 ;;
	esac
	nsenter --net="/run/netns/$s" dumpcap -q -i c0 -w "$dir/wire.pcapng" 2>"$dir/dumpcap" & capture=$!
	until_ok 100 grep -q File: "$dir/dumpcap" || { echo "no capture"; return 1; }
	# shellcheck disable=SC2086 # words
	nsenter --net="/run/netns/$s" "$dialtone" serve --interface c0 --database "$dir/db" --socket "$dir/socket" $serve \
		>"$dir/serve" 2>&1 & server=$!
	until_ok 100 test -S "$dir/socket" || { cat "$dir/serve"; return 1; }
	[ -z "$setup" ] || DIALTONE_SOCKET=$dir/socket sh -ec "dialtone() { '$dialtone' \"\$@\"; }; $setup" >"$dir/setup" 2>&1 ||
		{ cat "$dir/setup"; return 1; }
	# shellcheck disable=SC2086 # words
	nsenter --net="/run/netns/$p" "$dialtone" fleet --dhcp c1 --phones 1 --seed 3 $fleet >"$dir/fleet" 2>&1 & phones=$!
	until_ok 450 live_cause "$dir" "$rule" || {
		echo "the running server does not find it:"; "$dialtone" explain "$phone" --socket "$dir/socket"; cat "$dir/fleet"; return 1; }
	# A capture may need more of the phone's patience than the server, which knows at once.
	until_ok 300 wire_cause "$dir" "$rule" || true
	kill "$phones"; wait "$phones" || true
	until_ok 50 same_twice "$dir" || { echo "the facts do not come to rest"; return 1; }
	# The capture's last packets come out of the kernel some time after the server has seen them.
	until_ok 50 alike "$dir" || true
	kill -INT "$capture"; wait "$capture" || true
	kill "$server"; wait "$server" || { echo "the server did not end well"; cat "$dir/serve"; return 1; }
	found=$("$dialtone" explain "$dir/wire.pcapng" --phone "$phone" | first_cause)
	[ "$found" = "$rule" ] || { echo "the capture says $found"; "$dialtone" explain "$dir/wire.pcapng"; return 1; }
	alike "$dir" || { echo "live (<) and captured (>) facts differ"; return 1; }
	[ -s "$dir/captured" ] || { echo "no facts"; return 1; }
	malformed=$(tshark -r "$dir/wire.pcapng" -Y _ws.malformed 2>/dev/null)
	[ -z "$malformed" ] || { echo "tshark: $malformed"; return 1; }
}

add="dialtone phone add $phone --type 7960 --dn 1001"
cases='
D-02|no DHCP server answers|--no-dhcp||
D-05|no DHCP scope holds the relay address||--relay 10.88.0.1 --server 10.77.0.1|
D-12|the lease names no TFTP server|--fault no-option-150||
T-02|the TFTP server is silent|--fault tftp-silent||ADD
T-08|neither the own nor the default file is there|--fault no-default-file||
F-11|a 7961G was added as 7961G-GE||--mix 7961|dialtone phone add PHONE --type 7961G-GE --dn 1001
F-12|the record has one digit typed wrongly|||dialtone phone add SEP001BD4070001 --type 7960 --dn 1001
R-01|the CallManager does not answer|--callmanager 10.99.0.1||ADD
R-02|the port of the CallManager is closed|--fault callmanager-closed||ADD
R-05|the phone is not in the database|||
R-06|the auto-registration range is used up|||dialtone autoreg on --range 3000-3000; dialtone phone add SEP00AABBCCDDEE --type 7960 --dn 3000
K-01|keepalives go unanswered|--fault keepalive-silent --keepalive 1||ADD
'
# All at once: each waits mostly for a phone's own timers.
pids=
while IFS='|' read -r rule sentence serve fleet setup; do
	[ -n "$rule" ] || continue
	setup=$(echo "$setup" | sed "s/ADD/$add/; s/PHONE/$phone/")
	(one "$rule" "$serve" "$fleet" "$setup" >"$work/$rule.log" 2>&1; echo $? >"$work/$rule.status") </dev/null &
	pids="$pids $!"
	echo "$rule|$sentence" >>"$work/list"
done <<CASES
$cases
CASES
for pid in $pids; do wait "$pid" || true; done

failed=0
while IFS='|' read -r rule sentence; do
	if [ "$(cat "$work/$rule.status" 2>/dev/null)" = 0 ]; then
		echo "[       OK ] $rule, $sentence: found live and in the capture, from the same facts"
	else
		echo "[  FAILED  ] $rule, $sentence: found live and in the capture, from the same facts"
		sed 's/^/    /' "$work/$rule.log"
		failed=1
	fi
done <"$work/list"
exit $failed
