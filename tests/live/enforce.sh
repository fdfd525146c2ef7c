#!/bin/sh
# enforce.sh - the loop against real enforcement (enforce.py), in a network namespace that has only loopback. Run it by
# "make check-live"; where something is missing it says what and skips.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
tool=$(cd "$top_builddir" && pwd)/iamreplay
here=$(cd "$top_srcdir/tests/live" && pwd)
skip() {
	echo "1..0 # SKIP $1"
	echo "enforce.sh: SKIPPED: $1" >&2
	exit 0
}
[ -x "$tool" ] || skip "iamreplay is not built"
for need in python3 aws unshare ip; do
	command -v $need >/dev/null || skip "$need is not here"
done
python3 -c 'import moto.server, awscli.clidriver, flask' 2>/dev/null || skip "python3 has no moto (with its server) or no awscli 1"
unshare -n true 2>/dev/null || skip "no network namespace can be made (are you root?)"
folder=$(mktemp -d "${TMPDIR:-/tmp}/iamreplay-live.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
# nothing may leave the machine: no route, no name service
unshare -n sh -c 'ip link set lo up && exec timeout 1800 python3 "$@"' sh "$here/enforce.py" "$tool" "$folder"
