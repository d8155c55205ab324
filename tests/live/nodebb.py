"""NodeBB, a forum with private chats, as its makers ship it on npm; nothing of it is changed and nothing is fetched from elsewhere.

It speaks plain HTTP: pages made on the server, the same as JSON where one walks on inside the page, and socket.io for what arrives live.
It runs in a copy of its package, since it writes its settings and its built scripts beside its own code.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.live.process import LOOPBACK, Process, free_port
from tests.live.redis import Redis

HOST = "forum.test"
VERSION = "1.4.0"
SHA512 = "sha512-G/QGMcGx4pg57Pl/ZxAjimHsP4GN/6IwyV22Mha0utPqMs3vD6OTAHpYWgXtimrbkbhppFV9RMZ/5MNFQ+tj9w=="
"""Of the package, as the npm registry tells it (`npm view nodebb@VERSION dist.integrity`)."""
FOLDER = Path(__file__).parents[2] / ".cache" / "npm" / f"nodebb-{VERSION}"
SETUP_S = 120.0
LEFT_OUT = ("nodebb-plugin-emoji-extended", "nodebb-plugin-emoji-one", "nodebb-plugin-soundpack-default", "nodebb-plugin-spam-be-gone")
"""Plugins that download at the start. NodeBB itself goes on without one that is not there."""
HURRY = {"postDelay": 0, "initialPostDelay": 0, "newbiePostDelay": 0, "chatMessageDelay": 0}
"""Nobody has to wait between two posts."""


def missing() -> str:
    """What must be fetched or installed first, or ""."""
    if not FOLDER.exists():
        return f"no {FOLDER.name} in .cache/npm; run: make .cache/npm/{FOLDER.name} (needs npm and the network)"
    return "" if shutil.which("node") else "no node on PATH; on Debian: apt install nodejs"


class NodeBB(Process):
    """The running forum, with the categories and settings of a fresh one; a context manager."""

    def __init__(self, folder: Path, database: Redis) -> None:
        lock = json.loads((FOLDER / "node_modules" / ".package-lock.json").read_text())
        found = lock["packages"]["node_modules/nodebb"]["integrity"]
        assert found == SHA512, f"{FOLDER}: not the package that npm knows as {VERSION}; remove it and run make again"
        port = free_port()
        self.url = f"http://{HOST}:{port}"
        _lay_out(folder)
        database.put("config", HURRY)
        _set_up(folder, self.url, database.port)
        super().__init__(["node", "app.js"], port, folder / "said", {"NODE_ENV": "production", "bind_address": LOOPBACK}, cwd=folder)


def _lay_out(folder: Path) -> None:
    """The package's own files copied, what it needs linked."""
    packages = FOLDER / "node_modules"
    shutil.copytree(packages / "nodebb", folder)
    (folder / "node_modules").mkdir()
    for package in packages.iterdir():
        if package.name not in LEFT_OUT:
            (folder / "node_modules" / package.name).symlink_to(package)
    (folder / "public" / "uploads" / "sounds").mkdir(parents=True)


def _set_up(folder: Path, url: str, redis: int) -> None:
    """Its own setup with all answers given: settings, tables, scripts and styles."""
    admin = {
        "admin:username": "admin",
        "admin:password": "admin-one",
        "admin:password:confirm": "admin-one",
        "admin:email": f"admin@{HOST}",
    }
    answers = {"url": url, "secret": "a test's", "database": "redis", "redis:host": LOOPBACK, "redis:port": redis, **admin}
    done = subprocess.run(
        ["node", "app.js", f"--setup={json.dumps(answers)}"],
        cwd=folder,
        env={**os.environ, "NODE_ENV": "development"},  # scripts are joined, not made small, which takes a minute
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SETUP_S,
    )
    if "NodeBB Setup Completed" not in done.stdout or not (folder / "public" / "nodebb.min.js").exists():
        raise RuntimeError(f"NodeBB's setup failed:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}")
