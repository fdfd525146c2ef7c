# faults.sh - runs one file of tests/faults, where there is nothing but loopback if that is permitted.
. "$top_srcdir/tests/lib/tap.sh"

run_faults() { # run_faults FILE [ARGUMENT]...
	file=$top_srcdir/tests/faults/$1
	shift
	command -v python3 >/dev/null || skip_all "python3 is not here, which plays clients and upstream"
	command -v openssl >/dev/null || skip_all "openssl is not here to make the upstream's certificates"
	set -- python3 -B "$file" "$iamreplay" "$scratch" "$@"
	if command -v ip >/dev/null && unshare -mn true 2>/dev/null; then
		unshare -mn sh -c 'ip link set lo up && IAMREPLAY_ISOLATED=1 exec "$@"' sh "$@"
	else
		"$@"
	fi
}
