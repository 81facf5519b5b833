#!/bin/sh
# What a person types, and the exit status scripts rely on: 0 yes, 1 no, 2 usage, 3 could not.
# Usage: cli_test.sh DIALTONE TESTDATA
set -u
dialtone=$1
captures=$2/captures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect SENTENCE STATUS PATTERN COMMAND...: the pattern must stand in what it printed.
expect() {
	sentence=$1; expected=$2; pattern=$3; shift 3
	"$@" >"$work/out" 2>&1 </dev/null
	status=$?
	if [ $status = "$expected" ] && grep -q -- "$pattern" "$work/out"; then
		echo "[       OK ] $sentence"
	else
		echo "[  FAILED  ] $sentence"
		echo "    status $status instead of $expected; wanted \"$pattern\" in:"
		sed 's/^/    /' "$work/out"
		failed=1
	fi
}

expect "the program says its version" 0 '^dialtone [0-9]' "$dialtone" --version
expect "--help lists the commands" 0 explain "$dialtone" --help
expect "an unknown command is named, with status 2" 2 nonsense "$dialtone" nonsense
for command in serve lab fleet sim explain phones knocking phone adopt autoreg lease doctor export; do
	expect "$command --help says how it is used" 0 "usage: dialtone $command" "$dialtone" $command --help
	expect "$command refuses an unknown option with status 2" 2 "no-such" "$dialtone" $command --no-such
done
expect "sim holds its invariants and says what it did" 0 "all invariants held; 5 of 5" "$dialtone" sim --phones 5 --hours 1 --faults loss
expect "sim runs many seeds, each with faults of its own" 0 "^4 of 4 seeds" "$dialtone" sim --seeds 4 --phones 3 --hours 0.5
expect "sim tells many seeds as one JSON object" 0 '"seeds": 2' "$dialtone" sim --seeds 2 --phones 3 --hours 0.2 --json
expect "sim lists what can go wrong" 0 "^storm " "$dialtone" sim --faults list
expect "sim names a profile it does not know, with status 2" 2 "faults list" "$dialtone" sim --faults nonsense
for wrong in "--phones 0" "--phones 99999999999999999999" "--hours 0" "--hours nan" "--seed -1" "--seeds 0" "--phones 3 --unknown 4" "--trace --seeds 2"; do
	expect "sim refuses $wrong with status 2" 2 "usage: dialtone sim" "$dialtone" sim $wrong
done
expect "a capture whose phones all came up gives status 0" 0 "1 phone: 1 registered" "$dialtone" explain "$captures/01-boot-ok.pcap"
expect "a capture with a fault gives status 1 and the rule" 1 R-02 "$dialtone" explain "$captures/07-cm-port-closed.pcap"
expect "a missing file gives status 3 and its name" 3 "$work/none.pcap" "$dialtone" explain "$work/none.pcap"
: >"$work/empty.pcap"
expect "an empty file gives status 3 and says so" 3 "empty.pcap" "$dialtone" explain "$work/empty.pcap"
expect "a file that is no capture gives status 3 and says so" 3 "capture" "$dialtone" explain "$0"
head -c 100 "$captures/01-boot-ok.pcap" | gzip >"$work/packed.pcap.gz"
expect "a compressed capture gives status 3 and says what to do" 3 "unpack" "$dialtone" explain "$work/packed.pcap.gz"
expect "a directory gives status 3" 3 "$work" "$dialtone" explain "$work"
expect "a capture comes from standard input as well" 1 R-02 \
	sh -c '"$1" explain - <"$2"' sh "$dialtone" "$captures/07-cm-port-closed.pcap"
expect "--json is JSON with the same verdict" 0 R-02 \
	sh -c '"$1" explain --json "$2" >"$3/json"; python3 -m json.tool <"$3/json"' sh "$dialtone" "$captures/07-cm-port-closed.pcap" "$work"
expect "a phone that is not in the capture gives status 1 and its name" 1 SEP000000000001 \
	"$dialtone" explain "$captures/07-cm-port-closed.pcap" --phone SEP000000000001
expect "without a server the commands say where they looked" 3 "$work/socket" "$dialtone" phones --socket "$work/socket"
expect "a full disk behind the output is an error, not a success" 3 "No space left" sh -c '"$1" explain "$2" >/dev/full' sh "$dialtone" "$captures/01-boot-ok.pcap"
expect "a rule's page by its id" 0 "auto-registration is off" "$dialtone" explain --rule r-05
expect "an id nobody knows gives status 2" 2 "dialtone-faults" "$dialtone" explain --rule Z-99
expect "from a display's words to the rule and the keys of the model" 0 'D-02' "$dialtone" explain --screen "Configuring IP" --model 7941
expect "two captures are the same until the first difference" 1 "tcp.refused" \
	"$dialtone" explain "$captures/01-boot-ok.pcap" --against "$captures/07-cm-port-closed.pcap"
expect "a capture against itself has no difference" 0 "no difference" \
	"$dialtone" explain "$captures/01-boot-ok.pcap" --against "$captures/01-boot-ok.pcap"
expect "one self-contained page for a browser" 1 "</html>" \
	sh -c '"$1" explain "$2" --html "$3/page.html"; status=$?; cat "$3/page.html"; exit $status' sh "$dialtone" "$captures/07-cm-port-closed.pcap" "$work"
expect "a page that cannot be written gives status 3" 3 "/none/page.html" "$dialtone" explain "$captures/07-cm-port-closed.pcap" --html /none/page.html
exit $failed
