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
	awk -v name="${name%.trs}" '
		/^not ok/ { shown = !/# (TODO|SKIP)/; failed += shown; left = 40; if (shown) print; next }
		/^ok / { shown = 0; next }
		/^Bail out!/ { failed++; print }
		# the driver writes each comment twice, once with the name of the test
		shown && /^#/ && index($0, name) != 3 && left-- > 0 { print "    " $0 }
		END { exit failed > 0 }' "$log" && {
		printf '    it ended with\n'
		tail -n 20 "$log" | sed 's/^/    /'
	}
done | head -n 400
