"""The child's side: The Lounge in Chromium, driven as a person drives it: sign in, read, type."""

from __future__ import annotations

from safeguard.system.chromium_pipe import Chromium
from tests.live.chatting import Chatting


class Reader(Chatting):
    """A signed-in user in a browser of its own, reading one channel; a context manager. sockets: whether the browser knows WebSockets."""

    TEXTS = "Array.from(document.querySelectorAll('#chat .chan.active .msg .text')).map(e => e.innerText.trim())"
    STORED = "JSON.stringify([{...sessionStorage}, {...localStorage}])"
    FIELD = "#input"

    def __init__(self, browser: Chromium, url: str, name: str, password: str, channel: str, *, sockets: bool = True) -> None:
        super().__init__(browser, browser.open("about:blank"))
        self.OWN = (url,)
        if not sockets:
            self._page.call("Page.addScriptToEvaluateOnNewDocument", source="delete window.WebSocket")
        self._page.goto(url)
        assert self._page.error == ""
        self._type("#sign-in [name=user]", name)
        self._type("#sign-in [name=password]", password)
        self._page.eval("document.querySelector('#sign-in [type=submit]').click()")
        self.open(channel)

    def open(self, name: str) -> None:
        """A channel, or the chat with one user."""
        entry = f"document.querySelector('#sidebar .chan[data-title=\"{name}\"]')"
        self._page.wait(f"!!{entry}", 60)  # after signing in all scripts and the whole history come first
        self._page.eval(f"{entry}.click()")
        self._page.wait(f"{entry}.classList.contains('active')")

    def errors(self) -> list[str]:
        """What the page's scripts did not catch."""
        return [str(e["exceptionDetails"]) for e in self._page.events("Runtime.exceptionThrown")]
