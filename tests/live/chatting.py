"""What the chats have in common, as a person uses them in Chromium: read, wait for a message, type; and where a text can be dug out."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from safeguard.system.chromium_pipe import Chromium, Page


class Chatting:
    """A user in a browser of its own; a context manager. Each chat says where its page has what.

    TEXTS:  script whose value are the messages of the open chat, oldest first.
    STORED: script whose value is all that the page keeps, as a text.
    FIELD:  selector of what one types into.
    OWN:    beginnings of the addresses that are the chat's own.
    """

    TEXTS = STORED = FIELD = ""
    OWN: tuple[str, ...] = ()

    def __init__(self, browser: Chromium, page: Page) -> None:
        self._browser = browser
        self._page = page

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.close()

    def texts(self) -> list[str]:
        """The messages of the open chat, oldest first."""
        found = self._page.eval(self.TEXTS)
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
        self._type(self.FIELD, text)
        for kind, typed in (("keyDown", "\r"), ("keyUp", "")):
            self._page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text=typed)

    def frames(self) -> list[str]:
        """Every WebSocket message that reached the browser."""
        return [str(e["response"]["payloadData"]) for e in self._page.events("Network.webSocketFrameReceived")]

    def knows(self, text: str) -> list[str]:
        """Where in the browser this text can be found: nothing that a child could dig out may hold what was hidden.

        A page stores a message somewhat after it shows it.
        """
        places = {"frames": "\n".join(self.frames()), "document": self._page.html(), "stored": str(self._page.eval(self.STORED))}
        return [name for name, held in places.items() if text in held]

    def strangers(self) -> set[str]:
        """Other addresses that the page got an answer from."""
        urls = [str(e["response"]["url"]) for e in self._page.events("Network.responseReceived")]
        return {u for u in urls if not u.startswith((*self.OWN, "data:", "blob:"))}

    def _type(self, selector: str, text: str) -> None:
        self._page.wait(f"(document.querySelector('{selector}') || {{}}).isConnected", 20)
        self._page.eval(f"document.querySelector('{selector}').focus()")
        self._page.call("Input.insertText", text=text)
