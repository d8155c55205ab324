"""Another member of the forum, who speaks to its JSON API straight, past the filter."""

from __future__ import annotations

import html
import http.client
import http.cookies
import json
import re
import ssl
from typing import Any

from tests.live.misago import CATEGORY, HOST
from tests.live.process import LOOPBACK

WAIT_S = 60.0  # the first who asks waits until the forum has read its own parts


class Member:
    """One signed-in user."""

    def __init__(self, port: int, ca: bytes, name: str, password: str) -> None:
        self._port = port
        self._trust = ssl.create_default_context(cadata=ca.decode())
        self._trust.check_hostname = False  # asked for by its address
        self._cookies: dict[str, str] = {}
        self.get("/")
        self._post("/api/auth/", {"username": name, "password": password})

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def thread(self, title: str, *posts: str, to: str = "") -> str:
        """Start one with these posts; its address. to: a member with whom it is private."""
        first, *others = posts
        api = "/api/private-threads/" if to else "/api/threads/"
        begun = self._post(api, {"title": title, "post": first} | ({"to": [to]} if to else {"category": CATEGORY}))
        for text in others:
            self.reply(begun["url"], text)
        return str(begun["url"])

    def reply(self, thread: str, text: str) -> None:
        self._post(f"{_api(thread)}posts/", {"post": text})

    def poll(self, thread: str, question: str, *options: str) -> None:
        choices = [{"label": o} for o in options]
        asked = {"question": question, "choices": choices, "length": 0, "allowed_choices": 1, "allow_revotes": True, "is_public": True}
        self._post(f"{_api(thread)}poll/", asked)

    def texts(self, thread: str) -> list[str]:
        """The posts of its first page, as they were written, oldest first."""
        told = json.loads(self.get(f"{_api(thread)}posts/"))
        return [html.unescape(re.sub(r"<[^>]*>", "", p["content"])).strip() for p in told["post_set"]["results"] if p["content"]]

    def votes(self, thread: str) -> dict[str, int]:
        """What was chosen how often."""
        told = json.loads(self.get(_api(thread)))["poll"]
        return {c["label"]: c["votes"] for c in told["choices"]}

    def _post(self, path: str, told: Any) -> Any:
        return json.loads(self._ask("POST", path, json.dumps(told)))

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        headers = {
            "Host": f"{HOST}:{self._port}",
            "Content-Type": "application/json",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items()),
            "Referer": f"https://{HOST}:{self._port}/",
            "X-CSRFToken": self._cookies.get("csrftoken", ""),
        }
        line = http.client.HTTPSConnection(LOOPBACK, self._port, timeout=WAIT_S, context=self._trust)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode()
            for told in answer.msg.get_all("Set-Cookie") or ():
                self._cookies |= {k: m.value for k, m in http.cookies.SimpleCookie(told).items()}
        finally:
            line.close()
        assert answer.status == 200, (method, path, answer.status, text[:500])
        return text


def _api(thread: str) -> str:
    """`/t/slug/5/` or `/p/slug/5/` -> where the API has it."""
    kind, number = thread.split("/")[1], thread.split("/")[3]
    return f"/api/{'threads' if kind == 't' else 'private-threads'}/{number}/"
