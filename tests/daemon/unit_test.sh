#!/bin/sh
# The unit of the Debian package: how much of the host it leaves to the server, by systemd's own judgement, and
# that the program knows what it is started with.
# Usage: unit_test.sh DIALTONE UNIT
set -eu
dialtone=$1
unit=$2
failed=0
say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
"$dialtone" serve --help >/tmp/unit.$$
ok=0
for option in $(sed -n 's/^ExecStart=//p' "$unit" | tr ' ' '\n' | grep '^--'); do
	grep -q -- "$option " /tmp/unit.$$ || { ok=1; echo "no $option"; }
done
rm -f /tmp/unit.$$
say $ok "the program knows every option the unit starts it with"
if ! command -v systemd-analyze >/dev/null 2>&1 || ! systemd-analyze security --help 2>/dev/null | grep -q offline; then
	echo "systemd-analyze is not here: its judgement skipped"
	exit $failed
fi
# dnsmasq's own unit gets 9.6, Kea's 9.3, chrony's 3.7: of 10, tenths here.
systemd-analyze security --offline=true --threshold=21 --no-pager "$unit" >/dev/null && ok=0 || ok=1
say $ok "systemd judges the unit's exposure at 2.1 of 10 or less"
exit $failed
