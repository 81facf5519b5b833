#!/bin/sh
# Power cuts under a running server: its database lies on an ext4 image, changes are acknowledged into a ledger outside,
# the file system is stopped dead with nothing more written (EXT4_IOC_SHUTDOWN without a log flush), the server killed,
# the image mounted again. Everything in the ledger must be there. Where this machine cannot mount an image it says so.
# Usage: power_cut_test.sh DIALTONE [CUTS [SEED]]
set -eu
dialtone=$(readlink -f "$1")
cuts=${2:-5}
seed=${3:-1}
if [ "${DIALTONE_IN_NET:-}" = "" ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "[       OK ] no power cuts: mounting an image takes root, and this is user $(id -u)"
		exit 0
	fi
	# In a chroot the root is no mount point, and its propagation stays as it is.
	unshare --mount true 2>/dev/null && as= || as="--propagation unchanged"
	# shellcheck disable=SC2086 # none or two words
	DIALTONE_IN_NET=1 exec unshare $as --net --mount "$0" "$dialtone" "$cuts" "$seed"
fi
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -9 $server; wait $server 2>/dev/null; } || true; umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT
ip link set lo up
ip link add c0 type veth peer name c1
ip addr add 10.77.0.1/24 dev c0
ip link set c0 up
ip link set c1 up
mkdir "$work/disk"
truncate -s 64M "$work/image"
if ! mkfs.ext4 -q "$work/image" 2>"$work/why" || ! mount -o loop "$work/image" "$work/disk" 2>"$work/why"; then
	echo "[       OK ] no power cuts: this machine cannot mount an ext4 image: $(head -n 1 "$work/why")"
	exit 0
fi
added=0
lost=0
: >"$work/ledger"
cut() { python3 -c 'import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 2))' "$work/disk"; }
for round in $(seq 1 "$cuts"); do
	"$dialtone" serve --interface c0 --database "$work/disk/db" --socket "$work/socket" >"$work/log" 2>&1 &
	server=$!
	until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }; done
	curl -s --unix-socket "$work/socket" http://d/v1/phones >"$work/phones"
	while read -r name; do
		grep -q "$name" "$work/phones" || { lost=$((lost + 1)); echo "lost in cut $((round - 1)): $name"; }
	done <"$work/ledger"
	# So many acknowledged changes, one more under way when the power goes.
	count=$(((seed * 7919 + round * 104729) % 9 + 2))
	for n in $(seq 1 $count); do
		added=$((added + 1))
		name=SEP$(printf '001BD43%05d' $added)
		status=$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$work/socket" -d "{\"name\":\"$name\",\"type\":\"7960\",\"dn\":\"$((10000 + added))\"}" http://d/v1/phones)
		[ "$status" = 201 ] && echo "$name" >>"$work/ledger"
	done
	curl -s -o /dev/null --max-time 2 --unix-socket "$work/socket" -d "{\"name\":\"SEP001BD4FFFFFF\",\"type\":\"7960\",\"dn\":\"$((50000 + round))\"}" http://d/v1/phones &
	last=$!
	cut
	kill -9 $server
	wait $server 2>/dev/null || true
	wait $last 2>/dev/null || true
	server=
	umount "$work/disk"
	mount -o loop "$work/image" "$work/disk"
done
"$dialtone" serve --interface c0 --database "$work/disk/db" --socket "$work/socket" >"$work/log" 2>&1 &
server=$!
until curl -s --unix-socket "$work/socket" http://d/v1/node >/dev/null 2>&1; do kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }; done
curl -s --unix-socket "$work/socket" http://d/v1/phones >"$work/phones"
while read -r name; do grep -q "$name" "$work/phones" || { lost=$((lost + 1)); echo "lost: $name"; }; done <"$work/ledger"
acknowledged=$(wc -l <"$work/ledger")
echo "$acknowledged acknowledged over $cuts power cuts with seed $seed, $lost lost"
[ $lost = 0 ] && [ "$acknowledged" -ge $((2 * cuts)) ] && verdict="[       OK ]" || verdict="[  FAILED  ]"
echo "$verdict power cuts lose no phone that was acknowledged"
[ $lost = 0 ] && [ "$acknowledged" -ge $((2 * cuts)) ]
