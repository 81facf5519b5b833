#!/bin/sh
# A site that keeps its own DHCP server: what `dialtone export dhcp` says of its subnets passes the parsers of
# dnsmasq, Kea and dhcpd, whichever are there; and dnsmasq, told so, boots a phone from our files: it is not in
# the database, knocks, is adopted, and comes up when it is powered again. (That a refused phone comes up by
# itself after a while is tests/phone's to prove, in virtual time.)
# Usage: export_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$dialtone"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/dialtone-judges}/usr/sbin
work=$(mktemp -d)
DIALTONE_SOCKET=$work/socket
export DIALTONE_SOCKET
children=
trap 'for child in $children; do kill $child 2>/dev/null || true; done; ip netns del $server; ip netns del $phones; rm -rf "$work"' EXIT
server=dt$$-export-s
phones=dt$$-export-p
on_server() { nsenter --net=/run/netns/$server "$@"; }
on_phones() { nsenter --net=/run/netns/$phones "$@"; }
ip netns add $server
ip netns add $phones
ip link add c0 netns $server type veth peer name c1 netns $phones
on_server ip addr add 10.77.0.1/24 dev c0
on_server ip link set c0 up
on_phones ip addr add 10.77.0.2/24 dev c1
on_phones ip link set c1 up
on_phones ip link set lo up
on_server ip link set lo up
failed=0
phone=SEP001BD4000001
reserved=SEP001BD4000002

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
knocks() { "$dialtone" knocking | grep -q "^$phone  *7960 .*Register"; }
registered() { "$dialtone" phones | grep -q "^$1 .* registered"; }

nsenter --net=/run/netns/$server "$dialtone" serve --interface c0 --no-dhcp --database "$work/db" --socket "$work/socket" --router 10.77.0.254 --dns 10.77.0.253 --domain site.example \
	--pool 10.77.0.100-10.77.0.254 >"$work/log" 2>&1 &
children="$children $!"
until_ok 100 test -S "$work/socket" || cat "$work/log"
"$dialtone" phone add $reserved --type 7961G --dn 1002 --ip 10.77.0.77 >/dev/null

"$dialtone" export dhcp --for kea | python3 -m json.tool >"$work/kea" && grep -q '"code": 150' "$work/kea" && ok=0 || ok=1
say $ok "the words for Kea are JSON and define option 150"
ok=0
for language in dnsmasq ios isc kea windows; do
	"$dialtone" export dhcp --for $language >"$work/$language"
	for value in 150 10.77.0.1 10.77.0.100 10.77.0.254 10.77.0.253 site.example 10.77.0.77; do
		[ $language = ios ] && [ $value = 10.77.0.100 ] && value=10.77.0.99
		grep -q -F "$value" "$work/$language" || { ok=1; echo "$language: $value is missing"; cat "$work/$language"; }
	done
done
say $ok "in each language there are option 150, pool, router, DNS server, domain and reservation"

# judged WHEN: each parser that is here, over the file just written.
judged() {
	ok=0
	dnsmasq --test --conf-file="$work/dnsmasq" >"$work/judge" 2>&1 || { ok=1; cat "$work/judge" "$work/dnsmasq"; }
	say $ok "dnsmasq accepts $1"
	if command -v kea-dhcp4 >/dev/null; then
		KEA_PIDFILE_DIR=$work KEA_LOCKFILE_DIR=$work KEA_LOGGER_DESTINATION=stderr kea-dhcp4 -t "$work/kea" >"$work/judge" 2>&1 && ok=0 || { ok=1; cat "$work/judge" "$work/kea"; }
		say $ok "Kea accepts $1"
	else
		echo "(kea-dhcp4 is not here to judge $1)"
	fi
	if command -v dhcpd >/dev/null; then
		dhcpd -t -cf "$work/isc" >"$work/judge" 2>&1 && ok=0 || { ok=1; cat "$work/judge" "$work/isc"; }
		say $ok "dhcpd accepts $1"
	else
		echo "(dhcpd is not here to judge $1)"
	fi
}
# linted WHEN: what we tell others, held against what we know of their mistakes.
linted() {
	ok=0
	for language in dnsmasq ios isc kea windows; do
		"$dialtone" lint "$work/$language" >"$work/told" 2>&1 && grep -q 'nothing wrong' "$work/told" || { ok=1; cat "$work/told" "$work/$language"; }
		"$dialtone" lint --json "$work/$language" | grep -q "\"kind\": \"$language\"" || { ok=1; echo "$language is taken for something else"; }
	done
	say $ok "lint knows each language, and finds nothing wrong with $1"
}
judged "one subnet"
linted "one subnet"
cp "$work/dnsmasq" "$work/dnsmasq.one"
"$dialtone" subnet add voice --network 10.88.0.0 --netmask 255.255.255.0 --pool 10.88.0.100-10.88.0.200 --phones 10.88.0.20-10.88.0.40,10.88.0.60-10.88.0.80 \
	--router 10.88.0.1 --dns1 10.88.0.110 --dns2 10.88.0.53 --ntp 10.88.0.123 --domain voice.example --lease-s 3600 --tftp1 10.77.0.1 --tftp2 10.77.0.9 >/dev/null
