"""Serves the page on 127.0.0.1 from threads of its own, beside the filter."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from werkzeug.http import parse_cookie

from safeguard.errors import SafeguardError
from safeguard.language import _
from safeguard.web import session
from safeguard.web.deps import LOOPBACK
from safeguard.web.evidence import MOST_UPLOAD

MOST_BODY = MOST_UPLOAD + 2**16
"""What is larger is refused before it is read; what comes is kept in files until the app has looked at it, hence few connections."""
MOST_UNKNOWN = 2**14
"""The same of who is not signed in: a PIN is short."""


class PageError(SafeguardError):
    """The page cannot be served (its port is taken)."""


def _channel_class(known: Callable[[str], bool]) -> type[HTTPChannel]:
    """Connections on which a large body is taken from a session alone."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
        adj: Any

        def parse_header(self, head: bytes) -> None:
            super().parse_header(head)
            if not known(parse_cookie(self.headers.get("COOKIE", "")).get(session.COOKIE, "")):
                self.adj = copy(self.adj)  # every connection has the same one
                self.adj.max_request_body_size = MOST_UNKNOWN

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser

    return Channel


class Server:
    """The page at work. port: where; 0 for any free one, then make_app learns which. Raises PageError."""

    def __init__(self, make_app: Callable[[int], Flask], port: int) -> None:
        logging.getLogger("waitress").setLevel(logging.CRITICAL)  # it would write requests it could not read into the parent's terminal
        self._app: Flask | None = None
        self._map: dict[int, Any] = {}  # its own: the one that all of a process share would never be empty
        listening = socket.socket()
        try:
            if sys.platform != "win32":  # there it would let another program take the port too
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((LOOPBACK, port))
        except OSError as e:
            listening.close()
            raise PageError(
                _(
                    "the parents' page cannot listen on %(address)s (%(why)s); choose another page.port",
                    address=f"{LOOPBACK}:{port}",
                    why=e.strerror,
                )
            ) from e
        self.port = int(listening.getsockname()[1])
        self._server = create_server(
            self._answer,
            self._map,
            sockets=[listening],
            threads=4,
            ident=None,
            channel_timeout=30,
            max_request_body_size=MOST_BODY,
            connection_limit=20,
            max_request_header_size=2**14,
        )
        self._app = make_app(self.port)
        self._server.channel_class = _channel_class(self._app.extensions[session.KNOWN])
        self._thread = threading.Thread(target=self._server.run, name="safeguard-page", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/"

    def close(self) -> None:
        """Ends it: what is at work is answered, no new request is. Safe to call twice."""
        if not self._thread.is_alive():
            return
        trigger = self._server.trigger
        trigger.pull_trigger(self._end)
        self._thread.join(10)
        trigger.close()  # not before: whoever pulls it must find it
        self._server.task_dispatcher.shutdown(timeout=5)

    def _end(self) -> None:
        """On the server's own thread, whose loop ends when nothing is left to listen to."""
        for channel in list(self._map.values()):
            if channel is not self._server.trigger:
                channel.close()
        self._map.clear()

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        assert self._app is not None
        return self._app(environ, start)
