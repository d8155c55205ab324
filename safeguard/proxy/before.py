"""What a browser kept of a watched site from the time before SafeGuard: its HTTP cache, service workers and their caches go, once.

Cookies, local storage and databases stay, so nobody is logged out. Three ways, each once for an origin, account and kind of browser: the
first answer says `Clear-Site-Data: "cache"`; in place of the first page comes one of ours, which removes service workers and what they
keep, says so to us and asks for the same page again; and a worker that shows pages without asking the network is replaced by one that
removes it and itself, when the browser looks whether there is a newer one (a request that no cache answers).
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Protocol

from mitmproxy import http

from safeguard.formats.bodies import MEDIA_DESTS, SCRIPT_DESTS
from safeguard.proxy.hosts import normal

CLEAR = "clear-site-data"
CACHE = '"cache"'
SETTLED_S = 60.0
"""After the cache was cleared; what the browser asked meanwhile, it may have asked because of what it still had."""
MOST_PAGES = 3
"""Times that our page goes out for an origin until it says that it ran: while a worker starts, Chromium asks for a page it may not show."""
MOST_WORKERS = 8
"""Scripts of service workers that are replaced for one origin, whatever new names a site makes up."""
MOST_KNOWN = 5000
"""Browsers and origins that are known without asking the record."""
NOT_MODIFIED = ("if-none-match", "if-modified-since")
_Asks = tuple[str, str, str, str, int]
_NUMBERS = re.compile(r"[\d._]+")

_REMOVE = "for (const name of await caches.keys()) await caches.delete(name);"
PAGE = f"""<!doctype html><meta charset="utf-8"><title>SafeGuard</title><script>
const remove = async () => {{
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
  {_REMOVE}
}};
const late = new Promise(done => setTimeout(done, 4000));
const removed = remove().catch(() => 0).then(() => fetch("DONE", {{method: "POST"}}));
Promise.race([removed, late]).catch(() => 0).then(() => location.reload());
</script><noscript><meta http-equiv="refresh" content="0"></noscript>
"""
WORKER = f"""
addEventListener("install", () => skipWaiting());
const old = registration.active !== null;
addEventListener("activate", event => event.waitUntil((async () => {{
  {_REMOVE}
  if (old) await clients.claim();
  const pages = old ? await clients.matchAll({{type: "window"}}) : [];
  await registration.unregister();
  for (const page of pages) page.navigate(page.url).catch(() => 0);
}})()));
""".encode()


class Record(Protocol):
    """What was done already, remembered over restarts (system/cleared.py)."""

    def done(self, *what: str) -> bool: ...
    def mark(self, *what: str) -> None: ...


class Before:
    """clock: seconds."""

    def __init__(self, record: Record, clock: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._clock = clock
        self._known: dict[_Asks, float] = {}
        """Whose cache was told to go -> since when nothing of it can come back."""
        self._ran = f"/.well-known/safeguard-{secrets.token_hex(16)}"  # no page but ours knows it

    def request(self, account: str, request: http.Request) -> http.Response | None:
        """What goes out instead of asking the server, if anything; else asks so that no answer can revive an old copy."""
        asks, dest = _asks(account, request), request.headers.get("sec-fetch-dest", "")
        ready = self._known.get(asks)
        if ready is None or dest in ("document", "serviceworker") or request.path == self._ran:
            who = _who(*asks)
            if (answer := self._instead(who, asks, request)) is not None:
                return answer
            if ready is None and self._record.done(*who, "cache"):
                ready = self._remember(asks, self._clock())
        if dest not in MEDIA_DESTS | SCRIPT_DESTS and (ready is None or self._clock() < ready):
            for name in NOT_MODIFIED:
                request.headers.pop(name, None)
        return None

    def response(self, account: str, request: http.Request, response: http.Response) -> bool:
        """Have the first answer of an origin clear the browser's cache of it; whether it does."""
        asks = _asks(account, request)
        if asks in self._known:
            return False
        who = _who(*asks)
        anonymous = request.headers.get("sec-fetch-mode", "") == "cors" and "cookie" not in request.headers  # browsers do not obey there
        if anonymous or response.status_code in (101, 304) or self._record.done(*who, "cache"):
            return False
        self._clears(who, asks)
        response.headers.add(CLEAR, CACHE)
        return True

    def _instead(self, who: tuple[str, ...], asks: _Asks, request: http.Request) -> http.Response | None:
        if request.path == self._ran:
            self._record.mark(*who, "page")
            self._clears(who, asks)
            return _made(b"", "text/plain", {})
        if request.method != "GET" or request.scheme != "https":
            return None
        if request.headers.get("service-worker", "") == "script":
            return self._worker(who, request)
        if _is_visit(request) and not self._record.done(*who, "page") and self._turn(who, "pages", MOST_PAGES):
            return _made(PAGE.replace("DONE", self._ran).encode(), "text/html; charset=utf-8", {CLEAR: CACHE})
        return None

    def _worker(self, who: tuple[str, ...], request: http.Request) -> http.Response | None:
        script = request.path.partition("?")[0]
        if self._record.done(*who, "worker", script) or not self._turn(who, "workers", MOST_WORKERS):
            return None
        self._record.mark(*who, "worker", script)
        return _made(WORKER, "text/javascript; charset=utf-8", {"Service-Worker-Allowed": "/"})

    def _turn(self, who: tuple[str, ...], what: str, most: int) -> bool:
        """Whether it may be done once more."""
        number = next((n for n in range(most) if not self._record.done(*who, what, str(n))), None)
        if number is not None:
            self._record.mark(*who, what, str(number))
        return number is not None

    def _clears(self, who: tuple[str, ...], asks: _Asks) -> None:
        self._record.mark(*who, "cache")
        self._remember(asks, self._clock() + SETTLED_S)

    def _remember(self, asks: _Asks, ready: float) -> float:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[asks] = ready
        return ready


def _asks(account: str, request: http.Request) -> _Asks:
    return account, request.headers.get("user-agent", ""), request.scheme, request.host, request.port


def _who(account: str, agent: str, scheme: str, host: str, port: int) -> tuple[str, ...]:
    """Account, kind of browser (not its version, which changes every month) and origin."""
    return account, _NUMBERS.sub("", agent)[:200], f"{scheme}://{normal(host)}:{port}"


def _is_visit(request: http.Request) -> bool:
    """A page that somebody looks at: asking for it twice changes nothing, and it is no page in a page."""
    asked = request.headers.get
    return asked("sec-fetch-dest", "") == "document" and asked("sec-fetch-mode", "") == "navigate" and not asked("sec-purpose", "")


def _made(body: bytes, media: str, more: dict[str, str]) -> http.Response:
    told = {"Content-Type": media, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **more}
    return http.Response.make(200, body, told)
