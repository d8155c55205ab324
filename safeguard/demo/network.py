"""The sample network as a server: HTTPS on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from safeguard.demo import certificate
from safeguard.demo.handlers import Running, application

HOST = "chorus.test"
LOOPBACK = "127.0.0.1"
logging.getLogger("tornado").addHandler(logging.NullHandler())  # a browser that hangs up is no news


class SampleNetwork:
    """The running server; a context manager.

    host: its name; port: its loopback port; ca: PEM of the throwaway authority that vouches for it.
    """

    def __init__(self) -> None:
        self.host = HOST
        identity = certificate.make(HOST)
        self.ca = identity.ca
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="safeguard-demo-") as folder:  # ssl reads keys from files only
            both = Path(folder) / "server.pem"
            both.touch(mode=0o600)
            both.write_bytes(identity.certificate + identity.key)
            context.load_cert_chain(both)
        self._context = context
        self._sockets = bind_sockets(0, LOOPBACK)
        self.port: int = self._sockets[0].getsockname()[1]
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="sample-network", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: Running | None = None

    @property
    def url(self) -> str:
        """Address of its first page."""
        return f"https://{self.host}:{self.port}/"

    async def _serve(self) -> None:
        self._loop, self._running = asyncio.get_running_loop(), Running()
        server = HTTPServer(application(self._running), ssl_options=self._context)
        server.add_sockets(self._sockets)
        self._ready.set()
        await self._running.over()
        server.stop()
        await self._running.drained()
        await server.close_all_connections()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop is not None and self._running is not None:
            self._loop.call_soon_threadsafe(self._running.end)
        self._thread.join(10)
