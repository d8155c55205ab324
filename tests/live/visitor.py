"""The child's side: NodeBB in Chromium, driven as a person drives it: log in, walk through the forum, read, answer."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import suppress

from safeguard.system.chromium_pipe import BrowserError, Chromium
from tests.live.chatting import Chatting

SPOKEN = '[component="post/content"], [component="chat/message/body"]'
WRITE = ".composer textarea.write"
AGAIN_S = 0.5
"""The page lets a second click within half a second fall (ajaxifyTimer in its public/src/ajaxify.js)."""
BODIES = ("Document", "XHR", "Fetch")


class Visitor(Chatting):
    """A logged-in user in a browser of its own; a context manager."""

    TEXTS = f"Array.from(document.querySelectorAll('{SPOKEN}')).map(e => e.innerText.trim())"
    STORED = "JSON.stringify([{...sessionStorage}, {...localStorage}])"
    FIELD = '[component="chat/input"]'

    def __init__(self, browser: Chromium, url: str, name: str, password: str) -> None:
        super().__init__(browser, browser.open(f"{url}/login"))
        assert self._page.error == ""
        self.OWN = (f"{url}/",)
        self._url = url
        self._bodies: dict[str, str] = {}
        self._earlier = 0
        self._type("#username", name)
        self._type("#password", password)
        self._page.wait("window.app && app.isConnected", 20)  # the button does nothing before
        self._page.eval("document.querySelector('#login').click()")
        self._page.wait("location.search === '?loggedin'", 20)
        self._connected()

    def open(self, path: str) -> None:
        """Load a page as a typed address does."""
        self._settled()
        self.bodies()
        self._earlier = len(self.frames())
        self._page.goto(self._url + path)
        self._connected()

    def walk(self, path: str) -> None:
        """Go there as a click on a link does: the page stays, JSON comes."""
        time.sleep(AGAIN_S)
        self._page.eval(
            f"new Promise(yes => {{ $(window).one('action:ajaxify.end', yes); ajaxify.go({json.dumps(path[1:])}); }}).then(() => 1)"
        )
        self._connected()

    def grows(self, before: list[str], by: int, timeout_s: float = 20.0) -> list[str]:
        """Wait until the page has that many texts more; the new ones. It adds posts of one moment in any order."""
        end = time.monotonic() + timeout_s
        while len(seen := self.texts()) < len(before) + by:
            assert time.monotonic() < end, f"shown: {seen}; received: {self.frames()[-5:]}"
            time.sleep(0.05)
        return list((Counter(seen) - Counter(before)).elements())

    def shows(self, text: str, timeout_s: float = 20.0) -> None:
        """Wait until the page has this text in sight."""
        self._page.wait(f"document.body?.innerText.includes({json.dumps(text)})", timeout_s)

    def reply(self, text: str) -> None:
        """Press Reply in the open topic, type, press Submit."""
        self._page.eval("document.querySelector('[component=\"topic/reply\"]').click()")
        self._type(WRITE, text)
        self._page.eval("document.querySelector('.composer .action-bar .composer-submit').click()")
        self._page.wait("!document.querySelector('.composer')", 20)

    def quote(self, text: str) -> str:
        """Press Quote at the post that contains this; what the field then has. The draft is thrown away."""
        post = f"Array.from(document.querySelectorAll('[component=\"post\"]')).find(e => e.innerText.includes({json.dumps(text)}))"
        self._page.eval(f"{post}.querySelector('[component=\"post/quote\"]').click()")
        quoted = str(self._page.wait(f"(document.querySelector('{WRITE}') || {{}}).value", 20))
        self._page.eval("document.querySelector('.composer .action-bar .composer-discard').click()")
        self._page.wait("!!document.querySelector('.bootbox.in .btn-primary') || !document.querySelector('.composer')", 20)
        self._page.eval("document.querySelectorAll('.bootbox.in .btn-primary').forEach(e => e.click())")
        self._page.wait("!document.querySelector('.composer') && !document.querySelector('.bootbox')", 20)
        return quoted

    def notices(self) -> list[str]:
        """The notifications, as the list behind the bell has them."""
        self._page.eval("document.querySelector('[component=\"notifications\"] > a').click()")
        listed = "document.querySelectorAll('[component=\"notifications/list\"] [data-nid]')"
        self._page.wait(f"{listed}.length")
        found = self._page.eval(f"Array.from({listed}).map(e => e.innerText)")
        assert isinstance(found, list)
        return found

    def hears(self, event: str, timeout_s: float = 20.0) -> str:
        """Wait for an event of this name on the page as it was loaded last; the message."""
        end = time.monotonic() + timeout_s
        while not (found := [f for f in self.frames()[self._earlier :] if f.startswith(f'42["{event}"')]):
            assert time.monotonic() < end, f"no {event}; received: {self.frames()[-5:]}"
            time.sleep(0.05)
        return found[-1]

    def bodies(self) -> str:
        """Every text that the browser got as an answer so far, whatever the page made of it."""
        whole = {e["requestId"] for e in self._page.events("Network.loadingFinished")}
        for answer in self._page.events("Network.responseReceived"):
            number = str(answer["requestId"])
            if answer["type"] in BODIES and number in whole and number not in self._bodies:
                self._bodies[number] = ""
                with suppress(BrowserError):  # gone with the page it came with
                    self._bodies[number] = str(self._page.call("Network.getResponseBody", requestId=number)["body"])
        return "\n".join(self._bodies.values())

    def knows(self, text: str) -> list[str]:
        return super().knows(text) + (["bodies"] if text in self.bodies() else [])

    def errors(self) -> list[str]:
        """What the page's scripts did not catch."""
        return [str(e["exceptionDetails"]) for e in self._page.events("Runtime.exceptionThrown")]

    def _connected(self) -> None:
        """Wait until the page is told what is new (in a topic it must ask for it first)."""
        self._page.wait("window.app && app.isConnected && window.ajaxify && ajaxify.data && app.user.uid > 0", 20)
        self._page.wait("!ajaxify.data.tid || app.currentRoom === 'topic_' + ajaxify.data.tid", 20)
        self._page.eval("new Promise(yes => socket.emit('topics.postcount', 1, () => yes(1)))")

    def _settled(self, timeout_s: float = 20.0) -> None:
        """Wait for scripts still under way: leaving now would be an error of theirs."""
        end = time.monotonic() + timeout_s
        while True:
            asked = {e["requestId"] for e in self._page.events("Network.requestWillBeSent") if e.get("type") == "Script"}
            ended = {e["requestId"] for name in ("Finished", "Failed") for e in self._page.events(f"Network.loading{name}")}
            if asked <= ended or time.monotonic() > end:
                return
            time.sleep(0.05)
