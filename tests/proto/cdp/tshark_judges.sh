#!/bin/sh
# What our phone and switch say by CDP and LLDP, judged by tshark: nothing malformed, every checksum right,
# the voice VLAN and the power where they belong.
set -u
command -v tshark >/dev/null 2>&1 || { echo "tshark is missing: apt-get install tshark"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" >"$work/link.pcap" || exit 1
tshark -r "$work/link.pcap" -V >"$work/words" 2>/dev/null || exit 1
failed=0
say() { if [ "$2" = 0 ]; then echo "[       OK ] $1"; else echo "[  FAILED  ] $1"; failed=1; fi; }
bad=$(grep -ciE 'malformed|expert info.*(warn|error)|\[incorrect|checksum status: bad' "$work/words")
say "tshark finds nothing malformed and every checksum right" "$bad"
[ "$bad" = 0 ] || grep -iE -B3 'malformed|expert info|\[incorrect|checksum status: bad' "$work/words" | head -n 20
packets=$(grep -c '^Frame ' "$work/words")
for words in 'VoIP VLAN Reply: VLAN 110' 'Power Request: 7000 mW, 6300 mW' 'VLAN Id: 110' 'Power Consumption: 6300 mW' 'Checksum Status: Good' 'CP-7961G'; do
	grep -q "$words" "$work/words"
	say "tshark reads \"$words\" in one of $packets packets" $?
done
exit $failed
