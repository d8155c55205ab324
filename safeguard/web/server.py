"""Serves the page on 127.0.0.1 from threads of its own, beside the filter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from safeguard.errors import SafeguardError
from safeguard.web.deps import LOOPBACK


class PageError(SafeguardError):
    """The page cannot be served (its port is taken)."""


class Server:
    """The page at work. port: where; 0 for any free one, then make_app learns which. Raises PageError."""

    def __init__(self, make_app: Callable[[int], Flask], port: int) -> None:
        logging.getLogger("waitress").setLevel(logging.CRITICAL)  # it would write requests it could not read into the parent's terminal
        self._app: Flask | None = None
        try:
            self._server = create_server(
                lambda environ, start: self._answer(environ, start),
                host=LOOPBACK,
                port=port,
                threads=4,
                ident=None,
                channel_timeout=30,
                max_request_body_size=2**18,
                max_request_header_size=2**14,
                map={},  # not the one that all of a process share
            )
        except OSError as e:
            raise PageError(f"the parents' page cannot listen on {LOOPBACK}:{port} ({e.strerror}); choose another page.port") from e
        self.port = int(self._server.effective_port)
        self._app = make_app(self.port)
        self._thread = threading.Thread(target=self._server.run, name="safeguard-page", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/"

    def close(self) -> None:
        """Ends it: no new requests, those at work are answered."""
        server = self._server
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # on its own thread; its loop ends with the last socket
        self._thread.join(10)
        server.task_dispatcher.shutdown(timeout=5)

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        assert self._app is not None
        return self._app(environ, start)
