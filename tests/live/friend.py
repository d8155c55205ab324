"""The other side of the chat: a small XMPP client over a WebSocket (RFC 7395), straight to the server, past the filter."""

from __future__ import annotations

import base64
import socket
import ssl
import uuid
from types import TracebackType
from typing import Self
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, Request, TextMessage

from tests.live.process import LOOPBACK
from tests.live.prosody import HOST, PATH

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
WAIT_S = 15.0


class Friend:
    """One user, logged in and present; a context manager. Every wait ends after WAIT_S with TimeoutError."""

    def __init__(self, port: int, ca: bytes, name: str, password: str) -> None:
        self.jid = f"{name}@{HOST}"
        self._inbox: list[str] = []
        self._partial = ""
        context = ssl.create_default_context(cadata=ca.decode())
        plain = socket.create_connection((LOOPBACK, port), WAIT_S)
        self._socket = context.wrap_socket(plain, server_hostname=HOST)
        self._ws = WSConnection(ConnectionType.CLIENT)
        self._write(self._ws.send(Request(host=f"{HOST}:{port}", target=PATH, subprotocols=["xmpp"])))
        while not any(isinstance(e, AcceptConnection) for e in self._events()):
            pass
        self._open()
        token = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>")
        self.until("<success")
        self._open()
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>test</resource></bind>"
        self.send(f"<iq xmlns='jabber:client' type='set' id='bind'>{bind}</iq>")
        self.until("<jid>")
        self.send("<presence xmlns='jabber:client'/>")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def send(self, stanza: str) -> None:
        """One stanza, one frame; each names its namespace, for no stream around it does."""
        self._write(self._ws.send(TextMessage(stanza)))

    def say(self, to: str, text: str, *, kind: str = "chat", extra: str = "") -> str:
        """Send a message; its id."""
        number = uuid.uuid4().hex
        body = f"<body>{escape(text)}</body>{extra}"
        self.send(f"<message xmlns='jabber:client' to={quoteattr(to)} type='{kind}' id='{number}'>{body}</message>")
        return number

    def join(self, room: str, nick: str) -> None:
        """Enter a room (made by the first who enters) and wait until inside."""
        target = quoteattr(f"{room}/{nick}")
        self.send(f"<presence xmlns='jabber:client' to={target}><x xmlns='http://jabber.org/protocol/muc'/></presence>")
        self.until("<subject")

    def until(self, part: str) -> str:
        """The next stanza that contains this; what came before it is gone."""
        while True:
            while self._inbox:
                if part in (stanza := self._inbox.pop(0)):
                    return stanza
            self._receive()

    def hears(self, part: str) -> tuple[str, str]:
        """Sender and text of the next message whose text contains this."""
        while True:
            message = ET.fromstring(self.until("<body>"))
            text = message.findtext("{jabber:client}body") or ""
            if part in text:
                return message.get("from", ""), text

    def _open(self) -> None:
        self.send(f"<open xmlns='{FRAMING}' to='{HOST}' version='1.0'/>")
        self.until("<stream:features")

    def _receive(self) -> None:
        for event in self._events():
            if isinstance(event, TextMessage):
                self._partial += event.data
                if event.message_finished:
                    self._inbox.append(self._partial)
                    self._partial = ""
            elif isinstance(event, Ping):
                self._write(self._ws.send(event.response()))
            elif isinstance(event, CloseConnection):
                raise ConnectionError(f"the server hung up: {event.code} {event.reason}")

    def _events(self) -> list[Event]:
        data = self._socket.recv(65536)
        self._ws.receive_data(data or None)
        return list(self._ws.events())

    def _write(self, data: bytes) -> None:
        self._socket.sendall(data)
