#!/bin/sh
# The demo as a user runs it, once to its end and once interrupted: in both cases nothing may be left.
# Usage: demo_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
failed=0

say() { # 0 or 1, sentence
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
left_over() {
	find "$TMPDIR" -mindepth 1 ! -name out
	for process in /proc/[0-9]*; do
		case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline" || true) in *"$TMPDIR"*) echo "$process" ;; esac
	done
}

status=0
"$dialtone" lab >"$TMPDIR/out" 2>&1 || status=$?
grep -q 'All nine healthy phones registered' "$TMPDIR/out" && [ "$status" = 0 ] && ok=0 || { ok=1; cat "$TMPDIR/out"; }
say $ok "the lab boots twelve phones and explains the three broken ones"
[ -z "$(left_over)" ] && ok=0 || { ok=1; left_over; }
say $ok "the lab leaves no file and no process behind"
awk 'length > 80 { wide = 1; print } END { exit wide }' "$TMPDIR/out" && ok=0 || ok=1
say $ok "no line of the lab is wider than 80 columns where the terminal says nothing"

# Interrupted while the server runs: its socket is there.
"$dialtone" lab >"$TMPDIR/out" 2>&1 &
lab=$!
tries=0
until [ -n "$(find "$TMPDIR" -name socket)" ] || [ $tries -gt 2000 ]; do
	tries=$((tries + 1))
	kill -0 $lab
done
kill -INT $lab
status=0
wait $lab || status=$?
[ "$status" = 130 ] && [ -z "$(left_over)" ] && ok=0 || { ok=1; echo "exit status $status"; left_over; }
say $ok "Ctrl-C ends the lab with status 130 and leaves nothing behind"
exit $failed
