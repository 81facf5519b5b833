#!/bin/sh
# The fault theatre as a user runs it: every scenario once broken and once healthy, each in private namespaces.
# The verdicts live and from the capture, the facts of both, tshark's filter on both runs: `lab run` judges them.
# Usage: theatre_test.sh DIALTONE [SECONDS]: the scenarios that are given no more time than this (45: what CI has)
set -eu
seconds=${2:-45}
dialtone=$(readlink -f "$1")
TMPDIR=$(mktemp -d)
export TMPDIR
# Each run has process numbers of its own and a /proc that does not know them, which LeakSanitizer takes for an
# error of the program. The same programs are searched for leaks by every other test.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
trap 'rm -rf "$TMPDIR"' EXIT
failed=0

say() { # 0 or 1, sentence
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
left_over() {
	find "$TMPDIR" -mindepth 1 ! -name out ! -name '*.pcap'
	for process in /proc/[0-9]*; do
		case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline" || true) in *"$TMPDIR"*) echo "$process" ;; esac
	done
}

status=0
"$dialtone" lab run --all --up-to "$seconds" >"$TMPDIR/out" 2>&1 || status=$?
cat "$TMPDIR/out"
say $status "every verdict of the scenarios of up to $seconds s is right, broken and healthy"
# Who is not root may not have the device that phones in a voice VLAN need.
! grep -A 1 '^skip' "$TMPDIR/out" | grep 'not here' | grep -qv /dev/net/tun && ok=0 || ok=1
say $ok "no scenario misses a program here"
[ -z "$(left_over)" ] && ok=0 || { ok=1; left_over; }
say $ok "the theatre leaves no file and no process behind"

"$dialtone" lab run callmanager-closed --keep "$TMPDIR/kept.pcap" >"$TMPDIR/out" 2>&1 && ok=0 || ok=1
"$dialtone" explain "$TMPDIR/kept.pcap" | grep -q R-02 || ok=1
say $ok "the capture of a run can be kept, and explained"
"$dialtone" lab explain callmanager-closed >"$TMPDIR/out" && grep -q 'R-02 (proved)' "$TMPDIR/out" && ok=0 || ok=1
awk 'length > 80 { exit 1 }' "$TMPDIR/out" || ok=1
say $ok "a scenario is explained within 80 columns"

# Interrupted in the middle: the server's socket is there.
"$dialtone" lab run tftp-silent no-dhcp >"$TMPDIR/out" 2>&1 &
lab=$!
tries=0
until [ -n "$(find "$TMPDIR" -name socket 2>/dev/null)" ] || [ $tries -gt 2000 ]; do
	tries=$((tries + 1))
	kill -0 $lab
done
kill -INT $lab
status=0
wait $lab || status=$?
[ $status = 3 ] && [ -z "$(left_over)" ] && ok=0 || { ok=1; left_over; }
say $ok "interrupted, it leaves nothing behind either"
printf 'title x\nexpext live nothing\n' >"$TMPDIR/bad.pcap"
status=0
"$dialtone" lab run "$TMPDIR/bad.pcap" >"$TMPDIR/out" 2>&1 || status=$?
[ $status = 2 ] && grep -q 'line 2' "$TMPDIR/out" && ok=0 || ok=1
say $ok "a mistake in a scenario is told with its line"
exit $failed
