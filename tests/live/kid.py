"""The child's side: converse.js in Chromium, driven as a person drives it: log in, open a chat, read, type."""

from __future__ import annotations

import re
import time

from safeguard.system.chromium_pipe import Chromium, Page
from tests.live.chatting import Chatting
from tests.live.prosody import HOST

NOTICE = re.compile(r"SafeGuard.*\b([A-Z2-7]{4}-[A-Z2-7]{4})\b", re.S)
"""A notice in any language, and its code."""
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


class Kid(Chatting):
    """A logged-in user in a browser of its own; a context manager."""

    TEXTS = "Array.from(document.querySelectorAll('.chat-msg__text')).map(e => e.innerText.trim())"
    STORED = _STORED
    FIELD = "textarea.chat-textarea"
    OWN = (f"https://{HOST}:",)

    def __init__(self, browser: Chromium, url: str, name: str, password: str) -> None:
        super().__init__(browser, browser.open(url))
        self.jid = f"{name}@{HOST}"
        assert self._page.error == ""
        self._type("input[name=jid]", self.jid)
        self._type("input[name=password]", password)
        self._page.eval("document.querySelector('#converse-login [type=submit]').click()")
        self._page.wait("!!document.querySelector('converse-chat-status, converse-user-profile')", 30)

    @property
    def page(self) -> Page:
        """The tab, for what a person does not do."""
        return self._page

    def open_chat(self, jid: str) -> None:
        """By the address that links to a chat have."""
        self._open("chat", jid, "converse-chat")

    def open_room(self, jid: str) -> None:
        self._open("room", jid, "converse-muc")

    def keeps(self, text: str) -> None:
        """Wait until the text is in each place that `knows` looks at."""
        end = time.monotonic() + 10
        while len(places := self.knows(text)) < 3:
            assert time.monotonic() < end, f"{text!r} is only in {places}"
            time.sleep(0.1)

    def _open(self, kind: str, jid: str, element: str) -> None:
        self._page.eval(f"location.hash = '#converse/{kind}?jid={jid}'")
        self._page.wait(f"!!document.querySelector('{element} textarea.chat-textarea')", 20)
