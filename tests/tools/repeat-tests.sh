#!/bin/sh
# repeat-tests.sh - finds tests that fail now and then: repeat-tests.sh [-n TIMES] [-j JOBS] [-b BUSY] [TEST...]
# In a build folder where "make check" was built: runs each TEST (all, without) TIMES times (50), JOBS at once (4),
# beside BUSY loops that do nothing (2). Prints what failed, and how often; its outputs stay in the folder repeat/.
set -u
times=50 jobs=4 busy=2
while getopts n:j:b: option; do
	case $option in
	n) times=$OPTARG ;;
	j) jobs=$OPTARG ;;
	b) busy=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -f Makefile ] || {
	sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(make -s --eval='print-tests: ; @echo $(TESTS)' print-tests)
top_builddir=$PWD
top_srcdir=$(cd "$(sed -n 's/^srcdir = //p' Makefile)" && pwd)
CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C
export top_srcdir top_builddir CMOCKA_MESSAGE_OUTPUT LC_ALL
mkdir -p repeat && rm -f repeat/*.out repeat/failed

loops=
trap '[ -z "$loops" ] || kill $loops 2>/dev/null' EXIT
trap 'exit 130' INT TERM
i=0
while [ "$i" -lt "$busy" ]; do
	sh -c 'while :; do :; done' &
	loops="$loops $!"
	i=$((i + 1))
done

i=0
while [ "$i" -lt "$times" ]; do
	i=$((i + 1))
	for test; do echo "$test" "$i"; done
done | xargs -P "$jobs" -L 1 sh -c '
	out=repeat/$(echo "$1" | tr / -).$2.out
	case $1 in
	*.test) timeout 900 sh "$top_srcdir/$1" >"$out" 2>&1 ;;
	*) sh "$top_srcdir/tests/lib/run-unit-test.sh" "./$1" >"$out" 2>&1 ;;
	esac
	status=$?
	if [ "$status" -ne 0 ] || grep -aq "^not ok" "$out"; then
		echo "$1" >>repeat/failed
		echo "FAILED: $1, run $2, exit status $status"
		grep -a -A 6 "^not ok" "$out" | head -n 20 | sed "s/^/    /"
	else
		rm -f "$out"
	fi' sh
printf '%d tests, %d times each, %d at once beside %d busy loops: %d failures\n' $# "$times" "$jobs" "$busy" \
	"$(cat repeat/failed 2>/dev/null | wc -l)"
sort repeat/failed 2>/dev/null | uniq -c
[ ! -s repeat/failed ]
