"""converse.js as its makers ship it on npm, laid out as a web page; nothing of it is changed and nothing is fetched from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
from pathlib import Path

from tests.live.prosody import PATH

VERSION = "14.0.0"
SHA512 = "LFUg030jDalV47vI/vyVPqYPZfJYXFbubq8v0cFDe2zXNeeGEk3Up0Fj/WTzT6t+6do+cAIToy73eAj7RNDj2Q=="
"""Of the package, as the npm registry tells it (`npm view converse.js@VERSION dist.integrity`)."""
PACKAGE = Path(__file__).parents[2] / ".cache" / "npm" / f"converse.js-{VERSION}.tgz"

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Chat</title><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="img-src 'self' data: blob:; connect-src 'self' ORIGIN">
<link rel="stylesheet" href="/dist/converse.min.css"><script type="module" src="/dist/converse.min.js"></script></head>
<body class="converse-fullscreen"><div id="conversejs-bg"></div><script type="module">converse.initialize(SETTINGS)</script></body></html>
"""


def missing() -> str:
    """What must be fetched first, or ""."""
    return "" if PACKAGE.exists() else f"no {PACKAGE.name} in .cache/npm; run: make .cache/npm/{PACKAGE.name} (needs npm and the network)"


def unpack(www: Path) -> None:
    """Lay out the package's built files under www/dist."""
    found = base64.b64encode(hashlib.sha512(PACKAGE.read_bytes()).digest()).decode()
    assert found == SHA512, f"{PACKAGE}: not the package that npm knows as {VERSION}; remove it and run make again"
    with tarfile.open(PACKAGE) as tar:
        for member in tar:
            if member.name.startswith("package/dist/") and member.isfile() and not member.name.endswith(".map"):
                member.name = member.name.removeprefix("package/")
                tar.extract(member, www, filter="data")


def write_page(www: Path, origin: str) -> None:
    """A page whose visitor logs in by the form, as at any provider."""
    socket = origin.replace("https:", "wss:") + PATH
    settings = {
        "websocket_url": socket,
        "authentication": "login",
        "discover_connection_methods": False,
        "assets_path": "/dist/",
        "view_mode": "fullscreen",
        "i18n": "en",
        "allow_registration": False,
        "allow_non_roster_messaging": True,
        "play_sounds": False,
        "muc_nickname_from_jid": True,
        "blacklisted_plugins": ["converse-omemo"],  # makes a hundred keys at the first login; nobody here encrypts
        "loglevel": "warn",
    }
    (www / "index.html").write_text(PAGE.replace("SETTINGS", json.dumps(settings)).replace("ORIGIN", socket), encoding="utf-8")
