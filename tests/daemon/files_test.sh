#!/bin/sh
# The file servers of a running daemon, asked by programs nobody here wrote: curl, tftp-hpa, atftp.
# Usage: files_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	[ "$(id -u)" = 0 ] && own= || own=--map-root-user
	# shellcheck disable=SC2086 # none or one word
	DIALTONE_IN_NET=1 exec unshare ${own:+--user} $own --net "$0" "$dialtone"
fi
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 $server 2>/dev/null; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
status() { curl -s -o "$work/answer" -w '%{http_code}' --path-as-is "$@"; }
url=http://10.77.0.1:6970
phone=SEP001BD4000001

# Beside the database, where they are found without an option.
mkdir -p "$work/files/French_France" "$work/out"
echo SECRET >"$work/secret"
head -c 5000000 /dev/urandom >"$work/files/cnu41.sbn"
head -c 300 /dev/urandom >"$work/files/Old_Telephone.raw"
echo jar >"$work/files/French_France/mk-sccp.jar"
ln -s ../secret "$work/files/link.raw"
"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" >"$work/log" 2>&1 &
server=$!
until [ -S "$work/socket" ]; do kill -0 $server || { cat "$work/log"; exit 1; }; done
"$dialtone" phone add $phone --type 7961 --dn 1001 --socket "$work/socket" >/dev/null

[ "$(status $url/$phone.cnf.xml)" = 200 ] && xmllint --noout "$work/answer" && cp "$work/answer" "$work/own" && ok=0 || ok=1
tftp -m octet 10.77.0.1 -c get $phone.cnf.xml "$work/own.tftp" && cmp -s "$work/own" "$work/own.tftp" || ok=1
say $ok "curl gets by HTTP 6970 the bytes that tftp-hpa gets by TFTP"
[ "$(status -I $url/$phone.cnf.xml)" = 200 ] && grep -qi "^content-length: $(wc -c <"$work/own")" "$work/answer" && ok=0 || ok=1
say $ok "HEAD tells its length"
etag=$(curl -sI $url/$phone.cnf.xml | sed -n 's/^ETag: \(.*\)\r$/\1/p')
[ "$(status -H "If-None-Match: $etag" $url/$phone.cnf.xml)" = 304 ] && ok=0 || ok=1
say $ok "who has the version already is told so"
[ "$(status $url/CTL$phone.tlv)" = 404 ] && [ "$(status -X POST -d x $url/x)" = 405 ] && [ "$(status -X DELETE $url/x)" = 405 ] && ok=0 || ok=1
say $ok "a trust list is not found, and nothing can be posted or deleted"
[ "$(curl -s -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects}' $url/a $url/$phone.cnf.xml $url/b)" = 100 ] && ok=0 || ok=1
say $ok "curl asks three files on one connection"
curl -s -o "$work/out/http" $url/cnu41.sbn && cmp -s "$work/out/http" "$work/files/cnu41.sbn" && ok=0 || ok=1
say $ok "an image of five megabytes comes whole by HTTP"
curl -s -o "$work/out/curl" --tftp-blksize 1400 tftp://10.77.0.1/cnu41.sbn && cmp -s "$work/out/curl" "$work/files/cnu41.sbn" && ok=0 || ok=1
say $ok "and by TFTP in blocks of 1,400, asked by curl"
(cd "$work/out" && atftp --option "blksize 1400" --option "windowsize 8" -g -r cnu41.sbn -l atftp 10.77.0.1 >"$work/told" 2>&1) &&
	cmp -s "$work/out/atftp" "$work/files/cnu41.sbn" && ok=0 || { ok=1; cat "$work/told"; }
say $ok "and in windows of eight, asked by atftp"
(cd "$work/out" && atftp --option "windowsize 8" -g -r $phone.cnf.xml -l small 10.77.0.1 >"$work/told" 2>&1) &&
	cmp -s "$work/out/small" "$work/own" && ok=0 || { ok=1; cat "$work/told"; }
say $ok "atftp gets a generated file in windows of plain blocks"
tftp -m netascii 10.77.0.1 -c get $phone.cnf.xml "$work/out/netascii" && cmp -s "$work/out/netascii" "$work/own" && ok=0 || ok=1
say $ok "tftp-hpa gets its lines back by netascii"
[ "$(status $url/French_France/mk-sccp.jar)" = 200 ] && [ "$(status $url/link.raw)" = 404 ] && ok=0 || ok=1
say $ok "subdirectories are served, symbolic links are not"
curl -s $url/RINGLIST.XML | xmllint --xpath 'string(//FileName)' - | grep -qx Old_Telephone.raw && ok=0 || ok=1
say $ok "the ring list names the rings that are there"

# Three hundred and more ways to ask for what lies beside the directory.
for front in "" / // "\\" ./ tftpboot/; do
	for up in ../ "..\\" ./../ %2e%2e/ %2e%2e%2f ..%2f ..%5c .%2e/ %252e%252e%252f ....// "..;/" French_France/../../ French_France%2f..%2f..%2f; do
		for tail in secret "${up}secret" "${up}${up}${up}${up}${up}${up}etc/passwd" "${up}db"; do
			printf 'url = "%s/%s%s%s"\n' $url "$front" "$up" "$tail"
		done
	done
done | sed 's/\\/\\\\/g' >"$work/spellings"
count=$(wc -l <"$work/spellings")
[ "$count" -ge 300 ] && ok=0 || ok=1
curl -s --path-as-is --globoff -K "$work/spellings" -w 'status %{http_code}\n' >"$work/answers" 2>&1 || true
[ "$(grep -c '^status 40[04]' "$work/answers")" = "$count" ] || { ok=1; grep -v '^status 40' "$work/answers" | head; }
! grep -qE 'SECRET|root:' "$work/answers" || ok=1
say $ok "$count spellings of a way out are answered with 404 or 400, and no byte from outside"

# A load whose chain is broken is not given to the phone.
printf 'cnu41.sbn\r\napps41.sbn\r\n' >"$work/files/SCCP41.8-5-4S.loads"
"$dialtone" phone set $phone --load SCCP41.8-5-4S --socket "$work/socket" >/dev/null
curl -s $url/$phone.cnf.xml | grep -q '<loadInformation></loadInformation>' && ok=0 || ok=1
grep -q 'alarm=load .*apps41.sbn' "$work/log" || { ok=1; cat "$work/log"; }
echo image >"$work/files/apps41.sbn"
curl -s $url/$phone.cnf.xml | grep -q '<loadInformation>SCCP41.8-5-4S</loadInformation>' || ok=1
say $ok "a phone keeps its load while an image of the new one is missing, and gets it once it is there"

kill $server
wait $server && ok=0 || ok=1
server=
"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" --files "$work/nowhere" >"$work/log" 2>&1 && ok=1 || { [ $? = 3 ] || ok=1; }
grep -q "nowhere" "$work/log" || ok=1
say $ok "a directory that is not there is one clear line and status 3"
"$dialtone" serve --interface c0 --database "$work/db" --socket "$work/socket" --no-http >"$work/log" 2>&1 &
server=$!
until grep -q SCCP "$work/log"; do kill -0 $server || { cat "$work/log"; exit 1; }; done
! curl -s -m 2 -o /dev/null $url/$phone.cnf.xml && tftp -m octet 10.77.0.1 -c get $phone.cnf.xml "$work/own.tftp" && ok=0 || ok=1
say $ok "without HTTP the port is closed and TFTP serves"
exit $failed
