"""A program that sees an /etc of its own: policies and host names of a test never stand on the machine itself."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest


def need_apart() -> None:
    """Skip where no mount namespace can be made."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare: an /etc of its own is a mount namespace")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, timeout=30).returncode:
        pytest.skip("this kernel lets us make no mount namespace")


def program(folder: Path, path: str, files: Mapping[PurePosixPath, bytes], hosts: Mapping[str, str]) -> str:
    """A script that runs the program at `path` with those files (all below /etc) and host names (name -> address); returns its path."""
    etc, tree, script = folder / "etc", folder / "tree", folder / Path(path).name
    etc.mkdir(parents=True)
    names = "".join(f"{address} {name}\n" for name, address in hosts.items()).encode()
    for place, data in {**files, PurePosixPath("/etc/hosts"): b"127.0.0.1 localhost\n" + names}.items():
        at = tree / place.relative_to("/etc")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(data)
    for at in (tree, *tree.rglob("*")):
        at.chmod(0o755 if at.is_dir() else 0o644)
    steps = f'mount -t tmpfs none {etc}; cp -a /etc/. {etc}/; cp -r {tree}/. {etc}/; mount --bind {etc} /etc; exec {shlex.quote(path)} "$@"'
    script.write_text(f'#!/bin/sh\nexec unshare --mount --propagation private /bin/sh -ec {shlex.quote(steps)} apart "$@"\n')
    script.chmod(0o755)
    return str(script)
