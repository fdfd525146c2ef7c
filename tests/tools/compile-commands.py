"""compile-commands.py - prints a compile_commands.json: compile-commands.py BUILD SOURCE FILE..., the command without
its file in $COMMAND."""
import json
import os
import sys

build, source, files = sys.argv[1], sys.argv[2], sys.argv[3:]
entries = []
for name in files:
    path = os.path.join(source, name)
    if not os.path.exists(path):
        path = os.path.join(build, name)
    entries.append({"directory": build, "file": path, "command": '%s -c "%s"' % (os.environ["COMMAND"], path)})
json.dump(entries, sys.stdout, indent=1)
