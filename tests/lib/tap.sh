# tap.sh - what every command test reads first: TAP output, a scratch folder that goes away,
# and the program under test as $iamreplay. Use:
#     . "$top_srcdir/tests/lib/tap.sh"
#     is "what is shown" "$got" "$want"
#     done_testing
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
iamreplay=${IAMREPLAY:-$top_builddir/iamreplay}
shared=${IAMREPLAY_TEST_DATA:-$top_srcdir/../shared/data}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/iamreplay-test.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
unset IAMREPLAY_DB IAMREPLAY_MAPPINGS
tap_n=0
tap_failed=0

note() { printf '%s\n' "$*" | sed 's/^/# /'; }

ok() { # ok STATUS NAME
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_n" "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_n" "$2"
	fi
	return "$1"
}

is() { # is NAME GOT WANT
	if [ "$2" = "$3" ]; then
		ok 0 "$1"
	else
		ok 1 "$1"
		note "got:"
		note "$2"
		note "want:"
		note "$3"
	fi
}

like() { # like NAME TEXT ERE
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		ok 0 "$1"
	else
		ok 1 "$1"
		note "no match for $3 in:"
		note "$2"
	fi
}

unlike() { # unlike NAME TEXT ERE
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		ok 1 "$1"
		note "match for $3 in:"
		note "$2"
	else
		ok 0 "$1"
	fi
}

same_file() { # same_file NAME GOT WANT
	if cmp -s "$2" "$3"; then
		ok 0 "$1"
	else
		ok 1 "$1"
		note "$(diff -u "$3" "$2" | head -n 60)"
	fi
}

skip() { # skip NAME REASON: one test that can't run here
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"
}

skip_all() { # skip_all REASON: nothing of this file can run here
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

done_testing() {
	printf '1..%d\n' "$tap_n"
	[ "$tap_failed" -eq 0 ]
	exit $?
}
