"""The child's side: converse.js in Chromium, driven as a person drives it: log in, open a chat, read, type."""

from __future__ import annotations

import re
import time
from types import TracebackType
from typing import Self

from safeguard.system.chromium_pipe import Chromium, Page
from tests.live.prosody import HOST

NOTICE = re.compile(r"SafeGuard.*\b([A-Z2-7]{4}-[A-Z2-7]{4})\b", re.S)
"""A notice in any language, and its code."""
_TEXTS = "Array.from(document.querySelectorAll('.chat-msg__text')).map(e => e.innerText.trim())"
_STORED = """(async () => {
  const result = r => new Promise((yes, no) => { r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); });
  const out = [{...sessionStorage}, {...localStorage}];
  for (const {name} of await indexedDB.databases()) {
    const db = await result(indexedDB.open(name));
    for (const store of db.objectStoreNames) out.push(await result(db.transaction(store).objectStore(store).getAll()));
    db.close();
  }
  return JSON.stringify(out);
})()"""


class Kid:
    """A logged-in user in a browser of its own; a context manager."""

    def __init__(self, browser: Chromium, url: str, name: str, password: str) -> None:
        self._browser = browser
        self.jid = f"{name}@{HOST}"
        self._page = browser.open(url)
        assert self._page.error == ""
        self._type("input[name=jid]", self.jid)
        self._type("input[name=password]", password)
        self._page.eval("document.querySelector('#converse-login [type=submit]').click()")
        self._page.wait("!!document.querySelector('converse-chat-status, converse-user-profile')", 30)

    @property
    def page(self) -> Page:
        """The tab, for what a person does not do."""
        return self._page

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.close()

    def open_chat(self, jid: str) -> None:
        """By the address that links to a chat have."""
        self._open("chat", jid, "converse-chat")

    def open_room(self, jid: str) -> None:
        self._open("room", jid, "converse-muc")

    def texts(self) -> list[str]:
        """The messages of the open chat, oldest first."""
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
        self._type("textarea.chat-textarea", text)
        for kind, typed in (("keyDown", "\r"), ("keyUp", "")):
            self._page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text=typed)

    def frames(self) -> list[str]:
        """Every WebSocket message that reached the browser."""
        return [str(e["response"]["payloadData"]) for e in self._page.events("Network.webSocketFrameReceived")]

    def knows(self, text: str) -> list[str]:
        """Where in the browser this text can be found: nothing that a child could dig out may hold what was hidden.

        The page stores a message somewhat after it shows it: `keeps` the next one first.
        """
        places = {"frames": "\n".join(self.frames()), "document": self._page.html(), "stored": str(self._page.eval(_STORED))}
        return [name for name, held in places.items() if text in held]

    def keeps(self, text: str) -> None:
        """Wait until the text is in each place that `knows` looks at."""
        end = time.monotonic() + 10
        while len(places := self.knows(text)) < 3:
            assert time.monotonic() < end, f"{text!r} is only in {places}"
            time.sleep(0.1)

    def strangers(self) -> set[str]:
        """Other hosts that the page got an answer from."""
        urls = [str(e["response"]["url"]) for e in self._page.events("Network.responseReceived")]
        return {u for u in urls if not u.startswith((f"https://{HOST}:", "data:", "blob:"))}

    def _open(self, kind: str, jid: str, element: str) -> None:
        self._page.eval(f"location.hash = '#converse/{kind}?jid={jid}'")
        self._page.wait(f"!!document.querySelector('{element} textarea.chat-textarea')", 20)

    def _type(self, selector: str, text: str) -> None:
        self._page.wait(f"(document.querySelector('{selector}') || {{}}).isConnected", 20)
        self._page.eval(f"document.querySelector('{selector}').focus()")
        self._page.call("Input.insertText", text=text)
