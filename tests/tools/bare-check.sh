#!/bin/sh
# bare-check.sh - in a bare Debian (bare-debian.sh), as root: what the README says to type, and then the same for
# somebody else: a user who is not root, has no HOME, a locale with its own i and its own decimal sign, a umask that
# gives nothing to others, and a folder with a space in its name. Exit status: 0 if no test failed.
set -u
status=0
path=/usr/sbin:/usr/bin:/sbin:/bin
folder='/srv/a folder of/iamreplay'
mkdir -p "${folder%/*}" && cp -a . "$folder" || exit 3

echo "--- as root: ./quickstart, ./quickstart check"
env -i PATH=$path ./quickstart || status=1
env -i PATH=$path ./quickstart check || status=1

echo "--- as a user, in '$folder', with umask 077 and LC_ALL=tr_TR.UTF-8"
apt-get install -y -q --no-install-recommends locales >/dev/null 2>&1 && localedef -i tr_TR -f UTF-8 tr_TR.UTF-8 || exit 3
useradd --no-create-home --home-dir /nonexistent developer && chown -R developer: "${folder%/*}" || exit 3
setpriv --reuid developer --regid developer --clear-groups env -i PATH=$path LC_ALL=tr_TR.UTF-8 sh -c '
	umask 077
	cd "$1" || exit 3
	status=0
	./quickstart || status=1
	./quickstart check || status=1
	exit $status' sh "$folder" || status=1
exit $status
