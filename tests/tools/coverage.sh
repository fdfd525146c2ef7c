#!/bin/sh
# coverage.sh SOURCE BUILD: what the tests reached, of the lines and branches of each folder of src/; the files that
# have least in coverage.html. Branches that only a failed assertion or allocation takes are not counted.
set -u
source=$1 build=$2
command -v gcovr >/dev/null || {
	echo "gcovr is not here: apt-get install gcovr" >&2
	exit 1
}
# a counter that overflowed is skipped
gcovr --gcov-ignore-parse-errors -j "$(nproc)" --root "$source" --filter "$source/src/" --exclude-unreachable-branches --exclude-throw-branches \
	--exclude-lines-by-pattern '^[[:space:]]*assert\(.*' --exclude-branches-by-pattern '^[[:space:]]*assert\(.*' \
	--json-summary "$build/coverage.json" --html-details "$build/coverage.html" "$build" >/dev/null || exit 1
python3 - "$build/coverage.json" <<'END'
import json, sys
folders = {}
for f in json.load(open(sys.argv[1]))["files"]:
    parts = f["filename"].split("src/", 1)[-1].split("/")
    for name in (parts[0], "all"):
        t = folders.setdefault(name, [0] * 4)
        for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
            t[i] += f[key]
print("%-12s %8s %7s %7s" % ("FOLDER", "LINES", "LINES%", "BRANCH%"))
for name, (lc, lt, bc, bt) in sorted(folders.items(), key=lambda x: (x[0] == "all", x[0])):
    print("%-12s %8d %7.1f %7.1f" % (name, lt, 100 * lc / max(lt, 1), 100 * bc / max(bt, 1)))
END
