"""How an installed SafeGuard, whose folders are the service's alone, gives alerts to `safeguard agent` in a parent's session.

A Unix socket that everybody can reach; the system says whose process is at the other end, and only a parent's gets anything.
A connection: the agent says its language in a line; for each message a line {"title", "text"}, answered by SHOWN; {"end"} at last.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from safeguard.errors import AlertError, SafeguardError
from safeguard.language import _

Show = Callable[[str, str], None]
SHOWN = b"shown\n"
LONGEST = 20_000  # bytes of a line
PATIENCE_S = 10.0
BACKLOG = 64
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


class Door:
    """Answers while the filter runs; a context manager.

    path: the socket, in a folder of ours that others can enter. may: whether that uid is a parent's.
    tell: shows what is due through the Show it gets, in that language; both are called on the door's thread.
    """

    def __init__(
        self,
        path: Path,
        may: Callable[[int], bool],
        tell: Callable[[Show, str], object],
        patience: float = PATIENCE_S,
    ) -> None:
        self._path, self._may, self._tell, self._patience = path, may, tell, patience
        path.unlink(missing_ok=True)  # of a filter that was killed
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o666)
        self._inode = path.stat().st_ino
        self._socket.listen(BACKLOG)
        self._stop = False
        self._thread = threading.Thread(target=self._serve, name="safeguard-door", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes it up
        self._thread.join(self._patience)
        self._socket.close()
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._inode:  # not that of a filter that began meanwhile
                self._path.unlink()

    def _serve(self) -> None:
        while not self._stop:
            try:
                client, _address = self._socket.accept()
            except OSError:  # the end, or out of file descriptors: the next one may be lucky
                threading.Event().wait(0.2)
                continue
            with client, contextlib.suppress(OSError, SafeguardError):  # what could not be shown waits on
                client.settimeout(self._patience)
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        if not self._may(peer(client)):
            client.sendall(b'{"refused": true}\n')
            return
        with client.makefile("rb") as lines:
            lang = lines.readline(20).decode("ascii", "replace").strip()

            def show(title: str, text: str) -> None:
                try:
                    client.sendall(json.dumps({"title": title, "text": text}).encode() + b"\n")
                    if lines.readline(20) == SHOWN:
                        return
                except OSError:
                    pass
                raise AlertError(_("alerts: the parent's session did not show them"))

            self._tell(show, lang)
            client.sendall(b'{"end": true}\n')


def possible() -> bool:
    """Whether this system says whose process is at the other end of a socket, in the way that is known here."""
    return sys.platform == "linux"


def peer(client: socket.socket) -> int:
    """The uid of the process that connected, as the system knows it."""
    uid: int = _CREDENTIALS.unpack(client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))[1]
    return uid


class Refused(AlertError):
    """This account is no parent's."""


def fetch(path: Path, lang: str, show: Show) -> int:
    """Shows what the service has to tell now; returns how many messages. Raises AlertError; what was not shown waits on."""
    count = 0
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(2 * PATIENCE_S)
            s.connect(os.fspath(path))
            with contextlib.suppress(BrokenPipeError):  # refused already; why stands in the answer
                s.sendall(lang.encode("ascii", "replace") + b"\n")
            with s.makefile("rb") as lines:
                while True:
                    said = json.loads(lines.readline(LONGEST) or b"{}")
                    if said.get("refused"):
                        raise Refused("alerts: this account gets none; `sudo safeguard setup --parent ACCOUNT` says whose session does")
                    if "text" not in said:
                        break
                    show(str(said["title"]), str(said["text"]))
                    s.sendall(SHOWN)
                    count += 1
    except (OSError, ValueError) as e:
        raise AlertError(_("alerts: the filter does not answer; is it running? See: safeguard status")) from e
    if not said.get("end"):
        raise AlertError(_("alerts: the filter could not read them; it tries again"))
    return count
