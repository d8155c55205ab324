"""How `safeguard log show CODE --reveal` asks a running filter of the same account for a text that only its memory holds.

A 0600 Unix socket in the private state folder; where there is none (Windows, a path too long), loopback with a secret kept there.
One question a connection: a line `SECRET CODE`, answered by `+` and the text, or by `-`.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from safeguard.system import private
from safeguard.system.memory import MOST_BYTES

LOOPBACK = "127.0.0.1"
LONGEST_PATH = 100  # bytes of a Unix socket's path; systems allow 104 to 108
LONGEST_LINE = 256
PATIENCE_S = 2.0
ASK_S = 5.0
BACKLOG = 64  # a full one refuses at once on a Unix socket
SWEEP_S = 20.0
MOST_RUNNING = 16
"""Filters of one account that are asked."""
_CODE = re.compile(r"[A-Za-z0-9-]{1,40}")
_FILE = re.compile(r"reveal-\d+\.(?:sock|port)")


class Service:
    """Answers while the filter runs; a context manager.

    ask:   code -> the text as UTF-8, or None.
    sweep: called every SWEEP_S seconds.
    patience: seconds that a client may say nothing.
    """

    def __init__(
        self,
        folder: Path,
        ask: Callable[[str], bytes | None],
        sweep: Callable[[], None],
        unix: bool | None = None,
        patience: float = PATIENCE_S,
    ) -> None:
        private.folder(folder)
        self._ask, self._sweep, self._patience = ask, sweep, patience
        name = f"reveal-{os.getpid()}"
        path = folder / f"{name}.sock"
        if unix is None:
            unix = hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) <= LONGEST_PATH
        self._secret = "-" if unix else secrets.token_hex(32)
        self.path = path if unix else folder / f"{name}.port"
        self.path.unlink(missing_ok=True)  # of a process of the same number that was killed
        if unix:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.bind(str(path))  # the folder is 0700, so nobody is faster than the next line
            path.chmod(0o600)
            self._socket.listen(BACKLOG)
        else:
            self._socket = socket.create_server((LOOPBACK, 0), backlog=BACKLOG)
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
                json.dump({"port": self._socket.getsockname()[1], "secret": self._secret}, f)
        self._socket.settimeout(SWEEP_S)
        self._stop = False
        self._thread = threading.Thread(target=self._serve, name="safeguard-reveal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop = True
        with contextlib.suppress(OSError), _connected(self.path):
            pass  # wakes it up
        self._thread.join(2 * self._patience)
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while not self._stop:
            try:
                client, _ = self._socket.accept()
            except TimeoutError:
                self._sweep()
                continue
            except OSError:  # out of file descriptors: the next one may be lucky
                threading.Event().wait(0.2)
                continue
            with client, contextlib.suppress(OSError):
                client.settimeout(self._patience)
                self._answer(client)
            self._sweep()

    def _answer(self, client: socket.socket) -> None:
        said, _, code = _read(client, LONGEST_LINE, b"\n").decode("ascii", "replace").strip().partition(" ")
        if hmac.compare_digest(said.encode("ascii", "replace"), self._secret.encode()) and _CODE.fullmatch(code):
            text = self._ask(code)
            client.sendall(b"-" if text is None else b"+" + text)


@dataclass(frozen=True, slots=True)
class Answer:
    """text: None where nobody has it. asked: how many running filters there were."""

    text: str | None
    asked: int


@dataclass(frozen=True, slots=True)
class Running:
    """A filter of this account at work. since: milliseconds since 1970, UTC."""

    pid: int
    since: int


def running(folder: Path) -> list[Running]:
    """The filters of this account that answer now, the one that has run longest first."""
    found = []
    for path in _files(folder):
        with contextlib.suppress(OSError, ValueError, private.NotPrivate):  # as below
            private.check(path)
            since = path.stat().st_mtime_ns // 10**6
            with _connected(path):
                found.append(Running(int(re.sub(r"\D", "", path.name)), since))
    return sorted(found, key=lambda r: (r.since, r.pid))


def _files(folder: Path) -> list[Path]:
    """What may lead to running filters."""
    try:
        return sorted(p for p in folder.iterdir() if _FILE.fullmatch(p.name))[:MOST_RUNNING]
    except OSError:
        return []


def ask(folder: Path, code: str) -> Answer:
    """Ask every running filter of this account for the text behind a code (as the notice shows it)."""
    asked = 0
    if not _CODE.fullmatch(code):
        return Answer(None, 0)
    for path in _files(folder):
        try:
            private.check(path)
            with _connected(path) as (server, secret):
                server.sendall(f"{secret} {code}\n".encode())
                got = _read(server, MOST_BYTES + 1)
        except (OSError, ValueError, private.NotPrivate):  # of a filter that was killed, or of nobody we know
            continue
        asked += 1
        if got[:1] == b"+":
            return Answer(got[1:].decode("utf-8", "replace"), asked)
    return Answer(None, asked)


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[tuple[socket.socket, str]]:
    """The filter's socket, and its secret. Raises OSError where nobody is there, ValueError for a broken file."""
    if path.suffix == ".sock":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(ASK_S)
            s.connect(str(path))
            yield s, "-"
        return
    told = json.loads(path.read_bytes()[:1000])
    if not (isinstance(told, dict) and isinstance(told.get("port"), int) and isinstance(told.get("secret"), str)):
        raise ValueError("not the file of a running filter")
    with socket.create_connection((LOOPBACK, told["port"]), timeout=ASK_S) as s:
        yield s, told["secret"]


def _read(s: socket.socket, most: int, until: bytes = b"") -> bytes:
    """To the end, to `until`, or so many bytes."""
    out = bytearray()
    while len(out) < most and not (until and until in out):
        more = s.recv(min(65536, most - len(out)))
        if not more:
            break
        out += more
    return bytes(out)
