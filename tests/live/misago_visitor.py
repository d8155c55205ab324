"""The child's side: the forum in Chromium, used as a person uses it: sign in, read, turn the page, vote, answer."""

from __future__ import annotations

import html
import re
import time
from contextlib import suppress

from safeguard.system.chromium_pipe import BrowserError, Chromium
from tests.live.chatting import Chatting

# Asks the forum for news every second where its page does every two minutes.
_IMPATIENT = "{ const wait = window.setTimeout; window.setTimeout = (f, ms, ...rest) => wait(f, ms === 120000 ? 1000 : ms, ...rest); }"
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class Visitor(Chatting):
    """A signed-in member in a browser of its own; a context manager. Its texts are the posts of the open thread."""

    TEXTS = "Array.from(document.querySelectorAll('.post-body article')).map(e => e.innerText.trim())"
    TITLES = "Array.from(document.querySelectorAll('.threads-list-item-title')).filter(e => e.offsetParent).map(e => e.innerText.trim())"
    STORED = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
    FIELD = ".posting-dialog textarea:enabled"

    def __init__(self, browser: Chromium, url: str, name: str, password: str) -> None:
        super().__init__(browser, browser.open("about:blank"))
        self.OWN = (f"{url}/",)
        self._url = url
        self._bodies: dict[str, str] = {}
        self._page.call("Page.addScriptToEvaluateOnNewDocument", source=_IMPATIENT)
        self.open("/")
        self.press(".btn-sign-in:enabled")
        self._type("#id_username", name)
        self._type("#id_password", password)
        self.press(".modal-sign-in .btn-primary")
        self._page.wait("document.body?.classList.contains('misago-authenticated') && document.readyState === 'complete'", 30)

    def open(self, path: str) -> None:
        """By its address, as a link from elsewhere leads to it."""
        self.received()
        self._page.goto(self._url + path)
        assert self._page.error == ""

    def press(self, selector: str) -> None:
        """Wait for a button or link, then click it."""
        self._page.wait(f"!!document.querySelector({selector!r})", 20)
        self._page.eval(f"document.querySelector({selector!r}).click()")

    def text_of(self, selector: str) -> str:
        """Wait for an element; what stands in it."""
        self._page.wait(f"!!document.querySelector({selector!r})", 20)
        return str(self._page.eval(f"document.querySelector({selector!r}).innerText")).strip()

    def titles(self) -> list[str]:
        """Of the threads in the open list."""
        found = self._page.eval(self.TITLES)
        assert isinstance(found, list)
        return found

    def lists(self, title: str, timeout_s: float = 20.0) -> list[str]:
        """Wait for a thread in the open list; the titles then."""
        end = time.monotonic() + timeout_s
        while title not in (seen := self.titles()):
            assert time.monotonic() < end, f"{title!r} is not listed; listed: {seen}"
            time.sleep(0.05)
        return seen

    def state(self) -> str:
        """What the open page brought along in `misago.init({…})`."""
        return self.received().rpartition("misago.init(")[2].partition("</script>")[0]

    def next_page(self) -> None:
        """Turn it, as the page itself does it: no page is loaded."""
        self.press('.thread-paginator a[title="Go to next page"]')

    def options(self) -> list[str]:
        """Of the poll in view."""
        self.text_of(".poll-select-choice")
        found = self._page.eval("Array.from(document.querySelectorAll('.poll-select-choice strong')).map(e => e.innerText.trim())")
        assert isinstance(found, list)
        return found

    def vote(self, option: str) -> None:
        """Choose it and save; wait until the forum has it."""
        number = self.options().index(option) + 1
        self.press(f".poll-select-choice:nth-child({number}) button")
        self.press(".panel-poll .btn-primary")
        self.text_of(".poll-choices-bars")

    def reply(self, text: str) -> None:
        """Write a post in the open thread; wait until it stands there."""
        self.press(".page-thread .btn-primary.btn-outline:enabled")
        self._type(self.FIELD, text)
        self.press(".posting-dialog .markup-editor-footer .btn-primary:enabled")
        self.sees(text)

    def received(self) -> str:
        """All pages and answers to scripts so far, as the browser got them, with the escapes of JSON and HTML undone."""
        for event in self._page.events("Network.loadingFinished"):
            number = str(event["requestId"])
            if number not in self._bodies and number in self._asked():
                self._bodies[number] = ""
                with suppress(BrowserError):  # gone with the page before it
                    self._bodies[number] = str(self._page.call("Network.getResponseBody", requestId=number)["body"])
        text = "\n".join(self._bodies.values())
        return html.unescape(_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text))

    def knows(self, text: str) -> list[str]:
        """Where in the browser this text can be found: nothing that a child could dig out may hold what was hidden."""
        frames = "Array.from(document.querySelectorAll('iframe')).map(f => f.contentDocument?.documentElement.outerHTML).join()"
        places = {
            "received": self.received(),
            "document": self._page.html() + str(self._page.eval(frames)) + self._page.text(),
            "stored": str(self._page.eval(self.STORED)),
        }
        return [name for name, held in places.items() if text in held]

    def errors(self) -> list[str]:
        """What the page's scripts did not catch."""
        return [str(e["exceptionDetails"]) for e in self._page.events("Runtime.exceptionThrown")]

    def _type(self, selector: str, text: str) -> None:
        """Again where the text did not arrive: a dialog takes the focus when it has faded in."""
        for _ in range(20):
            super()._type(selector, text)
            with suppress(BrowserError):
                self._page.wait(f"document.querySelector('{selector}').value", 1)
                return
        raise AssertionError(f"{selector} cannot be written in")

    def _asked(self) -> set[str]:
        """Requests for pages and by scripts; pictures, fonts and the forum's own scripts hold no text of people."""
        wanted = ("Document", "XHR", "Fetch")
        return {str(e["requestId"]) for e in self._page.events("Network.responseReceived") if e["type"] in wanted}
