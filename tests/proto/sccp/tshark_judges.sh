#!/bin/sh
# Every frame this codec can send, read by a dissector nobody here wrote: the id must be the one meant and
# nothing may be malformed. Usage: tshark_judges.sh PRINT_FRAMES
set -eu
command -v tshark >/dev/null || { echo "tshark is missing: apt-get install tshark"; exit 1; }
command -v text2pcap >/dev/null || { echo "text2pcap is missing: apt-get install wireshark-common"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" >"$dir/frames"
grep unencodable "$dir/frames" && exit 1
# One packet a frame, each at its own offset 0, as text2pcap wants it.
awk '{ printf "000000"; for (i = 1; i < length($2); i += 2) printf " %s", substr($2, i, 2); print "" }' "$dir/frames" >"$dir/dump"
text2pcap -q -T 50000,2000 "$dir/dump" "$dir/frames.pcap" 2>/dev/null
# A sequence of its own each: without reassembly every packet is read alone.
tshark -r "$dir/frames.pcap" -o tcp.desegment_tcp_streams:FALSE -o tcp.analyze_sequence_numbers:FALSE \
	-d tcp.port==2000,skinny -T fields -e skinny.messageId -e _ws.malformed 2>/dev/null >"$dir/read"
cut -d' ' -f1 "$dir/frames" | awk '{ print $1 "\t" }' >"$dir/meant"
diff "$dir/meant" "$dir/read"
echo "$(wc -l <"$dir/read") frames, all read by tshark as meant"
