"""check-source.py - the rules for src/ that no compiler knows: check-source.py TOP. Prints what breaks one; exit status 1.

Rooms are the folders of src/ in the order of Makefile.am. A file includes headers of its own room and of those before
it; no room holds more than 15 % of the lines; no file has more than 700, no function more than 60; only src/store
includes sqlite3.h."""
import os
import re
import sys

MOST_OF_ALL, MOST_LINES, MOST_IN_FUNCTION = 0.15, 700, 60
found = []


def rooms(top):
    with open(os.path.join(top, "Makefile.am")) as f:
        names = re.findall(r"(?m)^include src/(.+)/sources\.am$", f.read())
    # mapping/compile is built by what is in mapping, and belongs behind it
    return [r for name in names for r in ([name, "mapping/compile"] if name == "mapping" else [name])]


def files_of(folder):
    return [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith((".c", ".h"))]


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > MOST_IN_FUNCTION:
                found.append("%s:%d: a function of %d lines" % (path, start, number - start - 1))
            start = None


def check_includes(path, room, lines, order):
    for number, line in enumerate(lines, 1):
        quoted = re.match(r'#include "(.+)/[^/]+"', line)
        if quoted and quoted[1] in order and order.index(quoted[1]) > order.index(room):
            found.append("%s:%d: %s includes of %s, which comes after it" % (path, number, room, quoted[1]))
        if "sqlite3.h" in line and line.startswith("#include") and room != "store":
            found.append("%s:%d: sqlite3.h outside of store" % (path, number))


def main():
    os.chdir(sys.argv[1])
    order = rooms(".")
    sizes = {}
    for room in order:
        folder = os.path.join("src", room)
        for path in files_of(folder) if os.path.isdir(folder) else []:
            with open(path, encoding="utf-8") as f:
                lines = f.read().split("\n")
            sizes[room] = sizes.get(room, 0) + len(lines) - 1
            if len(lines) - 1 > MOST_LINES:
                found.append("%s: %d lines" % (path, len(lines) - 1))
            check_functions(path, lines)
            check_includes(path, room, lines, order)
    total = sum(sizes.values())
    for room in order:
        if sizes.get(room, 0) > MOST_OF_ALL * total:
            found.append("src/%s: %.1f %% of all lines" % (room, 100 * sizes[room] / total))
    listed = {"src/" + r for r in order}
    found.extend("%s: no room of Makefile.am" % d for d, _, names in os.walk("src")
                 if d not in listed and any(n.endswith(".c") for n in names))
    print("\n".join(found) if found else "%d lines in %d rooms, the largest %s with %.1f %%" % (
        total, len(sizes), max(sizes, key=sizes.get), 100 * max(sizes.values()) / total))
    return bool(found)


sys.exit(main())
