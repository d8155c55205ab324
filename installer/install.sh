#!/bin/sh
# Puts SafeGuard on this PC. Run it as root:   sudo sh installer/install.sh
#
# What it does, in this order:
#   1. looks whether this PC can run SafeGuard; if not, it says in one line what is missing and changes nothing;
#   2. makes a Python environment of its own in a temporary folder, with what SafeGuard needs;
#   3. starts `safeguard setup` from there. That lists every step before it does it, copies the program to /opt/safeguard,
#      and takes everything back if a step fails. `sudo safeguard uninstall` removes all of it later.
# Whatever you write behind install.sh goes to `safeguard setup`:   sudo sh installer/install.sh --child anna
set -eu

stop() {
	echo "install.sh: $*" >&2
	exit 2
}

[ "$(uname -s)" = Linux ] || stop "this is for Linux; the README says what there is for your system"
[ "$(id -u)" = 0 ] || stop "this changes your computer, so run: sudo sh $0"
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ -f "$here/pyproject.toml" ] || stop "run it from the folder of SafeGuard that you downloaded"

# A Python of 3.12 or newer. Debian 13 and Ubuntu 24.04 bring one.
python=
for candidate in ${PYTHON:-} python3.13 python3.12 python3 python3.14; do
	if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
		python=$candidate
		break
	fi
done
[ -n "$python" ] || stop "SafeGuard needs Python 3.12 or newer: upgrade to Debian 13, or install one from https://www.python.org/downloads/ and run: PYTHON=/path/to/python3 sh $0"
# What this and `safeguard setup` call.
missing=
"$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || missing=" python3-venv"
for tool in certutil:libnss3-tools update-ca-certificates:ca-certificates useradd:passwd setpriv:util-linux; do
	command -v "${tool%%:*}" >/dev/null || missing="$missing ${tool##*:}"
done
[ -z "$missing" ] || stop "something it needs is missing; run: apt install$missing"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
echo "Making a Python environment for SafeGuard (this needs the internet, and a minute)."
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$here"
"$folder/venv/bin/python" -I -B -m safeguard setup "$@"
