# Promises and their figures; sourced.
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# column FILE FIELD WORD...: the median of a field of the lines that begin with these words.
column() {
	column_file=$work/$1 column_field=$2
	shift 2
	awk -v words="$* " -v field="$column_field" 'index($0, words) == 1 {print $field}' "$column_file" | median
}
ratio() { awk -v a="${1:-0}" -v b="${2:-0}" 'BEGIN {printf "%.3g", (b > 0) ? a / b : 0}'; }
# bar NAME FIGURE OP LIMIT UNIT: OP is >= or <=. FIGURE empty: the rival is not here, and nothing is promised.
missed=0
bar() {
	verdict=$(awk -v f="$2" -v op="$3" -v l="$4" 'BEGIN {print f == "" ? "not measured" : (op == ">=" ? f + 0 >= l + 0 : f + 0 <= l + 0) ? "met" : "MISSED"}')
	[ "$verdict" != MISSED ] || missed=1
	printf '  %-58s %9s %-6s (%s %s)  %s\n' "$1" "${2:--}" "$5" "$3" "$4" "$verdict"
	[ -z "${BENCH_RESULTS:-}" ] || printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$verdict" >>"$BENCH_RESULTS"
}
