#!/bin/sh
# The files we generate, judged well-formed by xmllint. Usage: xmllint_judges.sh PRINT_FILES
set -eu
command -v xmllint >/dev/null || { echo "xmllint is missing: apt-get install libxml2-utils"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" "$dir"
xmllint --noout --nonet "$dir"/*.xml
test "$(xmllint --xpath 'string(/device/loadInformation)' "$dir/SEP003094C2D5CA.cnf.xml")" = 'A&B<"C'
test "$(xmllint --xpath 'string(//processNodeName)' "$dir/XMLDefault.cnf.xml")" = 10.77.0.1
test "$(xmllint --xpath 'string(//Ring/DisplayName)' "$dir/Ringlist.xml")" = 'A&B <C>'
# Every key that stands in a set is defined.
test "$(xmllint --xpath 'count(//softKey[not(@keyID = //softKeyDef/@keyID)])' "$dir/SoftKeys.xml")" = 0
test "$(xmllint --xpath 'count(//softKeySet)' "$dir/SoftKeys.xml")" = 10
