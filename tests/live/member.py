"""The other side of the forum: a user who registers over HTTP and acts by socket.io events, straight to the server, past the filter."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from wsproto import ConnectionType, WSConnection
from wsproto.events import Request, TextMessage

from tests.live.process import LOOPBACK

WAIT_S = 15.0
TALK = 2
"""Number of the category "General Discussion" of a fresh forum."""


class Member:
    """One registered user. Every wait ends after WAIT_S with TimeoutError."""

    def __init__(self, port: int, host: str, name: str, password: str) -> None:
        self.name, self.password = name, password
        self._port, self._host = port, f"{host}:{port}"
        self._cookies: dict[str, str] = {}
        token = self.get("/api/config")["csrf_token"]
        form = {"username": name, "password": password, "password-confirm": password, "email": f"{name}@{host}"}
        self._http("POST", "/register", urlencode(form), {"x-csrf-token": token, "Content-Type": "application/x-www-form-urlencoded"})
        self.number: int = self.get(f"/api/user/{name}")["uid"]

    def get(self, path: str) -> Any:
        """What the forum tells this user as JSON."""
        return json.loads(self._http("GET", path))

    def topic(self, title: str, text: str) -> int:
        """Open a topic; its number."""
        return int(self.emit("topics.post", {"cid": TALK, "title": title, "content": text})["tid"])

    def reply(self, topic: int, text: str) -> int:
        """Answer in a topic; the post's number."""
        return int(self.emit("posts.reply", {"tid": topic, "content": text})["pid"])

    def edit(self, post: int, text: str) -> None:
        self.emit("posts.edit", {"pid": post, "content": text})

    def room(self, other: Member) -> int:
        """A private chat with another; its number."""
        return int(self.emit("modules.chats.newRoom", {"touid": other.number}))

    def say(self, room: int, text: str) -> None:
        self.emit("modules.chats.send", {"roomId": room, "message": text})

    def emit(self, event: str, data: object) -> Any:
        """One event over a WebSocket of its own, and what the forum answers to it (an acknowledgement)."""
        with socket.create_connection((LOOPBACK, self._port), WAIT_S) as line:
            ws = WSConnection(ConnectionType.CLIENT)
            headers = [(b"Cookie", self._cookie().encode())]
            line.sendall(ws.send(Request(host=self._host, target="/socket.io/?EIO=3&transport=websocket", extra_headers=headers)))
            for text in _messages(line, ws):
                if text == "40":  # connected: what is said sooner is lost
                    line.sendall(ws.send(TextMessage("420" + json.dumps([event, data]))))
                if text.startswith("430"):
                    break
        failed, answer = [*json.loads(text[3:]), None][:2]
        assert failed is None, f"{event}: {failed}"
        return answer

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _http(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> bytes:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=WAIT_S)
        try:
            connection.request(method, path, body, {"Host": self._host, "Cookie": self._cookie(), **(headers or {})})
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status == 200, (method, path, answer.status, told[:500])
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return told
        finally:
            connection.close()


def _messages(line: socket.socket, ws: WSConnection) -> Iterator[str]:
    """Every whole text message until the forum hangs up, which is an error."""
    text = ""
    while data := line.recv(65536):
        ws.receive_data(data)
        for event in ws.events():
            if isinstance(event, TextMessage):
                text += event.data
                if event.message_finished:
                    yield text
                    text = ""
    raise ConnectionError("the forum hung up")
