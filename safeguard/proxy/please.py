"""The page on which a child asks the parents to check what was hidden, on any watched host; see policy/asking.py.

No script of the site can ask in the child's place: the page is given to the browser's own navigation alone, never in a frame; it has no
origin (sandbox), so who opened it cannot reach into it; and what its one button sends holds a number that was made for it.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import parse_qs

from mitmproxy import http

from safeguard.policy import asking
from safeguard.policy.asking import Asked
from safeguard.proxy.watched import WatchedFlow

MOST_BYTES = 500
MOST_OPEN = 500
OPEN_S = 1800.0
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox allow-forms",
}


class Please:
    """One for a running proxy; used on its event loop. clock: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: OrderedDict[str, tuple[str, str, float]] = OrderedDict()  # number -> account, code, until

    def begin(self, watch: WatchedFlow) -> None:
        """Such a request, by its headers: answered, or allowed to bring what its button sends."""
        request = watch.flow.request
        size = request.headers.get("content-length", "0")
        if not _by_the_browser(request):
            _say(watch, 403, b"", "text/plain")
        elif request.method == "GET":
            self._page(watch, parse_qs(request.path.partition("?")[2]).get("code", [""])[0])
        elif request.method == "POST" and size.isdigit() and int(size) <= MOST_BYTES and "transfer-encoding" not in request.headers:
            watch.asks_us = True
        else:
            watch.flow.kill()  # its body need not be read

    def answer(self, watch: WatchedFlow) -> None:
        """What the button sent is here. A number counts once."""
        sent = parse_qs((watch.flow.request.raw_content or b"").decode("ascii", "replace"))
        account, code, until = self._open.pop(sent.get("token", [""])[0], ("", "", 0.0))
        known = code and account == watch.account and until > self._clock()
        became = watch.checker.ask(watch.exchange(), code) if known else Asked.UNKNOWN
        lang, lines = watch.checker.lang(), watch.checker.help_lines()
        _say(watch, 200, *(asking.typing if became is Asked.UNKNOWN else asking.became)(lang, became, lines))

    def _page(self, watch: WatchedFlow, typed: str) -> None:
        lang, lines, code = watch.checker.lang(), watch.checker.help_lines(), asking.code_of(typed)
        category = watch.checker.asked_about(watch.exchange(), code) if code else None
        if category is None:
            _say(watch, 200, *asking.typing(lang, Asked.UNKNOWN if typed else None, lines))
            return
        number = secrets.token_urlsafe(24)
        self._open[number] = (watch.account, code, self._clock() + OPEN_S)
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        _say(watch, 200, *asking.form(lang, code, category, number, lines))


def _by_the_browser(request: http.Request) -> bool:
    """Whether somebody goes to that page, as far as the browser says what a request is for."""
    asked = request.headers.get
    sent_by_hand = request.method != "POST" or asked("sec-fetch-user", "") == "?1"
    return "sec-fetch-mode" not in request.headers or (
        asked("sec-fetch-mode") == "navigate" and asked("sec-fetch-dest") == "document" and sent_by_hand
    )


def _say(watch: WatchedFlow, status: int, body: bytes, media: str) -> None:
    watch.say(http.Response.make(status, body, HEADERS | {"Content-Type": media}))
