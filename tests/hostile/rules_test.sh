#!/bin/sh
# Each of the six rules of tools/check-rules is kept by the tree, and catches what it is there for.
# Usage: rules_test.sh SOURCE-ROOT BUILD-ROOT
set -eu
root=$1
build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

say() {
	if [ "$1" = 0 ]; then echo "[       OK ] $2"; else echo "[  FAILED  ] $2"; failed=1; fi
}
rules() { "$root/tools/check-rules" "$@" >"$work/told" 2>&1; }
# caught RULE FILE TEXT WORDS: a tree with that text in that file breaks that rule, and is told so.
caught() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/src" "$(dirname "$work/tree/$2")"
	printf '%s\n' "$3" >"$work/tree/$2"
	if rules --tree "$work/tree" "$1"; then echo "rule $1 let pass: $3"; return 1; fi
	grep -q "^rule $1: .*$4" "$work/told" || { cat "$work/told"; return 1; }
}
# calls ROOM CALL: an object of that room that calls it.
calls() {
	rm -rf "$work/build"
	mkdir -p "$work/build/src/$1"
	printf 'int %s(void);\nint bad(void);\nint bad(void) { return %s(); }\n' "$2" "$2" >"$work/bad.c"
	${CC:-cc} -fno-builtin -c -o "$work/build/src/$1/bad.c.o" "$work/bad.c"
}

rules --build "$build" && ok=0 || { ok=1; cat "$work/told"; }
say $ok "this tree keeps all six rules"

caught 1 src/proto/x/x.c '	const uint8_t *p = frame.ptr + at;' 'reader_ or slice_' && ok=0 || ok=1
caught 1 src/proto/x/x.c '	h = (const struct header *)bytes.ptr;' 'reader_ or slice_' || ok=1
say $ok "1: pointer arithmetic in a decoder, and a struct laid over received bytes, are caught"

caught 2 src/proto/x/x.c '	m->body = alloc_zero(1, length);' 'a decoder allocates' && ok=0 || ok=1
caught 2 src/sccp/x.c '	buf_init(&s->input, length);' 'SCCP_FRAME_MAX' || ok=1
caught 2 src/proto/sccp/sccp.c 'int sccp_frame_next(void);' 'does not refuse lengths' || ok=1
say $ok "2: memory reserved by a peer's length, and a frame that is not gated, are caught"

caught 3 src/proto/x/x.h '	struct item item[ITEMS_MAX];' 'nothing clamps' && ok=0 || ok=1
say $ok "3: an array whose bound nothing clamps to is caught"

caught 4 src/dhcp/x.h '	struct station *phone; /* who asked */' 'keep its number' && ok=0 || ok=1
caught 4 src/sccp/callmanager.c '	return c->slots[id];' 'without its generation' || ok=1
say $ok "4: another room's state kept by pointer, and a handle without a generation, are caught"

ok=0
for call in sleep usleep poll getaddrinfo waitpid fsync pthread_create; do
	calls sccp $call
	rules --build "$work/build" 5 && { ok=1; echo "$call passed"; }
	grep -q "^rule 5: .*$call" "$work/told" || { ok=1; cat "$work/told"; }
done
say $ok "5: calls that wait, and threads, are caught in a room of the loop"

ok=0
for call in system popen strcpy sprintf fork execve; do
	calls api $call
	rules --build "$work/build" 6 && { ok=1; echo "$call passed"; }
	grep -q "^rule 6: .*$call" "$work/told" || { ok=1; cat "$work/told"; }
done
caught 6 src/sccp/x.c '	printf("%s\n", m->alarm.text);' 'escaping edge' || ok=1
caught 6 src/store/x.c '	buf_printf(&sql, "SELECT * FROM device WHERE name = %s", name);' 'bind it' || ok=1
say $ok "6: programs, unbounded text, printing from pure rooms and values inside SQL are caught"
exit $failed
