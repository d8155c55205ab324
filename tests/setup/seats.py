"""A child's seat: a real Chromium or Firefox under managed policies, in front of a tiny internet in which going past the proxy is seen."""

from __future__ import annotations

import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

from safeguard.system.chromium_pipe import Chromium, Page, find_chromium
from tests.setup import apart
from tests.setup.marionette import Firefox

BESIDE = "127.0.0.2"
"""What the browser's own resolver says of a watched host: there stands a Trap, while the proxy knows the real server."""


class Trap:
    """Counts who comes past the proxy, and answers with what no child may see."""

    def __init__(self, port: int, body: bytes) -> None:
        trap = self
        self.visits = 0

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                trap.visits += 1
                if self.request.recv(65536).startswith(b"GET"):
                    self.request.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer((BESIDE, port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Seat:
    """A browser. look(address): (why it did not open or "", what a reader sees)."""

    look: Callable[[str], tuple[str, str]]
    refused: str
    """Its name for a proxy that does not answer."""
    chromium: Chromium | None = None
    firefox: Firefox | None = None

    def within(self, seconds: float, address: str) -> str:
        """What a reader sees; it must be there in that time."""
        began = time.monotonic()
        error, text = self.look(address)
        assert error == ""
        assert time.monotonic() - began < seconds
        return text


KINDS = ("chromium", "firefox")


@contextmanager
def seat(kind: str, folder: Path, files: Mapping[PurePosixPath, bytes], hosts: Mapping[str, str]) -> Iterator[Seat]:
    """A browser of that kind with those files in its /etc and those host names. Skips where it is not installed."""
    apart.need_apart()
    found = find_chromium() if kind == "chromium" else shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        pytest.skip(f"{kind} is not installed")
    program = apart.program(folder / "apart", found, files, hosts)
    if kind == "firefox":
        with Firefox(program, folder / "own") as f:
            yield Seat(lambda address: (f.goto(address), f.text()), "proxyConnectFailure", firefox=f)
        return
    with Chromium(binary=program) as c:
        tabs: list[Page] = []

        def look(address: str) -> tuple[str, str]:
            if not tabs:
                tabs.append(c.open("about:blank"))
            tabs[0].goto(address)
            # asked again where the page that says why it failed comes just then
            return tabs[0].error, str(tabs[0].wait("document.body && '.' + document.body.innerText"))[1:]

        yield Seat(look, "net::ERR_PROXY_CONNECTION_FAILED", chromium=c)
