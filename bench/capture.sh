#!/bin/sh
# How fast, and in how much memory, a large capture is explained, against tshark on the same file in the same run.
#   bench/capture.sh [BUILD] [ROUNDS] [PHONES] [BYTES]
set -eu
cd "$(dirname "$0")/.."
. bench/bars.sh
build=${1:-build-bench}
rounds=${2:-5}
phones=${3:-10000}
bytes=${4:-1000000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

"$build/bench/capture_gen" "$work/capture.pcap" "$phones" "$bytes"
cat "$work/capture.pcap" >/dev/null # both read it from memory
# CPU seconds, not those of the clock: neither waits for anything but other programs.
run() { # name command...
	name=$1; shift
	/usr/bin/time -f '%U %S %M' -o "$work/time" "$@" >"$work/$name.out" 2>/dev/null || true
	tail -n 1 "$work/time" | awk -v name="$name" '{print name, $1 + $2, $3}' >>"$work/runs"
}
tshark=
! command -v tshark >/dev/null || tshark=1
# tshark takes a minute a time: once a round is enough for one that is 15 times slower.
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	run ours "$build/dialtone" explain "$work/capture.pcap"
	[ -z "$tshark" ] || [ $round -gt 3 ] || run tshark tshark -q -z io,phs -r "$work/capture.pcap"
done
head -n 1 "$work/ours.out"
size=$(wc -c <"$work/capture.pcap")
for name in ours tshark; do
	[ -z "$(column runs 2 $name)" ] || awk -v name=$name -v s="$(column runs 2 $name)" -v kb="$(column runs 3 $name)" -v size="$size" \
		'BEGIN {printf "  %s: %.2f s, %.0f MB/s, %d KiB\n", name, s, size / s / 1e6, kb}'
done
speed=
[ -z "$tshark" ] || speed=$(ratio "$(column runs 2 tshark)" "$(column runs 2 ours)")
bar "captures: speed, of tshark's" "$speed" '>=' 15 times
bar "captures: memory, $phones phones in $((size / 1000000)) MB" "$(column runs 3 ours)" '<=' $((64 * 1024 + 8 * phones)) KiB
exit $missed
