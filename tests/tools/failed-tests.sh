#!/bin/sh
# failed-tests.sh BUILD: what failed in the last "make check" in the folder BUILD, and nothing of what passed:
# each failed check with the comments behind it; of a test that broke off, its last lines.
set -u
build=${1:?usage: failed-tests.sh BUILD}

find "$build" -name '*.trs' | sort | while read -r trs; do
	grep -Eq '^:test-result: (FAIL|ERROR|XPASS)' "$trs" || continue
	log=${trs%.trs}.log
	name=${trs#"$build"/}
	printf '\n--- %s\n' "${name%.trs}"
	awk '
		/^(not ok|Bail out!)/ { if (/# (TODO|SKIP)/) next; shown = 1; failed++; left = 40; print; next }
		/^ok / { shown = 0; next }
		shown && /^#/ && left-- > 0 { print "    " $0 }
		END { exit failed == 0 }' "$log" 2>/dev/null && ! grep -q '^:test-result: ERROR' "$trs" || {
		printf '    (ends with)\n'
		tail -n 20 "$log" | sed 's/^/    /'
	}
done | head -n 400
