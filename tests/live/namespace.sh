# namespace.sh - for live tests, after tests/lib/tap.sh: a namespace that has only loopback, where all of AWS is moto.

# Nothing can be tested: said on standard error, too, since nobody reads a quiet skip.
skip_loudly() {
	echo "$0: SKIPPED: $1" >&2
	skip_all "$1"
}

# What every test in there needs.
need_namespace() {
	for need in python3 ip unshare; do
		command -v $need >/dev/null || skip_loudly "$need is not here"
	done
	python3 -c 'import moto.server, boto3, cryptography, werkzeug' 2>/dev/null ||
		skip_loudly "python3 has no boto3 or no moto with its server"
	as_root=
	[ "$(id -u)" -eq 0 ] || as_root=-r
	unshare $as_root -n -m -p -f true 2>/dev/null || skip_loudly "no namespace can be made (are you root?)"
}

# in_namespace COMMAND...: in $scratch, with names asked for at 127.0.0.1 alone; whatever it starts ends with it.
in_namespace() {
	echo 'nameserver 127.0.0.1' >"$scratch/resolv.conf"
	echo 'hosts: files dns' >"$scratch/nsswitch.conf"
	# shellcheck disable=SC2016
	unshare $as_root -n -m -p -f --kill-child --mount-proc sh -c 'cd "$0" || exit 99
		for f in resolv nsswitch; do
			[ ! -e /etc/$f.conf ] || mount --bind $f.conf /etc/$f.conf || exit 99
		done
		ip link set lo up && exec "$@"' "$scratch" "$@"
}
