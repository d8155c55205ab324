"""The Lounge, IRC in the browser, as its makers ship it on npm; nothing of it is changed and nothing is fetched from elsewhere.

It speaks plain HTTP, as it does unless told otherwise, and socket.io: long polling first, then a WebSocket with permessage-deflate.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.live.ngircd import CHANNEL
from tests.live.process import LOOPBACK, Process, free_port

HOST = "lounge.test"
VERSION = "2.6.0"
SHA512 = "sha512-iDLQNQb3pbxEo+N0uJipuupwyK1ZlVYxXSmA+KyRLs8f5h30+15t8N7Sd8GWyCYOd3G12ZWM6K86Ab5Qj8i+pg=="
"""Of the package, as the npm registry tells it (`npm view thelounge@VERSION dist.integrity`)."""
FOLDER = Path(__file__).parents[2] / ".cache" / "npm" / f"thelounge-{VERSION}"
KID, PASSWORD = "kid", "one"
HASH = "$2a$11$E32/jQnIHARSgFoGlKdk0ujIMsvgCWRb82WM1NmAZ7daHhj8U4cB."
"""Of PASSWORD, by bcrypt."""


def missing() -> str:
    """What must be fetched or installed first, or ""."""
    if not FOLDER.exists():
        return f"no {FOLDER.name} in .cache/npm; run: make .cache/npm/{FOLDER.name} (needs npm and the network)"
    return "" if shutil.which("node") else "no node on PATH; on Debian: apt install nodejs"


class Lounge(Process):
    """The running server; a context manager. It holds the line to IRC for KID, who signs in and out as at any provider."""

    def __init__(self, folder: Path, irc: int) -> None:
        lock = json.loads((FOLDER / "node_modules" / ".package-lock.json").read_text())
        found = lock["packages"]["node_modules/thelounge"]["integrity"]
        assert found == SHA512, f"{FOLDER}: not the package that npm knows as {VERSION}; remove it and run make again"
        port = free_port()
        network = {"name": "Family", "host": LOOPBACK, "port": irc, "tls": False}
        user = {"nick": KID, "username": KID, "realname": KID}
        settings = {
            "host": LOOPBACK,
            "port": port,
            "public": False,
            "prefetch": False,
            "displayNetwork": False,
            "lockNetwork": True,
            "defaults": {**network, **user},
        }
        (folder / "users").mkdir(parents=True, mode=0o700)
        (folder / "config.js").write_text(f"module.exports = {json.dumps(settings)};\n")
        own = {**network, **user, "channels": [{"name": CHANNEL}]}
        (folder / "users" / f"{KID}.json").write_text(json.dumps({"password": HASH, "log": False, "networks": [own], "sessions": {}}))
        command = ["node", str(FOLDER / "node_modules" / "thelounge" / "index.js"), "start"]
        super().__init__(command, port, folder / "said", {"LOUNGE_HOME": str(folder)})

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"
