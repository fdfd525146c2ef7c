#!/bin/sh
# lint.sh SOURCE BUILD: "make lint". Each check says what it found, or why it can't run; exit status 1 if one found.
set -u
source=$1 build=$2
status=0
jobs=$(nproc)

check() { # check NAME COMMAND...
	name=$1
	shift
	if ! command -v "$1" >/dev/null; then
		echo "SKIPPED: $name: $1 is not here" >&2
	elif "$@"; then
		echo "ok: $name"
	else
		echo "FAILED: $name"
		status=1
	fi
}

tidy() {
	find "$source/src" -name '*.c' -print0 |
		xargs -0 -n 4 -P "$jobs" clang-tidy --quiet -p "$build" >"$build/clang-tidy.out" 2>/dev/null
	found=$?
	grep -E 'warning:|error:' "$build/clang-tidy.out" | sort -u | head -n 40
	return $found
}

check "layers, rooms, sizes" python3 "$source/tests/tools/check-source.py" "$source"
check "cppcheck" cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	--std=c11 -j"$jobs" --suppress=missingIncludeSystem --suppress=unknownMacro --max-configs=4 \
	-DHAVE_CONFIG_H -DHAVE_LIBDEFLATE=1 -I "$source/src" -I "$build" "$source/src"
if command -v clang-tidy >/dev/null; then check "clang-tidy" tidy; else echo "SKIPPED: clang-tidy is not here" >&2; fi
exit $status
