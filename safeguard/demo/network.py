"""The sample network as a server: HTTPS on loopback, in a thread of its own, with WebSocket and server-sent events."""

from __future__ import annotations

import asyncio
import logging
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from safeguard.demo import certificate, pages, pictures
from safeguard.demo.content import LANGUAGES

HOST = "chorus.test"
LOOPBACK = "127.0.0.1"
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' wss://{host}"
PAUSE_S = 0.05  # between two live messages, so that they come as separate ones
_TONGUE = "|".join(LANGUAGES)
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}

logging.getLogger("tornado").addHandler(logging.NullHandler())  # a browser that hangs up is no news


class _Base(RequestHandler):
    def set_default_headers(self) -> None:
        self.set_header("Server", "chorus")
        self.set_header("Cache-Control", "no-store")


class _Home(_Base):
    def get(self) -> None:
        self.redirect("/en/")


class _Page(_Base):
    def get(self, lang: str, name: str) -> None:
        known = {path: page for page, path in pages.PATHS.items()}
        if name not in known:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", POLICY.format(host=self.request.host))
        self.finish(pages.page(lang, known[name]))


class _Api(_Base):
    def get(self, lang: str, name: str) -> None:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(pages.api_body(lang, name))


class _Picture(_Base):
    def get(self, name: str) -> None:
        if name == "logo.png":
            self.set_header("Content-Type", "image/png")
            self.finish(pictures.logo())
        elif (drawing := name.removesuffix(".svg")) in pictures.SVG:
            self.set_header("Content-Type", "image/svg+xml")
            self.finish(pictures.SVG[drawing])
        else:
            raise HTTPError(404)


class _Static(_Base):
    def get(self, name: str) -> None:
        self.set_header("Content-Type", _TYPES[name.rpartition(".")[2]])
        self.finish((files("safeguard.demo") / "static" / name).read_bytes())


class _Live(WebSocketHandler):
    async def open(self, lang: str) -> None:  # type: ignore[override]  # tornado awaits it
        with self.settings["running"].counted(), suppress(WebSocketClosedError):  # the page was left
            for message in pages.stream_messages(lang, "live"):
                await self.write_message(message)
                await asyncio.sleep(PAUSE_S)

    def on_message(self, message: str | bytes) -> None:
        """The sample network listens to nobody."""


class _Notes(_Base):
    async def get(self, lang: str) -> None:
        self.set_header("Content-Type", "text/event-stream")
        running = self.settings["running"]
        with running.counted(), suppress(StreamClosedError):  # the page was left
            for message in pages.stream_messages(lang, "notes"):
                self.write(f"data: {message}\n\n")
                await self.flush()
                await asyncio.sleep(PAUSE_S)
            while not await running.over(1.0):  # stays open, as real ones do: a filter that waits for the end would show nothing
                self.write(": still here\n\n")
                await self.flush()


class _Running:
    """Knows which streams are open, so that the server can end without cutting one off in the middle of a line."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._streams: set[asyncio.Task[object]] = set()

    @contextmanager
    def counted(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)
        try:
            yield
        finally:
            self._streams.discard(task)

    async def over(self, within_s: float | None = None) -> bool:
        """Wait for the end, at most so long; whether it has come."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), within_s)
        return self._stop.is_set()

    def end(self) -> None:
        self._stop.set()

    async def drained(self) -> None:
        if self._streams:
            await asyncio.wait(self._streams, timeout=2)


def _application(running: _Running) -> Application:
    return Application(
        [
            (r"/", _Home),
            (rf"/({_TONGUE})/([a-z]*)", _Page),
            (rf"/api/({_TONGUE})/({'|'.join(pages.APIS)})", _Api),
            (r"/pictures/([a-z.]+)", _Picture),
            (r"/static/(chorus\.(?:css|js))", _Static),
            (rf"/live/({_TONGUE})", _Live),
            (rf"/notes/({_TONGUE})", _Notes),
        ],
        log_function=lambda handler: None,
        compress_response=True,
        running=running,
    )


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
        self._running: _Running | None = None

    @property
    def url(self) -> str:
        """Address of its first page."""
        return f"https://{self.host}:{self.port}/"

    async def _serve(self) -> None:
        self._loop, self._running = asyncio.get_running_loop(), _Running()
        server = HTTPServer(_application(self._running), ssl_options=self._context)
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
