#!/bin/sh
# How fast, and in how much memory, a large capture is explained, against tshark on the same file in the same run.
#   bench/capture.sh [BUILD] [PHONES] [BYTES]
# The promise: at least 15 times the speed of `tshark -q -z io,phs`, at most 64 MiB and 8 KiB a phone.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build-bench}
phones=${2:-10000}
bytes=${3:-1000000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$build/bench/capture_gen" "$work/capture.pcap" "$phones" "$bytes"
cat "$work/capture.pcap" >/dev/null # both read it from memory
run() { # name command...: seconds of wall clock, and KiB at most
	name=$1; shift
	/usr/bin/time -f '%e %M' -o "$work/$name" "$@" >"$work/$name.out" 2>/dev/null || true
}
for i in 1 2 3; do
	run "ours$i" "$build/dialtone" explain "$work/capture.pcap"
	run "tshark$i" tshark -q -z io,phs -r "$work/capture.pcap"
done
head -n 1 "$work/ours1.out"
median() { cat "$work/$1"[123] | sort -n | sed -n 2p; }
# shellcheck disable=SC2046 # words
set -- $(median ours) $(median tshark) "$(wc -c <"$work/capture.pcap")" "$phones"
awk -v s="$1" -v kb="$2" -v ts="$3" -v tkb="$4" -v size="$5" -v phones="$6" 'BEGIN {
	limit = 64 * 1024 + 8 * phones
	printf "dialtone explain    %6.2f s  %5.0f MB/s  %7d KiB (at most %d)\n", s, size / s / 1e6, kb, limit
	printf "tshark -z io,phs    %6.2f s  %5.0f MB/s  %7d KiB\n", ts, size / ts / 1e6, tkb
	printf "%.1f times as fast (at least 15)\n", ts / s
	exit !(ts / s >= 15 && kb <= limit)
}'
