"""The child's side: The Lounge in Chromium, driven as a person drives it: sign in, read, type."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from safeguard.system.chromium_pipe import Chromium

_TEXTS = "Array.from(document.querySelectorAll('#chat .chan.active .msg .text')).map(e => e.innerText.trim())"
_STORED = "JSON.stringify([{...sessionStorage}, {...localStorage}])"


class Reader:
    """A signed-in user in a browser of its own, reading one channel; a context manager. sockets: whether the browser knows WebSockets."""

    def __init__(self, browser: Chromium, url: str, name: str, password: str, channel: str, *, sockets: bool = True) -> None:
        self._browser = browser
        self._origin = url
        self._page = browser.open("about:blank")
        if not sockets:
            self._page.call("Page.addScriptToEvaluateOnNewDocument", source="delete window.WebSocket")
        self._page.goto(url)
        assert self._page.error == ""
        self._type("#sign-in [name=user]", name)
        self._type("#sign-in [name=password]", password)
        self._page.eval("document.querySelector('#sign-in [type=submit]').click()")
        self.open(channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.close()

    def open(self, name: str) -> None:
        """A channel, or the chat with one user."""
        entry = f"document.querySelector('#sidebar .chan[data-title=\"{name}\"]')"
        self._page.wait(f"!!{entry}", 20)
        self._page.eval(f"{entry}.click()")
        self._page.wait(f"{entry}.classList.contains('active')")

    def texts(self) -> list[str]:
        """The messages of the open channel, oldest first."""
        found = self._page.eval(_TEXTS)
        assert isinstance(found, list)
        return found

    def sees(self, text: str, timeout_s: float = 20.0) -> list[str]:
        """Wait for a message that contains this; the messages then."""
        end = time.monotonic() + timeout_s
        seen = self.texts()
        while not any(text in t for t in seen):
            assert time.monotonic() < end, f"{text!r} is not shown; shown: {seen}; received: {self.frames()[-5:]}"
            time.sleep(0.05)
            seen = self.texts()
        return seen

    def answer(self, text: str) -> None:
        """Type into the chat's field and press Enter."""
        self._type("#input", text)
        for kind, typed in (("keyDown", "\r"), ("keyUp", "")):
            self._page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text=typed)

    def frames(self) -> list[str]:
        """Every WebSocket message that reached the browser."""
        return [str(e["response"]["payloadData"]) for e in self._page.events("Network.webSocketFrameReceived")]

    def knows(self, text: str) -> list[str]:
        """Where in the browser this text can be found."""
        places = {"frames": "\n".join(self.frames()), "document": self._page.html(), "stored": str(self._page.eval(_STORED))}
        return [name for name, held in places.items() if text in held]

    def errors(self) -> list[str]:
        """What the page's scripts did not catch."""
        return [str(e["exceptionDetails"]) for e in self._page.events("Runtime.exceptionThrown")]

    def strangers(self) -> set[str]:
        """Other addresses that the page got an answer from."""
        urls = [str(e["response"]["url"]) for e in self._page.events("Network.responseReceived")]
        return {u for u in urls if not u.startswith((self._origin, "data:", "blob:"))}

    def _type(self, selector: str, text: str) -> None:
        self._page.wait(f"(document.querySelector('{selector}') || {{}}).isConnected", 20)
        self._page.eval(f"document.querySelector('{selector}').focus()")
        self._page.call("Input.insertText", text=text)
