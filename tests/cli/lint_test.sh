#!/bin/sh
# dialtone lint: files, folders, standard input; every verdict on the real files; xmllint says the same of their form.
# Usage: lint_test.sh DIALTONE DATA PRINT_FILES
set -u
dialtone=$(readlink -f "$1")
data=$2
print_files=$(readlink -f "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset COLUMNS
failed=0
check() { # sentence command...
	sentence=$1; shift
	if "$@" >"$work/log" 2>&1; then
		echo "[       OK ] $sentence"
	else
		echo "[  FAILED  ] $sentence"; head -n 20 "$work/log" | sed 's/^/    /'; failed=1
	fi
}
status() { want=$1; shift; "$@"; got=$?; [ "$got" = "$want" ] || { echo "status $got instead of $want"; return 1; }; }
lint() { "$dialtone" lint "$@"; }

golden() {
	(cd "$data/configs" && for file in *; do "$dialtone" lint --all "$file"; done) >"$work/got"
	[ -z "${UPDATE:-}" ] || cp "$work/got" "$data/configs.lint"
	diff "$data/configs.lint" "$work/got"
}
narrow() { ! awk 'length($0) > 80' "$data/configs.lint" | grep .; }
# What xmllint calls a namespace error is none for a phone.
like_xmllint() {
	command -v xmllint >/dev/null || { echo "xmllint is missing: apt-get install libxml2-utils"; return 1; }
	for file in "$data"/configs/*.xml; do
		theirs=$(xmllint --noout --nonet "$file" 2>&1 | grep -v 'namespace' | sed -n 's/^[^:]*:\([0-9]*\): parser error.*/\1/p' | head -n 1)
		ours=$(lint "$file" | sed -n 's/.*:\([0-9]*\): error C-01$/\1/p')
		[ "$theirs" = "$ours" ] || { echo "$file: xmllint says line \"$theirs\", lint \"$ours\""; return 1; }
	done
}
ours_are_clean() {
	mkdir "$work/ours"
	"$print_files" "$work/ours"
	lint "$work"/ours/*.xml >"$work/told" || { cat "$work/told"; return 1; }
}
piped() { printf '<device>\n<a>\n</device>' | status 1 "$dialtone" lint - >"$work/told" && grep -q '^standard input:3: error C-01$' "$work/told"; }
as_kind() { printf '<device/>' | status 1 "$dialtone" lint - --as default >"$work/told" && grep -q 'error C-03' "$work/told"; }
as_json() {
	status 1 "$dialtone" lint --json "$data/configs/xmldefault-malformed.cnf.xml" >"$work/json" || return 1
	python3 - "$work/json" <<'END'
import json, sys
told = json.load(open(sys.argv[1]))
assert told["errors"] == 1 and told["files"][0]["kind"] == "default", told
f = told["findings"][0]
assert (f["line"], f["severity"], f["rule"], f["becomes"]) == (18, "error", "C-01", "F-01"), f
END
}
one_line() { status 3 "$dialtone" lint "$1" >"$work/out" 2>"$work/err" && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ]; }
unknown_file() { echo 'Dear Sir or Madam' >"$work/letter"; one_line "$work/letter"; }
hostile() {
	printf '<device>\n<a>\033[31m</b>' >"$work/$(printf 'SEP\033[31m.xml')"
	lint "$work"/SEP*.xml >"$work/told"
	! grep -q "$(printf '\033')" "$work/told" && grep -q 'x1b' "$work/told"
}
all_rules() { lint --rules >"$work/rules" && grep -q '^  C-01  error' "$work/rules" && ! awk 'length($0) > 80' "$work/rules" | grep .; }
one_rule() { lint --rule c-09 | grep -q 'Becomes  *F-16'; }
models() {
	printf '<device>\n<deviceProtocol>SCCP</deviceProtocol><devicePool><callManagerGroup><members><member><callManager><processNodeName>a</processNodeName></callManager></member></members></callManagerGroup></devicePool></device>' >"$work/a.xml"
	status 0 "$dialtone" lint "$work/a.xml" --model 7961 && status 1 "$dialtone" lint "$work/a.xml" --model 8841 && status 2 "$dialtone" lint "$work/a.xml" --model 1234
}

# Where we say that a server refuses a file, it does; where we find nothing wrong, it takes it.
PATH=$PATH:/usr/sbin:/sbin:${DIALTONE_JUDGES:-/usr/local/lib/dialtone-judges}/usr/sbin
def='option t code 150 = array of ip-address;'
net='subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.100 10.77.0.200;'
alike() { # verdict-of-the-server file kind
	if lint "$2" --as "$3" >"$work/told"; then ours=0; else ours=1; fi
	[ "$1" = 0 ] && theirs=0 || theirs=1
	[ $ours = $theirs ] || { echo "the server: $1, lint: $ours"; cat "$2" "$work/told"; return 1; }
}
like_dhcpd() {
	command -v dhcpd >/dev/null || return 0
	: >"$work/leases"
	for text in "$def $net option t 10.77.0.1, 10.77.0.2; }" "option t code 150 = ip-address; $net option t 10.77.0.1; }" "$net option tftp-server-address 10.77.0.1; }" \
		"$net option option-150 10.77.0.1; }" "$def $net option t \"10.77.0.1\"; }" "$def $net option t 10.77.0.1 }" "$def $net option t 10.77.0.1;" \
		"option t code 150 = ip-address; $net option t 10.77.0.1, 10.77.0.2; }" "$def subnet 10.77.0.0 netmask 255.255.255.0 { range 10.78.0.1 10.78.0.9; option t 10.77.0.1; }" \
		"$def subnet 10.77.0.1 netmask 255.255.255.0 { option t 10.77.0.1; }"; do
		echo "$text" >"$work/conf"
		dhcpd -t -cf "$work/conf" -lf "$work/leases" >"$work/judge" 2>&1 && verdict=0 || verdict=1
		alike $verdict "$work/conf" isc || return 1
	done
}
like_kea() {
	command -v kea-dhcp4 >/dev/null || return 0
	kdef='"option-def":[{"name":"t","code":150,"type":"ipv4-address","array":true}],'
	for text in "{\"Dhcp4\":{$kdef\"option-data\":[{\"name\":\"t\",\"data\":\"10.77.0.1, 10.77.0.2\"}],\"subnet4\":[]}}" \
		'{"Dhcp4":{"option-data":[{"code":150,"csv-format":false,"data":"0a4d0001"}],"subnet4":[]}}' '{"Dhcp4":{"option-data":[{"code":150,"data":"10.77.0.1"}],"subnet4":[]}}' \
		'{"Dhcp4":{"option-data":[{"name":"tftp","data":"10.77.0.1"}],"subnet4":[]}}' "{\"Dhcp4\":{$kdef\"option-data\":[{\"name\":\"t\",\"data\":\"cm1.site\"}],\"subnet4\":[]}}" \
		"{\"Dhcp4\":{$kdef\"subnet4\":[]}"; do
		echo "$text" >"$work/conf"
		KEA_PIDFILE_DIR=$work KEA_LOCKFILE_DIR=$work KEA_LOGGER_DESTINATION=stderr kea-dhcp4 -t "$work/conf" >"$work/judge" 2>&1 && verdict=0 || verdict=1
		alike $verdict "$work/conf" kea || return 1
	done
}
like_dnsmasq() {
	for text in dhcp-option=150,10.77.0.1,10.77.0.2 dhcp-option=option:tftp-server-address,10.77.0.1 'dhcp-option=150,"10.77.0.1"' dhcp-option=150,cm1.site; do
		echo "$text" >"$work/conf"
		dnsmasq --test --conf-file="$work/conf" >"$work/judge" 2>&1 && verdict=0 || verdict=1
		alike $verdict "$work/conf" dnsmasq || return 1
	done
}

folder() {
	mkdir -p "$work/root/Desktops/320x196x4"
	"$print_files" "$work/root"
	printf 'jar41.sbn\r\n' >"$work/root/SIP41.9-4-2.loads"
	echo image >"$work/root/jar41.sbn"
	cp "$data/configs/desktops-320x196x4-list.xml" "$work/root/Desktops/320x196x4/List.xml"
	# What the generated files name is made up.
	echo ring >"$work/root/A&B_<C>.raw"
	cp "$work/root/SIP41.9-4-2.loads" "$work/root/A&B<\"C.loads"
	chmod -R a+rX "$work/root"
	status 0 "$dialtone" lint "$work/root" >"$work/told" && grep -q 'nothing wrong' "$work/told" || { cat "$work/told"; return 1; }
}
broken_folder() {
	rm "$work/root/jar41.sbn"
	chmod 600 "$work/root/XMLDefault.cnf.xml"
	ln -s /etc/passwd "$work/root/passwd"
	lint --json "$work/root" >"$work/json"
	python3 - "$work/json" <<'END'
import json, sys
told = {(f["file"].rsplit("/", 1)[1], f["rule"]) for f in json.load(open(sys.argv[1]))["findings"]}
assert ("SIP41.9-4-2.loads", "N-07") in told and ("XMLDefault.cnf.xml", "N-04") in told, told
END
}
# Another user is told of what it may not read, and of the rest all the same.
locked_folder() {
	[ "$(id -u)" = 0 ] || return 0
	chmod 755 "$work"
	cp "$dialtone" "$work/dialtone"
	status 3 setpriv --reuid=65534 --regid=65534 --clear-groups "$work/dialtone" lint "$work/root" >"$work/told" 2>"$work/err" || return 1
	grep -q 'cannot read .*XMLDefault.cnf.xml: Permission denied' "$work/err" && grep -q 'error N-07' "$work/told"
}

check "of all real files it says what the golden file holds" golden
check "in lines that fit 80 columns" narrow
check "it finds the same files broken as xmllint, on the same lines" like_xmllint
check "what dhcpd refuses it calls an error, what dhcpd takes it does not" like_dhcpd
check "so with Kea" like_kea
check "so with dnsmasq" like_dnsmasq
check "the files we generate are clean" ours_are_clean
check "a folder is a TFTP server's root: files, loads, pictures" folder
check "a missing image and a locked file in it are told" broken_folder
check "what may not be read is one line, and status 3" locked_folder
check "standard input is a file" piped
check "--as takes a file for what it does not look like" as_kind
check "--json says the same to programs" as_json
check "a file that is not there is one line and status 3" one_line "$work/absent"
check "so is one that is no kind of file phones read" unknown_file
check "what a file says never reaches the terminal unescaped" hostile
check "--rules lists all rules" all_rules
check "--rule says what one means, and what it becomes" one_rule
check "--model holds protocol and load against the model" models
check "no file, an unknown option, an unknown rule: usage and status 2" status 2 "$dialtone" lint
check "an unknown rule is told so" status 2 "$dialtone" lint --rule Z-99
exit $failed
