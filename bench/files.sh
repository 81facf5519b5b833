#!/bin/sh
# Configuration files and images by TFTP, and files by HTTP 6970, against the servers a site would run instead. Ours are
# generated from the database, theirs lie on the disk.
#   bench/files.sh [BUILD] [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
. bench/lib.sh
phones=3000
tftp() { client "$build/bench/tftp_flood" 10.0.0.1 "$@" || true; }
http() { client "$build/bench/http_flood" 10.0.0.1 6970 "$@" --bind 10.255.0.1 || true; }

# Our phones, added as an administrator adds them; their files as ours come out, for the others to serve.
mkdir "$work/files" "$work/root"
head -c 262144 /dev/urandom >"$work/files/image.bin"
cp "$work/files/image.bin" "$work/root"
ours "$work/db" --no-dhcp
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
	dialtone) ours "$work/db" --no-dhcp ;;
	dnsmasq) serve_as dnsmasq -k --conf-file=/dev/null --port=0 --interface=s0 --bind-interfaces --enable-tftp "--tftp-root=$work/root" \
		--tftp-max=20000 "--log-facility=$work/dnsmasq.log" "--pid-file=$work/pid" --user=root ;;
	atftpd) serve_as atftpd --daemon --no-fork --user root.root --group root --maxthread 20000 --logfile /dev/null --verbose=0 \
		--bind-address 10.0.0.1 --no-multicast "$work/root" ;;
	tftpd-hpa) serve_as in.tftpd -L -4 --address 10.0.0.1:69 -s "$work/root" -u root ;;
	nginx)
		cat >"$work/nginx.conf" <<-NGINX
		worker_processes 1; daemon off; master_process off; pid $work/pid; error_log $work/err; user root;
		events { worker_connections 8192; multi_accept on; }
		http { access_log off; sendfile on; open_file_cache max=20000;
		 client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4;
		 scgi_temp_path $work/t5; server { listen 10.0.0.1:6970 backlog=8192; root $work/root; } }
		NGINX
		serve_as nginx -c "$work/nginx.conf" ;;
	esac
	tries=0
	until if [ "$name" = nginx ]; then http /SEP001BD4%06X.cnf.xml --phones 1; else tftp SEP001BD4%06X.cnf.xml --phones 1; fi | grep -q ' done=1 '; do
		tries=$((tries + 1))
		kill -0 $pid 2>/dev/null && [ $tries -lt 20 ] || { echo "$name does not answer:"; tail -n 3 "$work/log"; stop; return 1; }
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
for name in dialtone dnsmasq tftpd-hpa atftpd nginx; do
	if installed $name; then servers="$servers $name"; else echo "  $name: rival not installed"; fi
done
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for name in $servers; do
		start $name || continue
		case $name in
		nginx) ;;
		atftpd) measure windows $name tftp image.bin --phones 200 --window 200 --blksize 1400 --windowsize 16 ;;
		*)
			measure config $name tftp SEP001BD4%06X.cnf.xml --phones $phones
			measure missing $name tftp CTLSEP001BD4%06X.tlv --phones $phones --missing
			measure image $name tftp image.bin --phones 200 --window 200 --blksize 1400
			measure windows $name tftp image.bin --phones 200 --window 200 --blksize 1400 --windowsize 16
			measure wave $name tftp SEP001BD4%06X.cnf.xml --phones 2000 --window 2000 ;;
		esac
		if [ $name = dialtone ] || [ $name = nginx ]; then
			measure http $name http /SEP001BD4%06X.cnf.xml --phones $phones
			measure http-wave $name http /SEP001BD4%06X.cnf.xml --phones $phones --window $phones
		fi
		stop
	done
done
for what in config missing image windows wave http http-wave; do
	echo "  $what:"
	for name in $servers; do
		[ -n "$(column lines 3 $what $name)" ] || continue
		printf '    %-10s %7s/s  %5s MB/s  %6s us CPU each  p99 %8s us  %5s asked again\n' $name "$(column lines 3 $what $name)" \
			"$(column lines 4 $what $name)" "$(column lines 5 $what $name)" "$(column lines 6 $what $name)" "$(column lines 7 $what $name)"
	done
done
# against CASE FIELD RIVAL: how many times the rival's; nothing when it is not here.
against() {
	[ -z "$(column lines "$2" "$1" "$3")" ] || ratio "$(column lines "$2" "$1" dialtone)" "$(column lines "$2" "$1" "$3")"
}
bar "TFTP: generated files a second, of dnsmasq's" "$(against config 3 dnsmasq)" '>=' 1 times
bar "TFTP: generated files a second, of tftpd-hpa's" "$(against config 3 tftpd-hpa)" '>=' 10 times
bar "TFTP: not found a second, of dnsmasq's" "$(against missing 3 dnsmasq)" '>=' 1 times
bar "TFTP: not found a second, of tftpd-hpa's" "$(against missing 3 tftpd-hpa)" '>=' 10 times
bar "TFTP: 2,000 at once, p99" "$(column lines 6 wave dialtone)" '<=' 300000 us
bar "TFTP: 2,000 at once, asked again" "$(column lines 7 wave dialtone)" '<=' 0 phones
bar "TFTP: images, blksize 1400, of dnsmasq's" "$(against image 4 dnsmasq)" '>=' 1.1 times
bar "TFTP: images, windowsize 16, of atftpd's" "$(against windows 4 atftpd)" '>=' 4 times
bar "HTTP 6970: files a second, of nginx's" "$(against http 3 nginx)" '>=' 0.9 times
bar "files: lost" "$(awk '$2 == "dialtone" {lost += $8} END {print lost + 0}' "$work/lines")" '<=' 0 phones
exit $missed
