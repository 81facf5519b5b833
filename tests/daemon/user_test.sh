#!/bin/sh
# The server gives root away: whom it becomes, that everything works as that user, who may administer, and
# what is said when it cannot be. Wants real root, because only that can become somebody.
# Usage: user_test.sh DIALTONE
set -eu
dialtone=$(readlink -f "$1")
if [ "$(id -u)" != 0 ] || ! setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
	echo "nobody to become here: skipped"
	exit 77
fi
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	# In a chroot the root is no mount point, and its propagation stays as it is.
	unshare --mount true 2>/dev/null && as= || as="--propagation unchanged"
	# shellcheck disable=SC2086 # words
	DIALTONE_IN_NET=1 exec unshare $as --net --mount "$0" "$dialtone"
fi
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 $server 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"
# A host of our own: two system users, a group of administrators, the default places.
cp /etc/passwd "$work/passwd"
cp /etc/group "$work/group"
sed -i '/^dialtone:/d; /^voice:/d; /^clerk:/d' "$work/passwd" "$work/group"
printf 'dialtone:x:64001:64001::/var/lib/dialtone:/usr/sbin/nologin\nvoice:x:64002:64002::/:/usr/sbin/nologin\nclerk:x:64003:64003::/:/bin/sh\n' >>"$work/passwd"
printf 'dialtone:x:64001:clerk\nvoice:x:64002:\nclerk:x:64003:\nphones:x:64004:clerk\n' >>"$work/group"
mount --bind "$work/passwd" /etc/passwd
mount --bind "$work/group" /etc/group
mkdir -p /run /var/lib
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
cp "$dialtone" "$work/dialtone"
dialtone=$work/dialtone
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; [ ! -e "$work/log" ] || sed 's/^/    /' "$work/log"; fi
}
start() { : >"$work/log"; "$dialtone" serve --interface c0 "$@" >>"$work/log" 2>&1 & server=$!; until grep -q 'phones in the database' "$work/log"; do kill -0 $server 2>/dev/null || { cat "$work/log"; return 1; }; done; }
stop() { kill $server; wait $server || true; server=; }
# refused WORDS OPTION...: status 3, one line on standard error that holds the words.
refused() {
	words=$1; shift
	status=0
	$with timeout 10 "$dialtone" serve --interface c0 "$@" >"$work/log" 2>"$work/error" || status=$?
	[ "$status" = 3 ] && [ "$(wc -l <"$work/error")" = 1 ] && grep -q "^dialtone: .*$words" "$work/error" && return 0
	echo "status $status:"; cat "$work/error"
	return 1
}
with=
ids() { awk '/^Uid:|^Gid:/ { print $2, $3, $4, $5 } /^Groups:/ { print "groups", $2 } /^CapEff:|^CapPrm:|^CapInh:|^CapAmb:/ { print $2 }' /proc/"$1"/task/*/status | LC_ALL=C sort -u | tr '\n' ' '; }
as_clerk() { XDG_RUNTIME_DIR=$work setpriv --reuid=64003 --regid=64003 --groups="$1" "$dialtone" phones; }

mkdir /var/lib/dialtone
touch /var/lib/dialtone/dialtone.db.token
chmod 600 /var/lib/dialtone/dialtone.db.token
echo a-token-of-earlier-days >/var/lib/dialtone/dialtone.db.token
start --keepalive 30 --pool 10.77.0.50-10.77.0.99 --api 127.0.0.1:8000
[ "$(ids $server)" = "0000000000000000 64001 64001 64001 64001 groups  " ] && ok=0 || { ok=1; ids $server; }
say $ok "a server that root starts in the usual place becomes the user dialtone in every thread, in no other group"
[ "$(stat -c %u /var/lib/dialtone /var/lib/dialtone/* /run/dialtone /run/dialtone/* | sort -u)" = 64001 ] && ok=0 || { ok=1; ls -la /var/lib/dialtone /run/dialtone; }
say $ok "all it must write is that user's, what root made before it too"
[ "$(stat -c '%a %U:%G' /run/dialtone/dialtone.sock)" = "660 dialtone:dialtone" ] && grep -q 'User   dialtone, administered by root and group dialtone' "$work/log" && ok=0 || ok=1
"$dialtone" phone add SEP001BD4000001 --type 7960 --dn 1001 >/dev/null || ok=1
as_clerk 64001 | grep -q SEP001BD4000001 || ok=1
say $ok "root and the members of its group administer it, and it says so when it starts"
as_clerk 64004 >"$work/out" 2>&1 && ok=1 || ok=0
grep -q 'you may not administer' "$work/out" && [ "$(wc -l <"$work/out")" = 1 ] || { ok=1; cat "$work/out"; }
chmod 666 /run/dialtone/dialtone.sock
as_clerk 64004 >"$work/out" 2>&1 && ok=1
grep -q "only root, the server's user and the members of its group" "$work/out" || { ok=1; cat "$work/out"; }
say $ok "anybody else is refused, whatever the socket's mode has become"

# As that user: an address for a client without one, over the raw socket that was kept; files; registration.
printf '#!/bin/sh\n[ "$1" != bound ] || echo "$ip $siaddr" >%s/bound\n' "$work" >"$work/script"
chmod 755 "$work/script"
timeout 20 busybox udhcpc -i c1 -f -q -n -s "$work/script" -V 'Cisco Systems, Inc. IP Phone 7960' >"$work/udhcpc" 2>&1 || true
[ "$(cat "$work/bound" 2>/dev/null)" = "10.77.0.50 10.77.0.1" ] && ok=0 || { ok=1; cat "$work/udhcpc"; }
curl -s tftp://10.77.0.1/XMLDefault.cnf.xml | grep -q '<Default>' || ok=1
curl -s http://10.77.0.1:6970/SEP001BD4000001.cnf.xml | grep -q '<device' || ok=1
"$dialtone" autoreg on --range 2000-2009 >/dev/null
"$dialtone" fleet --server 10.77.0.1 --phones 3 --no-pacing --until registered --give-up 20 >"$work/fleet" 2>&1 || { ok=1; cat "$work/fleet"; }
say $ok "it serves as that user: a client without an address, TFTP, HTTP and new phones"
stop
start
"$dialtone" lease --json | grep -q 10.77.0.50 && "$dialtone" phones | grep -q SEP001BD4000001 && ok=0 || ok=1
say $ok "the next start finds what that user wrote"
stop

mkdir "$work/site" "$work/closed"
chown 64002 "$work/site"
start --database "$work/site/db" --socket "$work/site/socket"
ids $server | grep -q '64002 64002 64002 64002' && [ "$(stat -c '%u %a' "$work/site/socket")" = "64002 600" ] && ok=0 || { ok=1; ids $server; }
say $ok "elsewhere it becomes the owner of the database's directory, and its socket is for that user and root"
stop
start --database "$work/site/db" --socket "$work/site/socket" --group phones
[ "$(stat -c '%G %a' "$work/site/socket")" = "phones 660" ] && ok=0 || ok=1
setpriv --reuid=64003 --regid=64003 --groups=64004 "$dialtone" phones --socket "$work/site/socket" >/dev/null || ok=1
say $ok "--group lets another group administer, of which the server's user is no member"
stop
start --database "$work/closed/db" --socket "$work/closed/socket" --user root
ids $server | grep -q '^0 0 0 0 0000000000000000' && grep -q 'User   root without any capability' "$work/log" && ok=0 || { ok=1; ids $server; }
say $ok "with --user root it stays root, without any capability, and says so"
stop

refused "may not write $work/closed/db: chown voice" --database "$work/closed/db" --socket "$work/closed/socket" --user voice && ok=0 || ok=1
refused "may not write in $work/closed, where.*chown voice" --database "$work/closed/new" --socket "$work/closed/socket" --user voice || ok=1
[ ! -e "$work/closed/new" ] || ok=1
say $ok "a database that the user may not write is told with what to do, and not touched"
refused "no user nobody-here" --database "$work/site/db" --user nobody-here && ok=0 || ok=1
refused "no group nobody-here" --database "$work/site/db" --group nobody-here || ok=1
with="setpriv --reuid=64003 --regid=64003 --clear-groups"
refused "only root can become user voice" --database "$work/site/db" --user voice || ok=1
with=
say $ok "a user or group that does not exist, or whom nobody but root can become, is told by name"

# Without root and with the two capabilities a service manager gives.
mkdir "$work/ambient"
chown 64002:64002 "$work/ambient"
with="setpriv --reuid=64002 --regid=64002 --clear-groups --inh-caps=-all,+net_bind_service,+net_raw --ambient-caps=-all,+net_bind_service,+net_raw --bounding-set=-all,+net_bind_service,+net_raw"
: >"$work/log"
$with "$dialtone" serve --interface c0 --database "$work/ambient/db" --socket "$work/ambient/socket" >"$work/log" 2>&1 &
server=$!
until grep -q 'phones in the database' "$work/log"; do kill -0 $server 2>/dev/null || break; done
[ "$(ids $server)" = "0000000000000000 64002 64002 64002 64002 groups  " ] && ok=0 || { ok=1; ids $server; }
say $ok "without root two capabilities are enough, and none is left when it serves"
kill $server 2>/dev/null || true
wait $server || true
server=
exit $failed
