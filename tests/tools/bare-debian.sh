#!/bin/sh
# bare-debian.sh - a bare Debian 12 in a folder, for what must work where nothing else is installed.
#   bare-debian.sh make DIR           makes it with debootstrap (minbase), from this machine's apt sources
#   bare-debian.sh run DIR COMMAND    runs COMMAND by sh in a fresh copy, in /iamreplay, a clone of HEAD
# As root. COMMAND sees the system's PATH and nothing else of the environment; what it started ends with it.
# Exit status: COMMAND's; 77, with the reason on stderr, where this machine can't do it.
set -eu
release=bookworm

cannot() {
	printf 'no bare Debian can be made here: %s\n' "$*" >&2
	exit 77
}

# apt_targets: "URI SUITE COMPONENT" of each Debian archive that this machine's apt knows for the release.
apt_targets() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 2>/dev/null |
		awk -v r="$release" '$2 == r || index($2, r "-") == 1' | sort -u
}

check_machine() {
	[ "$(id -u)" -eq 0 ] || cannot "this needs root"
	command -v debootstrap >/dev/null || cannot "debootstrap is not installed"
	unshare --mount --pid --fork true 2>/dev/null || cannot "namespaces are not permitted"
}

make_folder() { # make_folder DIR
	check_machine
	mirror=$(apt_targets | awk -v r="$release" '$2 == r && $3 == "main" { print $1; exit }')
	[ -n "$mirror" ] || cannot "apt knows no archive of $release"
	mkdir -p "$1"
	mknod "$1/probe" c 1 3 2>/dev/null && : 2>/dev/null >"$1/probe" || cannot "$1 takes no devices"
	rm -f "$1/probe"
	debootstrap --variant=minbase "$release" "$1" "$mirror" >"$1.log" 2>&1 || {
		tail -n 5 "$1.log" >&2
		return 1
	}
	rm -rf "$1/etc/apt/sources.list" "$1/etc/apt/sources.list.d"
	apt_targets | sed 's/^/deb /' >"$1/etc/apt/sources.list"
	# how this machine reaches them
	apt-config dump | grep -E '^Acquire::(https?|ftp|Check-[A-Za-z-]*|Retries)[: ]' >"$1/etc/apt/apt.conf.d/50machine" || :
	cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
}

run_in_copy() { # run_in_copy DIR COMMAND
	check_machine
	copy=$1.run.$$
	trap 'rm -rf --one-file-system "$copy"' EXIT
	trap 'exit 130' INT TERM
	cp -a "$1" "$copy"
	git clone -q --no-hardlinks "$(git rev-parse --show-toplevel)" "$copy/iamreplay"
	status=0
	# The mounts and the processes go with the namespaces. A root of its own, not chroot, under which no
	# namespaces could be made, so that tests that need them run.
	unshare --mount --pid --fork --kill-child sh -euc '
		mount --bind "$1" "$1"
		cd "$1"
		mount -t proc proc proc
		mount --rbind /dev dev
		mount -t sysfs sysfs sys
		mkdir old-root
		pivot_root . old-root
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "
			umount -l /old-root && rmdir /old-root && cd /iamreplay && $2"' sh "$copy" "$2" || status=$?
	return "$status"
}

case ${1-}:$# in
make:2) make_folder "$2" ;;
run:3) run_in_copy "$2" "$3" ;;
*)
	sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
