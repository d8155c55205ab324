"""A plain client for the sample network: HTTPS, WebSocket and server-sent events, straight or through the proxy, certificates verified."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, RejectConnection, Request, TextMessage
from wsproto.utilities import RemoteProtocolError

from safeguard.demo import pages
from safeguard.demo.content import LANGUAGES
from safeguard.demo.reading import View

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Client:
    """Where to connect to and whom to trust.

    host, port: of the sample network; its name need not resolve.
    ca:         PEM of the authority that must have signed what answers.
    connect_to: loopback port: the proxy's, or the network's own for a direct visit.
    proxied:    whether a proxy listens there.
    """

    host: str
    port: int
    ca: bytes
    connect_to: int
    proxied: bool

    def visit(self) -> View:
        """Visit everything there is. A part that does not come leaves its texts out of the view."""
        view = View()
        for lang in LANGUAGES:
            for page in pages.PAGES:
                self._try(lambda lang=lang, page=page: view.add_html(self.get(pages.page_path(lang, page))))  # type: ignore[misc]
            for api in pages.APIS:
                self._try(lambda lang=lang, api=api: view.add_json(self.get(f"/api/{lang}/{api}")))  # type: ignore[misc]
            self._try(lambda lang=lang: self.web_socket(f"/live/{lang}", view.add_json))  # type: ignore[misc]
            self._try(lambda lang=lang: self.events(f"/notes/{lang}", view.add_json))  # type: ignore[misc]
        return view

    def get(self, path: str) -> str:
        """Body of an answer. Raises OSError or http.client.HTTPException."""
        connection = self._http()
        try:
            connection.request("GET", path, headers={"Accept": "*/*"})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def events(self, path: str, take: Callable[[str], None]) -> None:
        """Hand over server-sent events until as many came as the first one promised. Raises OSError or http.client.HTTPException."""
        connection = self._http()
        try:
            connection.request("GET", path, headers={"Accept": "text/event-stream"})
            answer = connection.getresponse()
            left: int | None = None
            while left != 0 and (line := answer.readline()):
                if line.startswith(b"data: "):
                    left = _take(line[6:].decode().rstrip("\r\n"), left, take)
        finally:
            connection.close()

    def web_socket(self, path: str, take: Callable[[str], None]) -> None:
        """The same over a WebSocket. Raises OSError or RemoteProtocolError."""
        talk = WSConnection(ConnectionType.CLIENT)
        with self._tls() as wire:
            wire.sendall(talk.send(Request(host=f"{self.host}:{self.port}", target=path)))
            left: int | None = None
            parts: list[str] = []
            while left != 0:
                talk.receive_data(wire.recv(65536) or None)
                for event in talk.events():
                    if isinstance(event, TextMessage):
                        parts.append(event.data)
                        if event.message_finished:
                            left = _take("".join(parts), left, take)
                            parts.clear()
                    elif isinstance(event, RejectConnection | CloseConnection):
                        return
                    else:
                        assert isinstance(event, AcceptConnection)

    def _try(self, step: Callable[[], None]) -> None:
        """One part of a visit: if it fails, its texts are missing and are counted as such."""
        try:
            step()
        except (OSError, http.client.HTTPException, RemoteProtocolError):
            return

    def _tls(self) -> ssl.SSLSocket:
        with ExitStack() as failed:  # wrap_socket closes what it is given, except where it raises
            wire = failed.enter_context(socket.create_connection(("127.0.0.1", self.connect_to), TIMEOUT_S))
            if self.proxied:
                self._tunnel(wire)
            wrapped = ssl.create_default_context(cadata=self.ca.decode()).wrap_socket(wire, server_hostname=self.host)
            failed.pop_all()
            return wrapped

    def _tunnel(self, wire: socket.socket) -> None:
        there = f"{self.host}:{self.port}"
        wire.sendall(f"CONNECT {there} HTTP/1.1\r\nHost: {there}\r\n\r\n".encode())
        said = b""
        while b"\r\n\r\n" not in said:
            more = wire.recv(4096)
            if not more:
                raise ConnectionError("the proxy closed the connection")
            said += more
        if said.split(b" ", 2)[1] != b"200":
            raise ConnectionError("the proxy refused: " + said.split(b"\r\n", 1)[0].decode(errors="replace"))

    def _http(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        connection.sock = self._tls()
        return connection


def _take(raw: str, left: int | None, take: Callable[[str], None]) -> int | None:
    """Hand one message over; returns how many are still to come, None while nobody has said."""
    take(raw)
    if left is not None:
        return left - 1
    try:
        total = json.loads(raw).get("total")
    except (ValueError, AttributeError):
        return None
    return total if isinstance(total, int) else None
