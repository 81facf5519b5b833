#!/bin/sh
# Every frame this codec can send, in every version, read by a dissector nobody here wrote: the id must be the one
# meant, call and line the ones sent, and nothing may be malformed. What it only reads is judged by its size: zeros of
# the whole length must do, a word less must not. Usage: tshark_judges.sh PRINT_FRAMES
#
# Where the dissector of 4.0 is known to err is listed below, one "name version" a line, and must go on erring: a line
# that no longer applies fails as well.
set -eu
command -v tshark >/dev/null || { echo "tshark is missing: apt-get install tshark"; exit 1; }
command -v text2pcap >/dev/null || { echo "text2pcap is missing: apt-get install wireshark-common"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Version 2: bodies of CallManager 2.x, shorter than the dissector expects; so are those of 3 and 4 for the two that
# close a channel. Statistics: it packs them from 18 on, phones of 20 were captured that do not. 21: it takes this
# version for 22, nobody has seen one.
sort >"$dir/known" <<'END'
CallInfo 2
CloseReceiveChannel 2
CloseReceiveChannel 3
CloseReceiveChannel 4
ConnectionStatisticsReq 18
ConnectionStatisticsRes 18
ConnectionStatisticsRes 19
ConnectionStatisticsRes 20
ConnectionStatisticsRes 21
LineStatRes 2
RegisterAck 2
SetRinger 2
StartMediaTransmission 2
StartMediaTransmission 21
StartTone 2
Stimulus 2
StopMediaTransmission 2
StopMediaTransmission 3
StopMediaTransmission 4
StopTone 2
END

"$1" >"$dir/frames"
grep unencodable "$dir/frames" && exit 1
# One packet a frame, each at its own offset 0, as text2pcap wants it.
awk '{ printf "000000"; for (i = 1; i < length($6); i += 2) printf " %s", substr($6, i, 2); print "" }' "$dir/frames" >"$dir/dump"
text2pcap -q -T 50000,2000 "$dir/dump" "$dir/frames.pcap" 2>/dev/null
# Without reassembly every packet is read alone; a body that ends too early is then "unreassembled".
tshark -r "$dir/frames.pcap" -o tcp.desegment_tcp_streams:FALSE -o tcp.analyze_sequence_numbers:FALSE \
	-d tcp.port==2000,skinny -T fields -E occurrence=f -e skinny.messageId -e skinny.callReference \
	-e skinny.lineInstance -e _ws.malformed -e _ws.unreassembled -e _ws.short 2>/dev/null >"$dir/read"
test "$(wc -l <"$dir/read")" -eq "$(wc -l <"$dir/frames")"

cut -d' ' -f1-5 "$dir/frames" | tr ' ' '\t' | paste - "$dir/read" >"$dir/both"
awk -F'\t' '$3 != "short" && ($1 != $6 || $9 $10 $11 != "") { print $3, $2 }
	$3 == "short" && $9 $10 $11 == "" { print "needs less:", $1, $2 }' "$dir/both" | sort -u >"$dir/erring"
diff "$dir/known" "$dir/erring"
# What the dissector shows of call and line is what was sent. It has other names for some; those stay empty, and it
# calls the instance of a Stimulus a line.
awk -F'\t' '$9 $10 $11 == "" && $4 $5 != "--" && (($7 != "" && $7 != $4) || ($8 != "" && $5 != "-" && $8 != $5))' "$dir/both" >"$dir/differing"
cat "$dir/differing"
test ! -s "$dir/differing"
awk -F'\t' '$7 != "" { n++ } END { exit n < 500 }' "$dir/both"
echo "$(wc -l <"$dir/read") frames read by tshark as meant, but for $(wc -l <"$dir/known") forms it does not know"
