"""The parents' page in a real Chromium: hostile texts stay texts, other sites stay out, a keyboard and a phone's width are enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, Response

from safeguard.policy.incident import Incident
from safeguard.policy.profiles import Profiles
from safeguard.system.chromium_pipe import Chromium, Page, find_chromium
from safeguard.web import create_app, session
from safeguard.web.deps import Words, account_of
from safeguard.web.review import LIST
from safeguard.web.server import Server
from safeguard.web.session import COOKIE
from safeguard.web.shield import CSP
from tests.store.conftest import REASON, incident
from tests.web.conftest import PIN, Site
from tests.web.conftest import site as site
from tests.web.conftest import store as store
from tests.web.hostile import HOSTILE

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")]

WATCH = """window.count = 0; window.refused = [];
window.ran = () => { window.count += 1; };
document.addEventListener('securitypolicyviolation', e => window.refused.push(e.violatedDirective + ' ' + e.blockedURI));"""
EVIL = "evil.test"
ELEMENTS = set(
    "h1 h2 h3 p form div label input details summary select option button a section article "  # noqa: SIM905
    "span bdi dl dt dd blockquote mark ul li q br".split()
)
"""What our own templates have; a text must bring no other."""
BROUGHT = """[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on|^style$|^srcdoc$/i.test(a.name) ||
  (/^(href|src|action|formaction|data)$/i.test(a.name) && new URL(a.value, location).origin !== location.origin)).map(a => a.value)"""
"""Handlers, styles and addresses that are not ours."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium(flags=[f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]) as made:
        yield made


@pytest.fixture
def served(site: Site) -> Iterator[Server]:
    def words() -> Words:
        return Words({r: f"why {r}" for r in HOSTILE}, {g: g for g in HOSTILE}, {s: s for s in HOSTILE[:10]})

    made = Server(lambda port: create_app(replace(site.deps, port=port, account=account_of, words=words)), 0)
    yield made
    made.close()


@pytest.fixture
def page(browser: Chromium) -> Iterator[Page]:
    made = browser.open("about:blank")
    made.call("Network.clearBrowserCookies")
    made.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    yield made
    made.close()


def sign_in(page: Page, served: Server) -> None:
    page.goto(served.address)
    page.wait("!!document.querySelector('#pin')")
    page.eval(f"document.querySelector('#pin').value = '{PIN}'; document.querySelector('form.sign-in').submit()")
    page.wait("!!document.querySelector('header form') && document.readyState === 'complete'")


def ours(text: str) -> str:
    """As a name in a rule file can be: what no database takes is in none."""
    return text.replace("\ud800", "").replace("\0", "")


def put(site: Site, *incidents: Incident) -> None:
    for i in incidents:
        site.deps.store.add(i)
    assert site.deps.store.flush()


def raw(policy: str, body: str) -> Flask:
    """A page that writes texts as they are; of another site, or of one that is not careful."""

    app = Flask("raw")
    app.extensions[session.KNOWN] = lambda cookie: False

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        there = Response(b"<!doctype html><title>x</title>" + body.encode("utf-8", "replace"), content_type="text/html; charset=utf-8")
        if policy:
            there.headers["Content-Security-Policy"] = policy
        return there

    return app


def seen(page: Page) -> tuple[int, list[str]]:
    page.eval("new Promise(done => setTimeout(done, 500))")
    return int(page.eval("window.count")), list(page.eval("window.refused"))


def test_hostile_texts_run_on_a_careless_page_and_not_under_our_policy(page: Page) -> None:
    """That the next test can fail: these texts do run where nothing stops them; and the policy alone would stop them."""
    for policy in ("", CSP):
        counts, refused = 0, list[str]()
        for part in (HOSTILE[0:10], HOSTILE[10:34], HOSTILE[36:41]):
            server = Server(lambda port, p=part, c=policy: raw(c, "<p>" + "<p>".join(p)), 0)
            try:
                page.goto(server.address)
                ran, told = seen(page)
                counts, refused = counts + ran, refused + told
            finally:
                server.close()
        if policy:
            assert counts == 0
            assert len(refused) > 10
        else:
            assert counts > 10


