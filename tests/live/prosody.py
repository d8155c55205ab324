"""Prosody as a family's own chat server would run it: web client, WebSocket, archive and rooms on one HTTPS origin, on loopback alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from safeguard.demo import certificate
from tests.live.process import LOOPBACK, Process, free_port

HOST = "chat.test"
ROOMS = "rooms.chat.test"
PATH = "/xmpp-websocket"

CONFIG = """\
run_as_root = {root}
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ info = "{folder}/prosody.log" }}
admins = {{}}
modules_enabled = {{
  "disco", "roster", "saslauth", "carbons", "blocklist", "bookmarks", "pep", "private", "smacks", "vcard4", "vcard_legacy",
  "csi_simple", "ping", "offline", "mam", "websocket", "http_files", "posix"
}}
modules_disabled = {{ "s2s" }}
authentication = "internal_plain"
storage = "internal"
default_archive_policy = true
interfaces = {{ "{loopback}" }}
c2s_ports = {{}}
c2s_direct_tls_ports = {{}}
http_ports = {{}}
https_ports = {{ {port} }}
https_interfaces = {{ "{loopback}" }}
https_ssl = {{ certificate = "{folder}/server.crt"; key = "{folder}/server.key" }}
ssl = {{ certificate = "{folder}/server.crt"; key = "{folder}/server.key" }}
consider_websocket_secure = true
http_files_dir = "{www}"
http_files_cache_max_file_size = 0
http_paths = {{ files = "/" }}
mime_types_file = "{folder}/mime.types"

VirtualHost "{host}"

Component "{rooms}" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_log_by_default = true
"""
TYPES = "\napplication/json json \napplication/wasm wasm \nfont/woff2 woff2 \naudio/mpeg mp3 \naudio/ogg ogg \nimage/webp webp \n"


def missing() -> str:
    """What must be installed first, or ""."""
    return "" if shutil.which("prosody") else "no prosody on PATH; on Debian: apt install prosody"


class Prosody(Process):
    """The running server; a context manager. Its folder is the caller's.

    ca: PEM of the throwaway authority that vouches for HOST. accounts: name -> password. www: folder with the web client.
    """

    def __init__(self, folder: Path, www: Path, accounts: dict[str, str]) -> None:
        self._folder = folder
        port = free_port()
        identity = certificate.make(HOST)
        self.ca = identity.ca
        folder.mkdir(mode=0o700)
        (folder / "server.crt").write_bytes(identity.certificate)
        (folder / "server.key").write_bytes(identity.key)
        (folder / "mime.types").write_text(TYPES)
        data = folder / "data" / HOST.replace(".", "%2e") / "accounts"
        data.mkdir(parents=True)
        for name, password in accounts.items():
            (data / f"{name}.dat").write_text(f'return {{ ["password"] = "{password}" }};\n')
        root = str(hasattr(os, "geteuid") and os.geteuid() == 0).lower()
        config = CONFIG.format(root=root, folder=folder, www=www, port=port, loopback=LOOPBACK, host=HOST, rooms=ROOMS)
        (folder / "prosody.cfg.lua").write_text(config)
        super().__init__(["prosody", "-F", "--config", str(folder / "prosody.cfg.lua")], port, folder / "said")

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"https://{HOST}:{self.port}"

    def log(self) -> str:
        """What it wrote, for a test's message."""
        own = self._folder / "prosody.log"
        return super().log() + (own.read_text(errors="replace") if own.exists() else "")
