#!/bin/sh
# SCCP, from Register to the clock, against the least C server that satisfies the same phones (sccp_flood floor):
# registrations a second, CPU, memory, keepalives, all power at once; flat in the number of configured devices.
#   bench/sccp.sh [BUILD] [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
. bench/lib.sh
# The floor's CPU a phone on the machine for which the bars in time were set: a machine on which the floor takes
# longer is slower, or busy, and the bars move with it.
FLOOR_US=65
FLOOR_WAVE_S=0.19
FLOOR_LONG_WAVE_S=1.9
flood() { client "$build/bench/sccp_flood" 10.0.0.1 "$@" || true; }
answers() { nsenter --net=/run/netns/$s ss -ltn | grep -q ':2000 '; }
serve() { ours "$1" --no-dhcp --no-http; }
# A database with that many phones, made once: they are auto-registered the ordinary way.
make_database() { # file phones
	serve "$1"
	until "$build/dialtone" autoreg on --range 100000-149999 --socket "$work/socket" >/dev/null 2>&1; do
		kill -0 $pid || { cat "$work/log"; exit 1; }
	done
	flood "$2" 64 0 >/dev/null
	"$build/dialtone" autoreg off --socket "$work/socket" >/dev/null
	stop
}
start() { # server
	case $1 in
	floor) serve_as "$build/bench/sccp_flood" floor 10.0.0.1 ;;
	*) cp "$work/$1.db" "$work/db"; rm -f "$work"/db-*; serve "$work/db" ;;
	esac
	until answers; do kill -0 $pid 2>/dev/null || { cat "$work/log"; exit 1; }; done
}
value() { sed -n "s/.*\<$1 \([0-9.]*\).*/\1/p" "$work/line"; }
# What all timelines hold, in bytes.
timelines() { "$build/dialtone" perf TimelineBytes --socket "$work/socket" | awk '$1 == "TimelineBytes" {print $2}'; }

for phones in 500 2000 8000 18000; do make_database "$work/dialtone-$phones.db" $phones; done
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for name in dialtone-500 dialtone-2000 dialtone-8000 floor; do
		count=2000
		[ $name != dialtone-500 ] || count=500
		start $name
		idle=$(memory_kb)
		before=$(cpu_us)
		flood $count 16 0 >"$work/line"
		after=$(cpu_us)
		echo "$name $(value ready_s) $(((after - before) / count)) $(value p99_ms) $(value lost)" >>"$work/rates"
		stop
		case $name in dialtone-500 | dialtone-8000) continue ;; esac
		start $name
		idle=$(memory_kb)
		flood 2000 2000 4 >"$work/line"
		story=0
		[ $name = floor ] || story=$(timelines)
		echo "$name $(value seconds) $(value lost) $(value keepalive_s) $(((($(memory_kb) - idle) * 1024 - story) / 2000)) $((story / 2000))" >>"$work/waves"
		stop
	done
done
for name in dialtone-18000 floor; do
	start $name
	flood 18000 18000 0 >"$work/line"
	echo "$name $(value seconds) $(value lost)" >>"$work/long-waves"
	stop
done
for name in dialtone-500 dialtone-2000 dialtone-8000 floor; do
	echo "  $name: $(column rates 2 $name)/s, $(column rates 3 $name) us CPU a phone, p99 $(column rates 4 $name) ms"
done
echo "  all power at once, 2,000: dialtone $(column waves 2 dialtone-2000) s, floor $(column waves 2 floor) s; 18,000: $(column long-waves 2 dialtone-18000) s, floor $(column long-waves 2 floor) s"
# scaled BAR FLOOR-NOW FLOOR-THEN
scaled() { awk -v bar="$1" -v now="$2" -v then="$3" 'BEGIN {printf "%.3g", bar * (now > then ? now / then : 1)}'; }
bar "SCCP: rate, of the floor's" "$(ratio "$(column rates 2 dialtone-2000)" "$(column rates 2 floor)")" '>=' 0.5 times
bar "SCCP: CPU a phone" "$(column rates 3 dialtone-2000)" '<=' "$(scaled 100 "$(column rates 3 floor)" $FLOOR_US)" us
bar "SCCP: CPU a phone, 8,000 devices against 500" "$(ratio "$(column rates 3 dialtone-8000)" "$(column rates 3 dialtone-500)")" '<=' 1.25 times
bar "SCCP: memory a registered phone, timeline apart" "$(column waves 5 dialtone-2000)" '<=' 2048 bytes
bar "SCCP: 2,000 at once, last registered" "$(column waves 2 dialtone-2000)" '<=' "$(scaled 0.5 "$(column waves 2 floor)" $FLOOR_WAVE_S)" s
bar "SCCP: 2,000 at once, lost" "$(column waves 3 dialtone-2000)" '<=' 0 phones
bar "SCCP: 18,000 at once, last registered" "$(column long-waves 2 dialtone-18000)" '<=' "$(scaled 4 "$(column long-waves 2 floor)" $FLOOR_LONG_WAVE_S)" s
bar "SCCP: 18,000 at once, lost" "$(column long-waves 3 dialtone-18000)" '<=' 0 phones
bar "SCCP: keepalives a second, of the floor's" "$(ratio "$(column waves 4 dialtone-2000)" "$(column waves 4 floor)")" '>=' 0.5 times
exit $missed
