"""What Chromium kept of a site from the time before SafeGuard is not shown, the child stays logged in, and it is done once only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from safeguard.proxy.before import Before
from safeguard.system.chromium_pipe import Chromium, Page, prepare_chromium_home
from safeguard.system.cleared import Cleared
from tests.e2e.conftest import Browsers
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, LOOPBACK, Reply, Route

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

WAIT_S = 20.0
WORKER = b"""
addEventListener("install", e => { skipWaiting(); e.waitUntil(caches.open("v1").then(c => c.addAll(["/shell", "/kept"]))); });
addEventListener("activate", e => e.waitUntil(clients.claim()));
addEventListener("fetch", e => e.respondWith(caches.match(e.request).then(found => found || fetch(e.request))));
"""
SCRIPT = """<script>
const show = async path => {
  const said = document.createElement("li");
  said.textContent = path + ": " + (await (await fetch(path)).json()).text;
  document.body.append(said);
};
const shown = Promise.all([show("/api"), show("/kept")]);
const works = navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready);
</script>"""
PAGE = f"<!doctype html><p>good morning</p><p>you {BAD}</p>{SCRIPT}".encode()
API = Reply(f'{{"text": "you {BAD}"}}'.encode(), "application/json", headers=(("Cache-Control", "max-age=36000"),))


def with_validator(body: bytes, *more: str) -> Route:
    """A page that a browser asks for again each time, with the validator of what it has; then "not modified" is the answer."""

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        told = ['ETag: "1"', "Cache-Control: no-cache", "Connection: close", *more]
        known = headers.get("if-none-match") == '"1"'
        first = "HTTP/1.1 304 X" if known else "HTTP/1.1 200 X"
        if not known:
            told += ["Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}"]
        writer.write("\r\n".join([first, *told]).encode() + b"\r\n\r\n" + (b"" if known else body))
        await writer.drain()
        writer.close()

    return live


@dataclass
class Child:
    """A child's browser, with one profile from before to after."""

    net: Net
    browsers: Browsers
    folder: Path

    @property
    def flags(self) -> tuple[str, ...]:
        return (f"--user-data-dir={self.folder / 'profile'}",)

    def url(self, path: str) -> str:
        return f"https://{HOST}:{self.net.server.port}{path}"

    def without(self) -> Chromium:
        home = prepare_chromium_home(self.folder / "home-before", self.net.pki.pem)
        return Chromium(home=home, flags=(*self.flags, f"--host-resolver-rules=MAP {HOST} {LOOPBACK}", "--no-proxy-server"))

    def protected(self) -> Chromium:
        return self.browsers.chromium(self.net, flags=self.flags)

    def asked(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.net.server.seen if asked == path]


@pytest.fixture
def child(net_of: Start, browsers: Browsers, tmp_path: Path) -> Child:
    """Has been on the site before there was a filter: logged in, page and answer cached, a service worker that keeps pages of its own."""
    (tmp_path / "state").mkdir(mode=0o700)
    routes: dict[str, Route] = {
        "/": with_validator(PAGE, "Set-Cookie: login=yes; Max-Age=36000; Secure; HttpOnly; SameSite=Lax"),
        "/shell": Reply(PAGE),
        "/api": API,
        "/kept": API,
        "/sw.js": Reply(WORKER, "text/javascript"),
    }
    net = net_of(routes, before=Before(Cleared(tmp_path / "state" / "cleared", b"key")))
    made = Child(net, browsers, tmp_path)
    with made.without() as b:
        page = b.open(made.url("/"))
        page.wait("works.then(() => shown).then(() => navigator.serviceWorker.controller !== null)", WAIT_S)
        page.eval("localStorage.token = 'mine'; new Promise(done => { indexedDB.open('db').onsuccess = done; }).then(() => 1)")
        page.goto(made.url("/shell"))
        page.eval("shown.then(() => 1)")
        assert page.text().count(BAD) == 3
    net.server.seen.clear()
    return made


def settled(page: Page) -> str:
    """The text of the page when all is there, and its markup holds nothing harmful."""
    page.wait("typeof shown !== 'undefined' && shown.then(() => document.querySelectorAll('li').length === 2)", WAIT_S)
    assert BAD not in page.html()
    return page.text()


def still_logged_in(page: Page) -> bool:
    return bool(page.eval("indexedDB.databases().then(all => localStorage.token === 'mine' && all.some(d => d.name === 'db'))"))


def test_nothing_from_before_is_shown_and_nobody_is_logged_out(child: Child) -> None:
    b = child.protected()
    page = b.open(child.url("/"))
    text = settled(page)
    assert "good morning" in text
    assert text.count("SafeGuard") == 3
    (asked,) = child.asked("/")
    assert "login=yes" in asked["cookie"]
    assert "if-none-match" not in asked
    assert still_logged_in(page)
    page.goto(child.url("/shell"))
    assert settled(page).count("SafeGuard") == 3


def test_what_a_service_worker_shows_without_the_network_goes_too(child: Child) -> None:
    page = child.protected().open(child.url("/shell"))
    page.wait(f"document.readyState === 'complete' && !document.documentElement.outerHTML.includes('{BAD}')", WAIT_S)
    assert settled(page).count("SafeGuard") == 3
    assert still_logged_in(page)


def test_once_only(child: Child) -> None:
    with child.protected() as b:
        page = b.open(child.url("/"))
        settled(page)
        page.eval("works.then(() => 1)")
        page.goto(child.url("/shell"))  # our worker has come and gone, the site's own is back
        settled(page)
        page.wait("works.then(() => navigator.serviceWorker.controller !== null)", WAIT_S)
    child.net.server.seen.clear()
    page = child.protected().open(child.url("/"))
    assert settled(page).count("SafeGuard") == 3
    assert len(child.asked("/")) == 1
    headers = [r["response"]["headers"] for r in page.events("Network.responseReceived")]
    assert not any("clear-site-data" in {n.lower() for n in h} for h in headers)
    page.wait("works.then(() => caches.has('v1'))", WAIT_S)
    page.goto(child.url("/shell"))
    assert settled(page).count("SafeGuard") == 3
    assert page.eval("performance.getEntriesByType('navigation')[0].workerStart > 0")
