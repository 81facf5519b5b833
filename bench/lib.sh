# What the measurements share; sourced. The server (s0, 10.0.0.1) and the phones (c0, 10.255.0.1 to .8) live in two
# network namespaces of their own, joined by a cable; nothing leaves them. Rivals take turns with us, figures are
# medians, and what is compared comes from one run: a busy machine slows everybody alike.
#
# bar NAME FIGURE OP LIMIT UNIT [BETTER]   one promise: printed, and kept for the table of tools/bench.
. "$(dirname "$0")/bars.sh"
build=$(readlink -f "${1:-build-bench}")
rounds=${2:-5}
if [ "$(id -u)" != 0 ]; then
	exec unshare --user --map-root-user --net --mount "$0" "$build" "$rounds"
fi
mkdir -p /run/netns 2>/dev/null || true
[ -w /run/netns ] || mount -t tmpfs tmpfs /run
PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/dialtone-judges}/usr/sbin
ulimit -n "$(ulimit -Hn)"
work=$(mktemp -d)
chmod 755 "$work"
s=dt$$-bench-s
c=dt$$-bench-c
pid=
group=
# Server and phones on a processor each, where there are two.
server_cpu= client_cpu=
if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
	server_cpu="taskset -c $(($(nproc) - 1))"
	client_cpu="taskset -c 0"
fi

# Control groups count the server's CPU to the nanosecond, its ended children included, and give both sides preference
# over the machine's other work. Without the right to make them the threads' own count must do.
groups=
group_make() { # name: the directories of a new group
	made=
	for at in /sys/fs/cgroup /sys/fs/cgroup/cpu /sys/fs/cgroup/cpuacct; do
		[ -w "$at/cgroup.procs" ] && mkdir "$at/dt$$-$1" 2>/dev/null || continue
		made="$made $at/dt$$-$1"
		{ echo 10000 >"$at/dt$$-$1/cpu.weight" || echo 262144 >"$at/dt$$-$1/cpu.shares"; } 2>/dev/null || true
	done
	groups="$groups $made"
	for at in $made; do
		[ ! -f "$at/cpuacct.usage" ] && ! grep -q '^usage_usec' "$at/cpu.stat" 2>/dev/null || group=$at
	done
}
# Joins the groups of these directories, then runs the command in its place.
in_groups() {
	for at in $1; do sh -c 'echo $PPID' 2>/dev/null >"$at/cgroup.procs" || true; done
	shift
	exec "$@"
}
# Microseconds of CPU that the server has used so far.
cpu_us() {
	if [ -z "$group" ]; then
		cat "/proc/$pid"/task/*/schedstat | awk '{sum += $1} END {printf "%.0f", sum / 1000}'
	elif [ -f "$group/cpuacct.usage" ]; then
		awk '{printf "%.0f", $1 / 1000}' "$group/cpuacct.usage"
	else
		awk '/^usage_usec/ {printf "%.0f", $2}' "$group/cpu.stat"
	fi
}
memory_kb() { awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup"; }
# Runs a server, in its namespace and group, as $pid.
serve_as() {
	# shellcheck disable=SC2086 # words
	in_groups "$server_groups" nsenter --net=/run/netns/$s $server_cpu "$@" >"$work/log" 2>&1 &
	pid=$!
}
stop() {
	[ -z "$pid" ] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
	pid=
}
# shellcheck disable=SC2086 # words
client() { (in_groups "$client_groups" nsenter --net=/run/netns/$c $client_cpu "$@"); }
clean_up() {
	stop
	ip netns del $s 2>/dev/null || true
	ip netns del $c 2>/dev/null || true
	for at in $groups; do rmdir "$at" 2>/dev/null || true; done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
group_make client
client_groups=$made
group_make server
server_groups=$made
ip netns add $s
ip netns add $c
ip link add s0 netns $s type veth peer name c0 netns $c
nsenter --net=/run/netns/$s ip addr add 10.0.0.1/8 dev s0
nsenter --net=/run/netns/$s ip link set s0 up
for i in 1 2 3 4 5 6 7 8; do nsenter --net=/run/netns/$c ip addr add 10.255.0.$i/8 dev c0; done
nsenter --net=/run/netns/$c ip link set c0 up
nsenter --net=/run/netns/$c sh -c 'echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range'

# Our own, with its database and whatever else: ours FILE OPTION...
ours() {
	file=$1
	shift
	rm -f "$work/socket"
	serve_as "$build/dialtone" serve --interface s0 --database "$file" --socket "$work/socket" "$@"
}
