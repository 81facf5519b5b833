#!/bin/sh
# dialtone ladder: every message, decoded, in 100 columns.
set -u
dialtone=$1
captures=$2/captures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
check() { # sentence command...
	sentence=$1; shift
	if "$@" >"$work/log" 2>&1; then
		echo "[       OK ] $sentence"
	else
		echo "[  FAILED  ] $sentence"; head -n 20 "$work/log" | sed 's/^/    /'; failed=1
	fi
}
status() { want=$1; shift; "$@"; got=$?; [ "$got" = "$want" ] || { echo "status $got instead of $want"; return 1; }; }
golden() {
	"$dialtone" ladder "$captures/$1" >"$work/got" || return 1
	if [ -n "${UPDATE:-}" ]; then cp "$work/got" "$captures/$1.ladder"; fi
	diff "$captures/$1.ladder" "$work/got"
}
narrow() { ! awk 'length($0) > 100' "$captures"/*.ladder | grep .; }
one_phone() {
	"$dialtone" ladder "$captures/ref-libsccp-two-phones-call.pcap" --phone SEP222233334445 >"$work/one" || return 1
	grep -q SEP222233334445 "$work/one" && ! grep -q '^SEP222233334444' "$work/one"
}
piped() { "$dialtone" ladder - <"$captures/07-cm-port-closed.pcap" | grep -q 'TCP  RST'; }
# A name with an escape sequence, out of a TFTP request: 21 bytes of UDP in a frame of 63.
hostile() {
	printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\377\377\0\0\1\0\0\0' >"$work/h.pcap"
	printf '\1\0\0\0\0\0\0\0\77\0\0\0\77\0\0\0' >>"$work/h.pcap"
	printf '\2\0\0\0\0\1\2\0\0\0\0\2\10\0\105\0\0\61\0\1\0\0\100\21\0\0\12\0\0\2\12\0\0\1' >>"$work/h.pcap"
	printf '\234\100\0\105\0\35\0\0\0\1SEP\033[31m.cnf\0octet\0' >>"$work/h.pcap"
	"$dialtone" ladder "$work/h.pcap" >"$work/h" || return 1
	grep -q 'SEP.x1b' "$work/h" && ! grep -q "$(printf '\033')" "$work/h"
}
for capture in 01-boot-ok.pcap 07-cm-port-closed.pcap ref-chanskinny-registration-stalls.pcap sipnab-sip-auth-failure.pcapng; do
	check "the messages of $capture are those of its golden file" golden "$capture"
done
check "no line is wider than 100 columns in a pipe" narrow
check "one phone of a capture is shown alone" one_phone
check "a capture comes from standard input as well" piped
check "a peer's control characters reach no terminal" hostile
check "a phone that says nothing gives status 1" status 1 "$dialtone" ladder "$captures/01-boot-ok.pcap" --phone SEP000000000001
check "a missing file gives status 3" status 3 "$dialtone" ladder "$work/none.pcap"
check "what is no capture gives status 3" status 3 "$dialtone" ladder "$0"
check "without a subject it says how it is used" status 2 "$dialtone" ladder
exit $failed
