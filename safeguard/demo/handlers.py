"""What the sample network answers at which address: pages, data fetched later, pictures, and two kinds of live streams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files

from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from safeguard.demo import pages, pictures
from safeguard.demo.content import LANGUAGES

POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' wss://{host}"
PAUSE_S = 0.05  # between two live messages, so that they come as separate ones
_TONGUE = "|".join(LANGUAGES)
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


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


class Running:
    """Knows which streams are open, so that the server can end without cutting one off in the middle of a line."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._streams: set[asyncio.Task[object]] = set()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Around a stream's work."""
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
        """Tell every stream to end."""
        self._stop.set()

    async def drained(self) -> None:
        """Wait for the streams to end."""
        if self._streams:
            await asyncio.wait(self._streams, timeout=2)


def application(running: Running) -> Application:
    """The whole network; its streams end when `running` ends."""
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
