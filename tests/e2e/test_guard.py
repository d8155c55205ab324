"""A chat that the network layer cannot read, in a real Chromium behind the real proxy: the guard in the page reads it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from wsproto import ConnectionType
from wsproto.events import BytesMessage, Message

from safeguard.formats.sites.model import Opaque, Selector, SiteProfile, Sites
from safeguard.policy.profile import Action
from safeguard.policy.profiles import Profiles, changed
from safeguard.proxy.addon import Addon
from safeguard.system import browser, browser_pac
from safeguard.system.chromium_pipe import Page
from safeguard.system.memory import Memory
from safeguard.text.unit import Role
from tests.e2e.conftest import Browsers, need
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, Reply, _after_handshake

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

KEY = 0x5A
PAGE = b"""<!doctype html><html lang=en><head><title>chat</title></head><body>
<div id=log></div><div id=box contenteditable></div><textarea id=area></textarea><div id=free></div>
<script>
const log = document.getElementById("log");
const plain = data => new TextDecoder().decode(new Uint8Array(data).map(b => b ^ 0x5A));
window.flashes = [];
window.add = (text, where = log) => {
  const row = document.createElement("div"), span = document.createElement("span"), img = document.createElement("img");
  row.className = "row"; span.className = "text"; span.textContent = text; img.src = "/p.png";
  row.append(span, img); where.append(row);
  // what a reader sees at the next pictures drawn, before and after the answer
  const look = n => requestAnimationFrame(() => {
    if (getComputedStyle(span).visibility === "visible" && span.isConnected) flashes.push(span.textContent);
    if (n) look(n - 1);
  });
  look(30);
  return span;
};
const ws = window.ws = new WebSocket("wss://" + location.host + "/ws");
ws.binaryType = "arraybuffer";
ws.onmessage = m => add(plain(m.data));
window.ready = new Promise(done => ws.onopen = done);
</script></body></html>"""


def hidden(text: str) -> bytes:
    return bytes(b ^ KEY for b in text.encode())


async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    """Two messages at once, then everything it is told, all in bytes that nobody on the way understands."""
    key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    head = f"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    writer.write(head.encode())
    ws = _after_handshake(ConnectionType.SERVER)
    for text in ("good morning", f"you {BAD} people"):
        writer.write(ws.send(BytesMessage(hidden(text))))
    await writer.drain()
    while data := await reader.read(65536):
        ws.receive_data(data)
        for event in ws.events():
            if isinstance(event, Message):
                writer.write(ws.send(BytesMessage(hidden(str(event.data)))))
        await writer.drain()


@dataclass
class Chat:
    net: Net
    page: Page

    def seen(self, what: str) -> bool:
        """Wait for a text that a reader sees."""
        return bool(self.page.wait(f"document.body?.innerText.includes({json.dumps(what)})", 15))

    def run(self, program: str) -> object:
        return self.page.eval(f"(async () => {{ {program} }})()")

    def settled(self) -> None:
        """Nothing waits for a verdict any more."""
        mark = "[...document.querySelectorAll('.row')].every(r => getComputedStyle(r).visibility === 'visible')"
        self.page.wait(mark, 15)


SITE = SiteProfile(
    "social",
    "Social",
    (HOST,),
    selectors=((Selector("span", frozenset({"text"})), Role.MESSAGE),),
    units=(Selector("div", frozenset({"row"})),),
    opaque=Opaque.DOM_GUARD,
)
ROUTES = {"/": Reply(PAGE), "/ws": chat, "/p.png": Reply(b"", "image/png", 404), "/plain": Reply(PAGE, "text/plain")}


def start(net_of: Start, h2: bool = False) -> Net:
    net = net_of(dict(ROUTES), opaque=Opaque.DOM_GUARD, h2=h2)
    assert net.pipeline is not None
    net.pipeline.sites = Sites.of([SITE])
    net.pipeline.memory = Memory()
    return net


@pytest.fixture
def chat_of(net_of: Start, browsers: Browsers) -> Chat:
    net = start(net_of)
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    assert page.error == ""
    return Chat(net, page)


def test_harmful_messages_are_hidden_and_harmless_ones_shown(chat_of: Chat) -> None:
    c = chat_of
    assert c.seen("good morning")
    assert c.seen("SafeGuard")
    assert BAD not in c.page.html()
    [incident] = c.net.incidents
    assert (incident.kind, incident.action, incident.role, incident.site) == ("unit", "block", "message", "social")
    assert incident.code in c.page.text()
    assert incident.url == f"https://{HOST}:{c.net.server.port}/"
    assert c.page.eval("getComputedStyle(document.querySelectorAll('.row img')[1]).filter") == "blur(30px)"
    assert c.page.eval("getComputedStyle(document.querySelectorAll('.row img')[0]).filter") == "none"


def test_what_arrives_live_is_never_seen(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run(f"await ready; ws.send('later {BAD}'); ws.send('later nice')")
    assert c.seen("later nice")
    c.page.wait("document.body?.innerText.split('SafeGuard').length === 3", 15)
    c.run("await new Promise(r => setTimeout(r, 700))")
    flashes = c.page.eval("flashes")
    assert "later nice" in flashes
    assert not [f for f in flashes if BAD in f]
    assert BAD not in c.page.html()


def test_navigation_inside_the_page(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run(f"history.pushState({{}}, '', '/room/2'); log.replaceChildren(); add('other {BAD} room')")
    c.run("add('other room')")
    assert c.seen("other room")
    assert c.seen("SafeGuard")
    assert BAD not in c.page.html()
    assert c.net.incidents[-1].url.endswith("/room/2")


def test_shadow_roots_open_and_closed(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run(
        "const host = document.createElement('div'); log.append(host); window.open1 = host.attachShadow({mode: 'open'});"
        f"add('in shadow {BAD}', open1); add('in shadow nice', open1);"
        "const other = document.createElement('div'); log.append(other); window.shut = other.attachShadow({mode: 'closed'});"
        f"add('shut {BAD}', shut); shut.append('loose {BAD}')"
    )
    c.page.wait("open1.textContent.includes('SafeGuard') && shut.textContent.split('SafeGuard').length === 3", 15)
    assert c.page.eval("open1.textContent + shut.textContent").count(BAD) == 0
    assert c.page.eval("open1.textContent.includes('in shadow nice')")
    c.run("await new Promise(r => setTimeout(r, 600))")
    assert not [f for f in c.page.eval("flashes") if BAD in f]


def test_split_texts_changed_texts_and_frames(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    half = len(BAD) // 2
    c.run(
        "const p = document.createElement('p'), b = document.createElement('b');"
        f"p.append('a {BAD[:half]}'); b.append('{BAD[half:]} z');"
        "p.append(b); free.append(p); const t = document.createElement('p'); t.id = 'changing'; t.append('calm words'); free.append(t);"
        "const letters = document.createElement('p'); letters.id = 'letters';"
        f"for (const l of '{BAD}') {{ const s = document.createElement('span'); s.append(l); letters.append(s); }} free.append(letters);"
        "const i = document.createElement('iframe'); i.id = 'inner'; free.append(i);"
        f"i.contentDocument.body.append('framed {BAD}'); i.title = 'title {BAD}';"
    )
    c.page.wait("free.innerText.split('SafeGuard').length === 3", 15)
    c.page.wait("inner.contentDocument.body.textContent.includes('SafeGuard') && inner.title.includes('SafeGuard')", 15)
    assert "a " + BAD not in c.page.eval("free.textContent")
    c.run(f"changing.firstChild.data = 'now {BAD}'")
    c.page.wait("changing.textContent.includes('SafeGuard')", 15)
    c.run("changing.firstChild.data = 'calm again'")
    c.run(f"await new Promise(r => setTimeout(r, 200)); changing.firstChild.data = 'now {BAD}'")
    assert "SafeGuard" in str(c.page.eval("Promise.resolve().then(() => changing.textContent)"))  # known: at once


def test_a_long_feed_is_judged_as_a_reader_comes_near(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.seen("SafeGuard")
    before = len(c.net.incidents)
    c.run(
        "const box = document.createElement('section'); log.append(box);"
        f"for (let n = 0; n < 300; n++) add(n === 290 ? 'far {BAD}' : `row ${{n}}`, box).parentElement.style.height = '60px';"
        "const odd = document.createElement('div'); odd.className = 'row'; odd.style.display = 'contents'; odd.id = 'odd';"
        "odd.append('without a box'); log.append(odd)"
    )
    c.page.wait("getComputedStyle(document.querySelectorAll('section .row')[3]).visibility === 'visible'", 15)
    c.page.wait("getComputedStyle(odd).visibility === 'visible'", 15)
    far = "document.querySelectorAll('section .row')[290]"
    assert c.page.eval(f"getComputedStyle({far}.firstChild).visibility") == "hidden"
    assert len(c.net.incidents) == before
    c.run(f"{far}.scrollIntoView()")
    c.page.wait(f"{far}.textContent.includes('SafeGuard') && getComputedStyle({far}.firstChild).visibility === 'visible'", 15)
    assert BAD not in c.page.html()
    assert len(c.net.incidents) == before + 1


def test_shadow_trees_that_the_parser_makes(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run(
        "const host = document.createElement('div'); free.append(host);"
        f"host.setHTMLUnsafe('<p id=h><template shadowrootmode=open><p>parsed {BAD}</p></template></p>'); window.made = host"
    )
    c.page.wait("made.firstChild.shadowRoot.textContent.includes('SafeGuard')", 15)


def test_what_the_child_writes_stays(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run(f"box.append('my {BAD}'); area.value = 'my {BAD}'; area.append('x {BAD}'); add('done by now')")
    assert c.seen("done by now")
    c.run("await new Promise(r => setTimeout(r, 300))")
    assert c.page.eval("box.textContent") == f"my {BAD}"
    assert c.page.eval("area.value") == f"my {BAD}"


def test_a_warning_stands_before_the_text(chat_of: Chat) -> None:
    c = chat_of
    assert c.net.pipeline is not None
    family = Profiles()
    c.net.pipeline.profiles = family.with_profile(changed(family.profiles["young-child"], None, Action.WARN, None))
    c.run(f"add('careful {BAD}')")
    assert c.seen(f"] careful {BAD}")


def may_reveal(net: Net, action: Action = Action.BLUR, reveal: bool = True) -> None:
    assert net.pipeline is not None
    family = Profiles()
    net.pipeline.profiles = family.with_profile(changed(family.profiles["young-child"], None, action, None, reveal))


def click(page: Page, element: str) -> None:
    box = page.eval(f"(r => ({{x: r.x + 5, y: r.y + r.height / 2}}))({element}.getBoundingClientRect())")
    for kind in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=box["x"], y=box["y"], button="left", clickCount=1)


def test_a_click_reveals_where_the_profile_lets_it_and_the_log_records_it(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    may_reveal(c.net)
    c.run(f"window.mine = add('secret {BAD}')")
    c.page.wait("mine.textContent.includes('Click to see it')", 15)
    assert BAD not in c.page.html()
    c.run("mine.click()")  # a page cannot do it for the child
    c.run("await new Promise(r => setTimeout(r, 300))")
    assert BAD not in c.page.html()
    click(c.page, "mine")
    c.page.wait(f"mine.textContent === 'secret {BAD}'", 15)
    revealed = c.net.incidents[-1]
    assert (revealed.kind, revealed.action, revealed.account) == ("reveal", "revealed", c.net.incidents[-2].account)
    assert f"secret {BAD}" in revealed.excerpt
    assert c.page.eval("mine.parentElement.querySelector('img').computedStyleMap().get('filter').toString()") == "none"


def test_no_click_reveals_without_the_right(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    may_reveal(c.net, reveal=False)
    c.run(f"window.mine = add('secret {BAD}')")
    c.page.wait("mine.textContent.includes('SafeGuard')", 15)
    click(c.page, "mine")
    c.run("await new Promise(r => setTimeout(r, 300))")
    assert BAD not in c.page.html()
    assert "reveal" not in {i.kind for i in c.net.incidents}


def test_a_notice_of_the_network_layer_can_be_revealed_too(net_of: Start, browsers: Browsers) -> None:
    net = start(net_of)
    net.routes["/page"] = Reply(f"<html lang=en><div class=row><span class=text id=mine>sent {BAD}</span></div>".encode())
    may_reveal(net)
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/page")
    page.wait("mine.textContent.includes('Click to see it')", 15)
    assert BAD not in page.html()
    click(page, "mine")
    page.wait(f"mine.textContent === 'sent {BAD}'", 15)


def test_while_nobody_answers_texts_stay_hidden_and_it_is_told(chat_of: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    c = chat_of
    c.seen("good morning")
    assert c.net.proxy is not None
    assert c.net.proxy.partly_protected() == {}
    addon: Addon = c.net.proxy._master.addon
    monkeypatch.setattr(addon.guarding, "_judged", lambda *a: 1 // 0)
    c.run(f"window.mine = add('hello there'); window.bad = add('there {BAD}')")
    c.page.wait("getComputedStyle(mine.parentElement, '::before').content.includes('could not check')", 15)
    assert c.page.eval("getComputedStyle(mine).visibility") == "hidden"
    assert c.net.proxy.partly_protected() == {"social": "texts in a page could not be checked"}
    monkeypatch.undo()
    c.page.wait("getComputedStyle(mine).visibility === 'visible' && mine.textContent === 'hello there'", 15)
    c.page.wait("getComputedStyle(bad).visibility === 'visible'", 15)
    assert BAD not in c.page.html()
    assert not [f for f in c.page.eval("flashes") if BAD in f]


def test_one_text_that_fails_holds_up_no_other(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run("window.mine = add('boom'); add('after it')")
    assert c.seen("after it")
    c.page.wait("mine.textContent.includes('could not check')", 15)
    assert "a text in the page" in c.net.reasons()


def test_texts_that_are_too_long_and_units_that_are_too_large(chat_of: Chat) -> None:
    c = chat_of
    c.seen("good morning")
    c.run(
        "const row = add('short'); row.id = 'long'; const unit = row.parentElement;"
        "const add2 = text => { const p = document.createElement('p'); p.append(text); unit.append(p); return p; };"
        f"add2('many words '.repeat(10000)).id = 'huge'; add2('beside it {BAD}').id = 'beside';"
        "window.big = add('first').parentElement;"
        "for (let n = 0; n < 90; n++) {"
        f"const p = document.createElement('p'); p.append(n === 70 ? 'line {BAD}' : `line ${{n}}`); big.append(p); }}"
    )
    c.page.wait("huge.textContent === '[SafeGuard could not check this text.]'", 15)
    c.page.wait("beside.textContent.includes('Hidden by SafeGuard') && long.textContent === 'short'", 15)
    c.page.wait("big.textContent.includes('Hidden by SafeGuard') && big.textContent.includes('line 89')", 15)
    assert c.page.eval("getComputedStyle(long).visibility + getComputedStyle(big).visibility") == "visiblevisible"
    assert BAD not in c.page.html()


def test_with_http2_on_both_sides(net_of: Start, browsers: Browsers) -> None:
    net = net_of({"/": Reply(PAGE.replace(b"const ws =", b"const none = () =>"))}, h2=True)
    assert net.pipeline is not None
    net.pipeline.sites = Sites.of([SITE])
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    page.eval(f"add('hello {BAD}'), add('and nice'), 1")
    page.wait("document.body?.innerText.includes('SafeGuard') && document.body.innerText.includes('and nice')", 15)
    assert BAD not in page.html()
    protocols = {r["response"].get("protocol") for r in page.events("Network.responseReceived")}
    assert protocols == {"h2"}


def test_a_page_of_a_service_worker_carries_the_guard(net_of: Start, browsers: Browsers) -> None:
    net = start(net_of)
    worker = b"self.onactivate = e => e.waitUntil(clients.claim()); self.onfetch = e => e.respondWith(fetch(e.request));"
    net.routes["/sw.js"] = Reply(worker, "text/javascript")
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    page.eval("navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() => 1)")
    page.wait("!!navigator.serviceWorker.controller", 15)
    page.goto(f"https://{HOST}:{net.server.port}/")
    assert page.eval("!!navigator.serviceWorker.controller")
    page.wait("document.body?.innerText.includes('SafeGuard') && document.body.innerText.includes('good morning')", 15)
    assert BAD not in page.html()


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    """Keeps a page loading, so that Firefox, which ends with its picture of the page, gives it time."""
    await asyncio.sleep(8)


@pytest.mark.parametrize(
    "policy",
    [
        "script-src 'unsafe-inline'; connect-src 'self'",
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src 'self'; img-src *",
    ],
    ids=["an address", "a nonce"],
)
def test_firefox_carries_the_guard(net_of: Start, tmp_path: Path, policy: str) -> None:
    need("firefox", "certutil")
    body = f"""<!doctype html><html lang=en><body><div id=log></div><img src=/slow><script nonce=abc>
    for (const text of ["good morning", "you {BAD}"]) {{
      const row = document.createElement("div"), span = document.createElement("span");
      row.className = "row"; span.className = "text"; span.textContent = text; row.append(span); log.append(row);
    }}
    let tries = 0;
    const look = setInterval(() => {{
      const seen = log.innerText;
      if (!(seen.includes("SafeGuard") && seen.includes("good morning")) && ++tries < 60) return;
      clearInterval(look);
      fetch("/report", {{ method: "POST", body: seen + "|" + log.textContent }});
    }}, 100);</script>"""
    page = Reply(body.encode(), headers=(("Content-Security-Policy", policy),))
    net = start(net_of)
    net.routes |= {"/": page, "/slow": slow, "/report": Reply(b"{}", "application/json")}
    assert net.proxy is not None
    pac = browser_pac.data_url([HOST], net.proxy.address)
    shot = ("--headless", "--screenshot", str(tmp_path / "page.png"))
    url = f"https://{HOST}:{net.server.port}/"
    launch = browser.prepare(browser.find("firefox"), tmp_path / "browser", net.authority.root_pem, pac, url, shot)
    env = {**launch.env, "HOME": str(tmp_path), "MOZ_HEADLESS": "1"}
    subprocess.run(launch.command, env=env, capture_output=True, timeout=100, check=True)
    said = net.server.headers("/report")[":body"]
    assert "good morning" in said.partition("|")[0]
    assert "SafeGuard" in said.partition("|")[0]
    assert BAD not in said
