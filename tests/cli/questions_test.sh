#!/bin/sh
# docs/questions.md: the commands it names work, and the rows it names exist. Usage: questions_test.sh DIALTONE DOC DATA
set -u
dialtone=$(readlink -f "$1")
doc=$(readlink -f "$2")
data=$(readlink -f "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
say() { if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi; }

ok=0
for id in $(grep -oE '\b[PVDTFSRKX]-[0-9]{2}\b' "$doc" | sort -u); do
	"$dialtone" explain --rule "$id" >/dev/null 2>&1 || { ok=1; echo "$id is no rule"; }
done
say $ok "every row of the diagnosis that an answer names exists"

# Everything that needs neither a server nor a network: names stand for files of ours.
cd "$work"
cp "$data/captures/07-cm-port-closed.pcap" site.pcap
cp site.pcap at-the-phone.pcap
cp "$data/captures/01-boot-ok.pcap" at-the-server.pcap
cp "$data/configs/sccp-7912.cnf.xml" SEP001380AD9E5F.cnf.xml
echo 'subnet 10.77.0.0 netmask 255.255.255.0 { next-server 10.77.0.1; }' >dhcpd.conf
mkdir tftp
cp SEP001380AD9E5F.cnf.xml tftp/
phone=$("$dialtone" explain site.pcap --json | sed -n 's/.*"name": "\(SEP[0-9A-F]*\)".*/\1/p' | head -n 1)
# Exit status 2 is wrong usage, 3 could not: 0 and 1 are answers.
grep -oE '(^    |`)dialtone (explain|ladder|lint|sim) [^`#]*' "$doc" | sed -E 's/^ *`?//; s/ +$//' | sort -u >commands
ok=0
while IFS= read -r line; do
	case $line in *'explain SEP'* | *'--rule R-05') continue ;; esac
	run=$(printf '%s\n' "$line" | sed "s|^dialtone|\"\$dialtone\"|; s|/srv/tftp|tftp|; s|--phone SEP[0-9A-F]*|--phone $phone|")
	(eval "$run") >out 2>err </dev/null
	status=$?
	[ $status -le 1 ] || { ok=1; echo "$line: status $status"; head -n 5 err; }
done <commands
[ "$(wc -l <commands)" -ge 15 ] || { ok=1; echo "only $(wc -l <commands) commands found"; }
say $ok "every command of an answer that needs no server works as written"
exit $failed
