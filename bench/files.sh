#!/bin/sh
# Configuration files and images, by TFTP and HTTP, against the servers a site would run instead, in the same run
# and on the same machine. Ours are generated from the database, theirs lie on the disk. Servers are interleaved;
# figures are medians; only the ratios mean something.
#   bench/files.sh [BUILD] [ROUNDS]
# The promises: no phone lost; 2,000 phones at once within 0.5 s (0.2 s on an idle machine) and none asking twice; with windowsize 16 images go
# at least three times as fast as without.
set -eu
cd "$(dirname "$0")/.."
build=$(readlink -f "${1:-build-bench}")
rounds=${2:-3}
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$build" "$rounds"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/dialtone-judges}/usr/sbin
phones=3000
work=$(mktemp -d)
chmod 755 "$work"
s=dt$$-files-s
c=dt$$-files-c
pid=
stop() {
	[ -z "$pid" ] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
	pid=
}
trap 'stop; ip netns del $s; ip netns del $c; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
ip netns add $s
ip netns add $c
ip link add s0 netns $s type veth peer name c0 netns $c
nsenter --net=/run/netns/$s ip addr add 10.0.0.1/8 dev s0
nsenter --net=/run/netns/$s ip link set s0 up
nsenter --net=/run/netns/$c ip addr add 10.255.0.1/8 dev c0
for i in 2 3 4 5 6 7 8; do nsenter --net=/run/netns/$c ip addr add 10.255.0.$i/8 dev c0; done
nsenter --net=/run/netns/$c ip link set c0 up
tftp() { nsenter --net=/run/netns/$c "$build/bench/tftp_flood" 10.0.0.1 "$@" || true; }
http() { nsenter --net=/run/netns/$c "$build/bench/http_flood" 10.0.0.1 6970 "$@" --bind 10.255.0.1 || true; }
# With its children; those of tftpd-hpa have ended when we look, and are not in it.
cpu_us() {
	for process in $pid $(cat "/proc/$pid/task/$pid/children"); do
		cat "/proc/$process"/task/*/schedstat
	done | awk '{sum += $1} END {printf "%.0f", sum / 1000}'
}

# Our phones, added as an administrator adds them; their files as ours come out, for the others to serve.
mkdir "$work/files" "$work/root"
head -c 262144 /dev/urandom >"$work/files/image.bin"
cp "$work/files/image.bin" "$work/root"
nsenter --net=/run/netns/$s "$build/dialtone" serve --interface s0 --database "$work/db" --socket "$work/socket" --no-dhcp >"$work/log" 2>&1 &
pid=$!
until [ -S "$work/socket" ]; do kill -0 $pid; done
i=0
while [ $i -lt $phones ]; do
	printf 'next\nurl = "http://d/v1/phones"\nunix-socket = "%s"\noutput = "/dev/null"\ndata = "{\\"name\\":\\"SEP001BD4%06X\\",\\"type\\":\\"7961\\",\\"dn\\":\\"%d\\"}"\n' "$work/socket" $i $((200000 + i))
	i=$((i + 1))
done | sed 1d >"$work/add"
curl -s -Z --parallel-max 64 --no-progress-meter -K "$work/add" || true
i=0
while [ $i -lt $phones ]; do
	printf 'url = "http://10.0.0.1:6970/SEP001BD4%06X.cnf.xml"\noutput = "%s/root/SEP001BD4%06X.cnf.xml"\n' $i "$work" $i
	i=$((i + 1))
done >"$work/fetch"
nsenter --net=/run/netns/$c curl -s -f -K "$work/fetch"
chmod -R a+rX "$work/root"
stop

start() {
	name=$1
	case $1 in
	dialtone) set -- "$build/dialtone" serve --interface s0 --database "$work/db" --socket "$work/socket" --no-dhcp ;;
	dnsmasq) set -- dnsmasq -k --conf-file=/dev/null --port=0 --interface=s0 --bind-interfaces --enable-tftp "--tftp-root=$work/root" \
		--tftp-max=20000 "--log-facility=$work/dnsmasq.log" "--pid-file=$work/pid" --user=root ;;
	tftpd-hpa) set -- in.tftpd -L -4 --address 10.0.0.1:69 -s "$work/root" -u root ;;
	nginx)
		cat >"$work/nginx.conf" <<-NGINX
		worker_processes 1; daemon off; pid $work/pid; error_log $work/err; user root;
		events { worker_connections 8192; multi_accept on; }
		http { access_log off; sendfile on; open_file_cache max=20000;
		 client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4;
		 scgi_temp_path $work/t5; server { listen 10.0.0.1:6970 backlog=8192; root $work/root; } }
		NGINX
		set -- nginx -c "$work/nginx.conf" ;;
	esac
	nsenter --net=/run/netns/$s "$@" >"$work/log" 2>&1 &
	pid=$!
	tries=0
	until if [ "$name" = nginx ]; then http /SEP001BD4%06X.cnf.xml --phones 1; else tftp SEP001BD4%06X.cnf.xml --phones 1; fi | grep -q ' done=1 '; do
		tries=$((tries + 1))
		kill -0 $pid 2>/dev/null && [ $tries -lt 20 ] || { echo "$name does not answer:"; tail -n 3 "$work/log"; pid=; return 1; }
	done
}
installed() {
	case $1 in
	dialtone) ;;
	tftpd-hpa) command -v in.tftpd >/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}
# 0 for what an instrument does not say.
value() { tr ' ' '\n' <"$work/line" | awk -F= -v name="$1" '$1 == name {v = $2} END {print v + 0}'; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# column CASE SERVER FIELD
column() { awk -v what="$1" -v name="$2" -v field="$3" '$1 == what && $2 == name {print $field}' "$work/lines" | median; }
# measure CASE SERVER COMMAND...: rate, MB/s, CPU a file, p99, asked again, lost
measure() {
	what=$1 name=$2
	shift 2
	before=$(cpu_us)
	"$@" >"$work/line"
	after=$(cpu_us)
	done=$(value done)
	echo "$what $name $(value per_s) $(value mb_per_s) $(((after - before) / (done > 0 ? done : 1))) $(value p99_us) $(value resent) $(value lost)" >>"$work/lines"
}

servers=
for name in dialtone dnsmasq tftpd-hpa nginx; do
	if installed $name; then servers="$servers $name"; else echo "$name: rival not installed"; fi
done
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for name in $servers; do
		start $name || continue
		if [ $name != nginx ]; then
			measure config $name tftp SEP001BD4%06X.cnf.xml --phones $phones
			measure missing $name tftp CTLSEP001BD4%06X.tlv --phones $phones --missing
			measure image $name tftp image.bin --phones 200 --window 200 --blksize 1400
			measure windows $name tftp image.bin --phones 200 --window 200 --blksize 1400 --windowsize 16
			measure wave $name tftp SEP001BD4%06X.cnf.xml --phones 2000 --window 2000
		fi
		if [ $name = dialtone ] || [ $name = nginx ]; then
			measure http $name http /SEP001BD4%06X.cnf.xml --phones $phones
			measure http-wave $name http /SEP001BD4%06X.cnf.xml --phones $phones --window $phones
		fi
		stop
	done
done
# table CASE FIELD "sentence"
table() {
	echo "$3"
	ours=$(column "$1" dialtone "$2")
	for name in $servers; do
		theirs=$(column "$1" $name "$2")
		[ -n "$theirs" ] || continue
		printf '  %-10s %7s   %5s us CPU each   p99 %8s us   %5s asked again' $name "$theirs" "$(column "$1" $name 5)" "$(column "$1" $name 6)" "$(column "$1" $name 7)"
		[ $name = dialtone ] && echo || awk -v a="$ours" -v b="$theirs" 'BEGIN {printf "   dialtone: %.2f times\n", (b > 0) ? a / b : 0}'
	done
}
table config 3 "a phone's own file by TFTP, 64 at a time, files a second (median of $rounds; ours are generated):"
table missing 3 "a file that is not there, answers a second:"
table image 4 "an image of 256 KiB to 200 phones, blksize 1400, MB a second:"
table windows 4 "the same with windowsize 16:"
table wave 3 "2,000 phones at once, files a second:"
table http 3 "a phone's own file by HTTP, a connection each, files a second:"
table http-wave 3 "$phones phones at once by HTTP:"
lost=$(awk '$2 == "dialtone" {lost += $8} END {print lost + 0}' "$work/lines")
[ "$lost" = 0 ] && [ "$(column wave dialtone 7)" = 0 ] && [ "$(column wave dialtone 6)" -le 500000 ] &&
	awk -v a="$(column windows dialtone 4)" -v b="$(column image dialtone 4)" 'BEGIN {exit !(a >= 3 * b)}'
