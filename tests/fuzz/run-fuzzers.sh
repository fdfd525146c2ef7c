#!/bin/sh
# run-fuzzers.sh SOURCE BUILD SECONDS [TARGET...]: "make fuzz". Runs each libFuzzer target (all without names) for SECONDS over its
# committed corpus and what earlier runs found in BUILD/fuzz-corpus, on as many cores as there are, and says how many inputs it
# tried, how many edges it reached, when it last found a new one. What breaks one is kept in BUILD/fuzz-findings; exit status 1.
set -u
source=$1 build=$2 seconds=$3
shift 3
findings=$build/fuzz-findings
mkdir -p "$findings" "$build/fuzz-corpus"
# some write small files for each input: memory serves them better than a disk
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
	TMPDIR=/dev/shm
	export TMPDIR
fi

corpus_of() { # the committed inputs of a target
	case $1 in
	scan | reader | events) echo "$source/tests/fuzz/corpus" ;;
	document | query) echo "$source/tests/fuzz/corpus-documents" ;;
	*) echo "$source/tests/fuzz/corpus-$1" ;;
	esac
}

run_one() { # run_one TARGET: prints its row
	name=$1
	folder=fuzz
	case $name in document | query) folder=fuzz-policy ;; esac
	grown=$build/fuzz-corpus/$name
	mkdir -p "$grown"
	# entropic scheduling costs up to 70 % of the time where an input takes but 100 us; what is refused is told on
	# stderr, which is no finding
	"$build/tests/$folder/fuzz_$name" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 -max_len=4096 -entropic=0 -close_fd_mask=1 \
		-print_final_stats=1 -artifact_prefix="$findings/$name-" "$grown" "$(corpus_of "$name")" >"$grown.log" 2>&1
	status=$?
	awk -v name="$name" -v status=$status '
		/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1)
			if ($2 == "NEW") { at = $1; sub("#", "", at) } }
		/number_of_executed_units/ { n = $2 } /average_exec_per_sec/ { each = $2 }
		END { printf "%-10s %10d inputs %6d a second %6d edges, the last new one at input %d%s\n", name, n, each, cov, at,
			status ? "   FAILED" : "" }' "$grown.log"
	[ $status -eq 0 ] || {
		grep -aE 'ERROR|SUMMARY|runtime error|Test unit written|deadly signal' "$grown.log" | head -n 8
		: >"$findings/failed-$name"
	}
}

[ $# -gt 0 ] || set -- scan reader exports reduced live framing relay resolve tables events documents answers capture gzip files rows document query
rm -f "$findings"/failed-*
running=0
for name; do
	run_one "$name" &
	running=$((running + 1))
	[ $((running % $(nproc))) -ne 0 ] || wait
done
wait
set -- "$findings"/failed-*
[ ! -e "$1" ]
