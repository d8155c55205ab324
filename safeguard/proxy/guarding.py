"""The proxy's side of the guard: it goes into pages of sites whose profile asks for it, and what it asks is answered here.

A page cannot guess the addresses: they hold a token of this run and host. Only a page of the same origin is answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from mitmproxy import http

from safeguard.errors import Unchecked
from safeguard.formats import bodies, charset, encoding
from safeguard.formats.sites.model import SiteProfile
from safeguard.guard import csp, page, script, talk
from safeguard.guard.csp import NoWayError, Ours
from safeguard.guard.script import PREFIX, Script, script_of
from safeguard.pipeline import Exchange
from safeguard.proxy import headers
from safeguard.proxy.guard import guard
from safeguard.proxy.hosts import normal
from safeguard.proxy.please import Please
from safeguard.proxy.watched import WatchedFlow
from safeguard.system import shipped

SMALL = 4096
"""Bytes of a question that is answered on the event loop."""
PATIENCE_S = 20.0
"""Within this a page that got the tag must have asked for the script."""
MOST_KEPT = 200
LONGEST_WHY = 200
_MAY_BE_PAGE = bodies.PAGE_DESTS - {"embed", "object"}


class Guarding:
    """One for a running proxy; used on its event loop, `partly` and `take_partly` from any thread."""

    def __init__(self, program: str | None = None) -> None:
        self._program = shipped.guard_program() if program is None else program
        self._secret = secrets.token_bytes(32)
        self._scripts: OrderedDict[str, Script] = OrderedDict()
        self._waiting: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._partly: dict[str, str] = {}
        self._new: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._please = Please()

    def partly(self) -> dict[str, str]:
        """Name of each site on which a page of this run went without the guard, or had texts it could not judge -> why, for people."""
        self._sweep()
        with self._lock:
            return dict(self._partly)

    def take_partly(self) -> list[tuple[str, str]]:
        """The same as (site, why), only what was met since the last call."""
        self._sweep()
        with self._lock:
            new, self._new = self._new, set()
        return sorted(new)

    def is_ours(self, request: http.Request) -> bool:
        """Whether that is asked of us, whatever it is."""
        return request.path.startswith(PREFIX)

    def wants(self, watch: WatchedFlow) -> bool:
        """Whether the answer may be a page that gets the guard; by the request alone."""
        request = watch.flow.request
        dest = request.headers.get("sec-fetch-dest", "")
        shown = dest in _MAY_BE_PAGE or request.headers.get("sec-fetch-mode") == "navigate"  # as a page's service worker passes it on
        old = not dest and "text/html" in request.headers.get("accept", "")  # a browser that does not say what it is for
        return request.method in ("GET", "POST") and (shown or old) and watch.checker.guarded(normal(request.pretty_host)) is not None

    def begin(self, watch: WatchedFlow) -> None:
        """One of ours, by its headers: answered, or allowed to bring its question."""
        request = watch.flow.request
        host = normal(request.pretty_host)
        site = watch.checker.guarded(host)
        path, _, query = request.path.partition("?")
        if path == script.CHECK:
            self._please.begin(watch)
            return
        token, _, name = path.removeprefix(PREFIX).partition("/")
        if site is None or not secrets.compare_digest(token.encode(), self._token(host).encode()):
            _say(watch, 404, b"", "text/plain")
        elif request.method == "GET" and (made := self._scripts.get(f"{host}/{name}")) is not None:
            self._waiting.pop(query, None)
            _say(watch, 200, made.text.encode(), "text/javascript; charset=utf-8")
        elif name == script.ASK and request.method == "POST":
            size = request.headers.get("content-length", "")
            if request.headers.get("sec-fetch-site") != "same-origin":
                self._note(site.name, "a page that may not speak for its own address")
                _say(watch, 403, b"", "text/plain")
            elif not size.isdigit() or int(size) > talk.MOST_BYTES or "transfer-encoding" in request.headers:
                watch.flow.kill()  # its body need not be read
            else:
                watch.asks_us = True
        else:
            _say(watch, 404, b"", "text/plain")

    async def answer(self, watch: WatchedFlow) -> None:
        """What the guard asked is here."""
        if watch.flow.request.path.partition("?")[0] == script.CHECK:
            self._please.answer(watch)
            return
        body = watch.flow.request.raw_content or b""
        site = watch.checker.guarded(normal(watch.flow.request.pretty_host))
        told = watch.exchange()

        def fail(why: str) -> None:
            if site is not None:
                self._note(site.name, "texts in a page could not be checked")
            _say(watch, 500, b"", "text/plain")

        with guard(fail):
            asked = talk.question(body)
            if site is not None and asked.missed:
                self._note(site.name, "texts in a page could not be checked in time")
            if asked.page.startswith(_origin(watch) + "/"):
                told = replace(told, url=asked.page)
            if asked.reveal:
                made = talk.revealed(watch.checker.reveal(told, asked.reveal))
            elif len(body) < SMALL:
                made = talk.answer(self._judged(watch, told, asked))
            else:
                made = talk.answer(await asyncio.to_thread(self._judged, watch, told, asked))
            _say(watch, 200, made, "application/json")

    async def add(self, watch: WatchedFlow) -> None:
        """Put the guard into a page that was checked. One that cannot have it stays as it is, and the site counts as partly protected."""
        response, request = watch.flow.response, watch.flow.request
        host = normal(request.pretty_host)
        site = watch.checker.guarded(host)
        exchange = watch.exchange()
        if response is None or site is None or not response.raw_content:
            return
        if bodies.essence(exchange.media) != "text/html":
            if bodies.essence(exchange.media) == "application/xhtml+xml":
                self._note(site.name, "a page of it is XHTML")
            return
        if request.scheme != "https":  # there, browsers do not say which page asks
            self._note(site.name, "a page of it came without encryption")
            return
        here = f"{_origin(watch)}{PREFIX}{self._token(host)}/"
        made = self._script(watch, site, host)
        ours = Ours(here + made.name, here + script.ASK, secrets.token_urlsafe(16))
        number = secrets.token_hex(8)
        element = page.tag(ours, number, made.integrity)
        raw, media, limit = response.raw_content, exchange.media, watch.limit
        coded = exchange.header("content-encoding")

        def edited() -> bytes:
            body = encoding.decode(raw, coded, limit)
            text = charset.decode(body, media, markup=True)
            return text.encoded(page.with_guard(text.text, element, ours, not charset.declared(media) and not text.bom))

        try:
            policies = [csp.allowing(v, ours) for v in response.headers.get_all(csp.HEADER)]
            body = await asyncio.to_thread(edited) if len(raw) > SMALL else edited()
        except (NoWayError, Unchecked) as e:
            self._note(site.name, str(e))
            return
        if policies:
            response.headers.set_all(csp.HEADER, policies)
        if response.status_code == 206:
            response.status_code, response.reason = 200, "OK"
        response.raw_content = body
        response.trailers = None
        headers.of_edited(response.headers, len(body))
        if "sec-purpose" not in request.headers:  # a page fetched ahead may never be shown
            self._sweep()
            self._waiting[number] = (site.name, time.monotonic())

    def _judged(self, watch: WatchedFlow, told: Exchange, asked: talk.Question) -> Sequence[Sequence[talk.Said]]:
        """Answers for all units; where one fails, all the others are judged nevertheless."""
        checker = watch.checker
        with guard(lambda why: None):
            return checker.shown(told, asked.units, asked.lang)
        out: list[Sequence[talk.Said]] = []
        for unit in asked.units:
            why = ""

            def fail(said: str) -> None:
                nonlocal why
                why = said

            with guard(fail):
                out += checker.shown(told, [unit], asked.lang)
            if why:
                out.append(checker.unchecked_shown(told, unit, why, asked.lang))
        return out

    def _script(self, watch: WatchedFlow, site: SiteProfile, host: str) -> Script:
        token = self._token(host)
        made = script_of(self._program, site, f"{PREFIX}{token}/{script.ASK}", f"data-{token[:8]}", watch.checker.lang())
        key = f"{host}/{made.name}"
        self._scripts[key] = made
        self._scripts.move_to_end(key)
        if len(self._scripts) > MOST_KEPT:
            self._scripts.popitem(last=False)
        return made

    def _token(self, host: str) -> str:
        return hashlib.blake2b(host.encode(), key=self._secret, digest_size=12).hexdigest()

    def _note(self, name: str, why: str) -> None:
        why = why[:LONGEST_WHY]  # it may name what a page calls its charset
        with self._lock:
            self._partly[name] = why
            if len(self._new) < MOST_KEPT:
                self._new.add((name, why))

    def _sweep(self) -> None:
        """Pages that never asked for the script count."""
        old = time.monotonic() - PATIENCE_S
        for number, (name, since) in list(self._waiting.items()):
            if since < old:
                self._note(name, "a page of it did not take the guard")
                self._waiting.pop(number, None)


def _origin(watch: WatchedFlow) -> str:
    """Scheme, host and port as a browser writes them."""
    scheme, _, rest = watch.flow.request.pretty_url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _say(watch: WatchedFlow, status: int, body: bytes, media: str) -> None:
    watch.say(
        http.Response.make(
            status,
            body,
            {
                "Content-Type": media,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
    )