"$dialtone" subnet add branch --network 10.99.0.0 --netmask 255.255.0.0 --pool 10.99.1.0-10.99.2.255 >/dev/null
"$dialtone" subnet add closed --network 10.66.0.0 --netmask 255.255.255.0 --pool 10.66.0.10-10.66.0.20 --on off >/dev/null
"$dialtone" phone add SEP001BD4000009 --type 7961G --dn 1009 --ip 10.88.0.240 >/dev/null
ok=0
for language in dnsmasq ios isc kea windows; do
	"$dialtone" export dhcp --for $language >"$work/$language"
	for value in 10.77.0.100 10.88.0.20 10.88.0.40 10.88.0.60 10.88.0.80 10.88.0.111 10.88.0.53 10.88.0.123 voice.example 10.77.0.9 10.99.1.0 10.99.2.255 10.88.0.240; do
		# IOS says what is left out.
		case $language-$value in ios-10.77.0.100) value=10.77.0.99 ;; ios-10.99.1.0) value=10.99.0.255 ;; ios-10.99.2.255) value=10.99.3.0 ;; esac
		grep -q -F "$value" "$work/$language" || { ok=1; echo "$language: $value is missing"; cat "$work/$language"; }
	done
	! grep -q '10\.66\.0' "$work/$language" || { ok=1; echo "$language: a subnet that is off"; }
done
say $ok "each language tells every subnet that is on, phones apart from the rest, and no address that is somebody's"
judged "several subnets with classes"
linted "several subnets with classes"
mv "$work/dnsmasq.one" "$work/dnsmasq"

nsenter --net=/run/netns/$server dnsmasq --keep-in-foreground --no-ping --port=0 --interface=c0 --bind-interfaces --conf-file="$work/dnsmasq" --user=root --group= \
	--dhcp-leasefile="$work/leases" --pid-file= --log-facility="$work/dnsmasq.log" 2>"$work/dnsmasq.err" &
children="$children $!"
nsenter --net=/run/netns/$phones "$dialtone" fleet --dhcp c1 --voice-vlan none --phones 2 --mix 7960=1,7961=1 --seed 3 >"$work/fleet" 2>&1 &
fleet=$!
children="$children $fleet"
until_ok 300 registered $reserved && ok=0 || { ok=1; cat "$work"/dnsmasq* "$work/fleet"; "$dialtone" explain || true; }
[ "$ok" = 0 ] && "$dialtone" phones | grep -q "^$reserved .*10.77.0.77" || ok=1
say $ok "a phone boots from dnsmasq as exported, at the address reserved for it"
until_ok 300 knocks && ok=0 || { ok=1; "$dialtone" knocking; }
say $ok "a phone in no record is listed as knocking, with model and what it wants"
"$dialtone" adopt $phone --dn 1001 >"$work/adopted" 2>&1 && ok=0 || ok=1
kill $fleet
wait $fleet || true
nsenter --net=/run/netns/$phones "$dialtone" fleet --dhcp c1 --voice-vlan none --phones 2 --mix 7960=1,7961=1 --seed 3 >"$work/fleet" 2>&1 &
children="$children $!"
until_ok 300 registered $phone || ok=1
[ $ok = 0 ] || { echo "adopt: $(cat "$work/adopted")"; "$dialtone" explain || true; }
say $ok "adopted, it comes up when it is powered again"
"$dialtone" knocking | grep -q 'Nobody knocks' && ok=0 || { ok=1; "$dialtone" knocking; }
say $ok "who was adopted knocks no more"
exit $failed
