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
NOT_MODIFIED = ("if-none-match", "if-modified-since")
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
        self._cleared: dict[tuple[str, ...], float] = {}
        self._ran = f"/.well-known/safeguard-{secrets.token_hex(16)}"  # no page but ours knows it

    def request(self, account: str, request: http.Request) -> http.Response | None:
        """What goes out instead of asking the server, if anything; else asks so that no answer can revive an old copy."""
        who = _who(account, request)
        if request.path == self._ran:
            self._record.mark(*who, "page")
            self._mark(who)
            return _made(b"", "text/plain", {})
        if request.method == "GET" and request.scheme == "https":
            if request.headers.get("service-worker", "") == "script":
                return self._worker(who, request)
            if _is_visit(request) and not self._record.done(*who, "page") and self._turn(who, "pages", MOST_PAGES):
                return _made(PAGE.replace("DONE", self._ran).encode(), "text/html; charset=utf-8", {CLEAR: CACHE})
        if request.headers.get("sec-fetch-dest", "") not in MEDIA_DESTS | SCRIPT_DESTS and not self._settled(who):
            for name in NOT_MODIFIED:
                request.headers.pop(name, None)
        return None

    def response(self, account: str, request: http.Request, response: http.Response) -> bool:
        """Have the first answer of an origin clear the browser's cache of it; whether it does."""
        who = _who(account, request)
        anonymous = request.headers.get("sec-fetch-mode", "") == "cors" and "cookie" not in request.headers  # browsers do not obey there
        if anonymous or response.status_code in (101, 304) or self._record.done(*who, "cache"):
            return False
        self._mark(who)
        response.headers.add(CLEAR, CACHE)
        return True

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

    def _mark(self, who: tuple[str, ...]) -> None:
        self._record.mark(*who, "cache")
        self._cleared[who] = self._clock()

    def _settled(self, who: tuple[str, ...]) -> bool:
        if not self._record.done(*who, "cache"):
            return False
        at = self._cleared.get(who)
        if at is not None and self._clock() - at < SETTLED_S:
            return False
        self._cleared.pop(who, None)
        return True


def _who(account: str, request: http.Request) -> tuple[str, ...]:
    """Account, kind of browser (not its version, which changes every month) and origin."""
    browser = _NUMBERS.sub("", request.headers.get("user-agent", ""))[:200]
    return account, browser, f"{request.scheme}://{normal(request.pretty_host)}:{request.port}"


def _is_visit(request: http.Request) -> bool:
    """A page that somebody looks at: asking for it twice changes nothing, and it is no page in a page."""
    asked = request.headers.get
    return asked("sec-fetch-dest", "") == "document" and asked("sec-fetch-mode", "") == "navigate" and not asked("sec-purpose", "")


def _made(body: bytes, media: str, more: dict[str, str]) -> http.Response:
    told = {"Content-Type": media, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **more}
    return http.Response.make(200, body, told)