def test_fifty_hostile_texts_in_every_field(page: Page, served: Server, site: Site) -> None:
    reasons = [
        replace(REASON, rule=ours(t), words=(t, t[3:9]), suppressed_by=HOSTILE[-n] if n % 2 else None) for n, t in enumerate(HOSTILE)
    ]
    put(
        site,
        *(
            incident(
                f"H{n:03d}",
                excerpt=f"a {t} z",
                whole=t if n % 3 else None,
                author=t,
                rule=ours(t),
                site=HOSTILE[n % 10],
                url="https://x.test/" + t,
                account=HOSTILE[(n + 3) % 7],
                group=ours(t),
                role=ours(t) if n % 2 else "post",
                action=ours(t) if n % 4 == 0 else "block",
                category="incitement",
                reasons=(reasons[n], reasons[(n + 1) % 50]),
            )
            for n, t in enumerate(HOSTILE)
        ),
    )
    sign_in(page, served)
    shown = 0
    path: str | None = served.address
    while path:
        page.goto(path)
        assert page.eval("document.querySelector('h1').textContent") == "Review"
        page.eval("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.eval(
            "document.querySelectorAll('main [tabindex], main input, main button, main a, main summary').forEach(e => { e.focus(); })"
        )
        assert seen(page) == (0, [])
        shown += int(page.eval("document.querySelectorAll('article.entry').length"))
        assert set(page.eval("[...new Set([...document.querySelectorAll('main *')].map(e => e.localName))]")) <= ELEMENTS
        assert page.eval(BROUGHT) == []
        assert page.eval("document.querySelectorAll('[autofocus]').length") == 0
        path = page.eval("document.querySelector('a.next') ? document.querySelector('a.next').href : ''")
    assert shown == 50
    for n in (0, 13, 36):  # as a filter and as what is searched
        page.eval(f"location = '/?q=' + encodeURIComponent({HOSTILE[n]!r}) + '&author=' + encodeURIComponent({HOSTILE[n]!r})")
        page.wait("location.search && document.readyState === 'complete'")
        assert seen(page) == (0, [])
        assert page.eval("document.querySelectorAll('article.entry').length") == 1
    page.eval("[...document.querySelectorAll('button')].find(b => b.textContent.includes('Hide this author')).click()")
    page.wait("!!document.querySelector('.said')")
    assert seen(page) == (0, [])
    assert HOSTILE[36] in site.deps.own.values(LIST, "accounts")


def test_dns_rebinding(page: Page, served: Server) -> None:
    sign_in(page, served)
    for path in ("", "sign-in", "static/page.css"):
        page.goto(f"http://{EVIL}:{served.port}/{path}")
        assert "421" in page.text()
        assert "PIN" not in page.text()


@pytest.mark.parametrize("host", [EVIL, "127.0.0.1"], ids=["another site", "another port"])
def test_forged_requests_of_another_page(page: Page, served: Server, site: Site, host: str) -> None:
    """The parent is signed in and opens a hostile page: it can change nothing, read nothing, show nothing of ours in a frame."""
    put(site, incident("AB12", excerpt="the hidden needle"))
    sign_in(page, served)
    form = "".join(f'<input name="{n}" value="{v}">' for n, v in (("scope", "site"), ("token", "x")))
    body = f"""<form id=f method=post action="{served.address}entry/AB12/allow">{form}</form>
        <iframe id=i src="{served.address}"></iframe><img src="{served.address}static/icon.svg" onload="ran()">
        <script src="{served.address}"></script><link rel=stylesheet href="{served.address}static/page.css" onload="ran()">"""
    other = Server(lambda port: raw("", body), 0)
    try:
        page.goto(f"http://{host}:{other.port}/")
        assert seen(page)[0] == 0
        read = page.eval(f"fetch('{served.address}', {{credentials: 'include'}}).then(r => r.text()).catch(e => 'refused')")
        assert "needle" not in read
        for path, field in (("entry/AB12/allow", "scope: 'site'"), ("sign-in", "pin: '804613'")):
            how = f"{{method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({{{field}}})}}"
            page.eval(f"fetch('{served.address}{path}', {how}).catch(e => 0)")
        page.eval("document.getElementById('f').submit()")
        page.wait("location.pathname.includes('allow')")
        assert "403" in page.text()
    finally:
        other.close()
    assert site.deps.store.allowances.list() == []
    assert site.told == []  # not even a guess at the PIN was counted
    page.goto(served.address)
    assert "Sign out" in page.text()


def test_a_session_is_of_no_use_after_sign_out(page: Page, served: Server) -> None:
    sign_in(page, served)
    [cookie] = [c for c in page.call("Network.getCookies", urls=[served.address])["cookies"] if c["name"] == COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["session"]) == (True, "Strict", True)
    assert page.eval("document.cookie") == ""
    page.eval("document.querySelector('header button').click()")
    page.wait("!!document.querySelector('#pin')")
    page.call("Network.setCookie", name=COOKIE, value=cookie["value"], url=served.address)
    page.goto(served.address)
    assert "The parents' PIN" in page.text()
    page.eval("history.back()")
    page.eval("new Promise(done => setTimeout(done, 700))")
    assert "Sign out" not in page.text()  # the browser kept no copy


KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Space": ("Space", 32, " ")}


def key(page: Page, name: str) -> None:
    code, number, text = KEYS[name]
    named = " " if name == "Space" else name
    page.call("Input.dispatchKeyEvent", type="keyDown", key=named, code=code, windowsVirtualKeyCode=number, text=text)
    page.call("Input.dispatchKeyEvent", type="keyUp", key=named, code=code, windowsVirtualKeyCode=number)


def tab_to(page: Page, words: str) -> None:
    for _ in range(60):
        key(page, "Tab")
        if page.eval(f"document.activeElement.textContent.includes({words!r}) && document.activeElement !== document.body"):
            assert page.eval("getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus is seen"
            return
    raise AssertionError(f"no way to {words!r} by Tab")


def test_by_keyboard_alone(page: Page, served: Server, site: Site) -> None:
    put(site, incident("AB12", excerpt="the hidden needle"))
    page.goto(served.address)
    page.call("Input.insertText", text=PIN)  # the field has the focus
    key(page, "Enter")
    page.wait("!!document.querySelector('article.entry') && document.readyState === 'complete'")  # with its style sheet
    assert "needle" not in page.text()
    tab_to(page, "Show the text")
    key(page, "Enter")
    page.wait("document.querySelector('details.veil').open")
    assert "needle" in page.text()
    tab_to(page, "This text is not harmful")
    key(page, "Enter")
    page.wait("!!document.querySelector('.said') && document.readyState === 'complete'")
    assert len(site.deps.store.allowances.list()) == 1
    tab_to(page, "Take back")
    key(page, "Space")
    page.wait("!!document.querySelector('.said') && document.querySelector('.said').textContent.includes('Taken back')")
    assert site.deps.store.allowances.list() == []


CONTRAST = """(() => {
  const part = v => v <= 10 ? v / 3294 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(part); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { const c = getComputedStyle(e).backgroundColor; return /, 0\\)|transparent/.test(c) ? behind(e.parentElement) : c; };
  const texts = e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const ratio = e => { const [a, b] = [getComputedStyle(e).color, behind(e)].map(light).sort((x, y) => y - x); return (a+.05) / (b+.05); };
  return [...document.querySelectorAll('body *')].filter(texts).map(e => [e.localName, ratio(e)]).filter(([n, c]) => c < 4.5); })()"""
FIELDS = """[...document.querySelectorAll('button, summary, input:not([type=hidden]), select')].filter(e => e.checkVisibility() &&
  (e.getBoundingClientRect().height < 24 || (e.matches('input, select') && !e.labels.length))).map(e => e.outerHTML)"""
"""What is too small for a finger or has no label."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phones_width_and_in_the_dark(page: Page, served: Server, site: Site, scheme: str) -> None:
    put(
        site,
        *(incident(f"H{n:03d}", excerpt=t, author=t, account=t) for n, t in enumerate(HOSTILE[-8:])),
        incident("AB12", excerpt="words " * 40),
    )
    page.call("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=2, mobile=True)
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    sign_in(page, served)
    page.eval("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.eval("document.documentElement.scrollWidth") <= 320
    background = page.eval("getComputedStyle(document.body).backgroundColor")
    first = int(re.findall(r"\d+", background)[0])
    assert first < 60 if scheme == "dark" else first > 200
    assert page.eval(CONTRAST) == []
    assert page.eval(FIELDS) == []
    site.deps.family.write(Profiles().with_account("ann", "teen"))
    page.goto(served.address + "children")
    page.eval("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.eval("document.documentElement.scrollWidth") <= 320
    assert page.eval(CONTRAST) == []
    assert page.eval(FIELDS.replace("input, select').", "input:not([type=checkbox]), select, textarea').")) == []
