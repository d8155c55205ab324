"""Every page of the parents' page in a real Chromium: no barriers that axe knows, a phone's width, the dark, a keyboard, five languages.

A new page: its line in PAGES.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from safeguard.policy.allowance import Scope
from safeguard.policy.partly import Partly
from safeguard.policy.protection import Gap, Protection, State
from safeguard.system import rule_words
from safeguard.system.catalogue import LANGS
from safeguard.system.chromium_pipe import Chromium, Page, find_chromium
from safeguard.system.packs import Packs
from safeguard.web import create_app
from safeguard.web.deps import account_of
from safeguard.web.server import Server
from tests.e2e import axe
from tests.e2e.test_parents_page import key, sign_in
from tests.store.conftest import REASON, incident
from tests.web.conftest import WORDS, Site
from tests.web.conftest import site as site
from tests.web.conftest import store as store
from tests.web.hostile import HOSTILE

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")]

OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"
WRONG = "document.querySelector('#pin').value = '000000'; document.querySelector('form.sign-in').submit()"


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it is looked at. first: done on it before, as JavaScript; until: what is there then, as a selector."""

    name: str
    path: str
    first: str = ""
    until: str = "main"
    signed_in: bool = True


PAGES = (
    Seen("sign-in", "sign-in", signed_in=False),
    Seen("sign-in with a wrong PIN", "sign-in", WRONG, ".said", signed_in=False),
    Seen("review", ""),
    Seen("review unveiled", "?days=30", OPEN, "details[open] blockquote"),
    Seen("review after a click", "", "document.querySelector('button.main[class=main]:not(.filters *)').click()", ".said"),
    Seen("review with nothing", "?q=no-such-text"),
    Seen("overview", "overview"),
    Seen("overview of a year", "overview?days=365", OPEN, "details[open] table"),
    Seen("rules", "rules/", OPEN),
    Seen("rules of all lists", "rules/all", OPEN),
    Seen("rules, a new entry", "rules/add", OPEN),
    Seen("rules, a text tried", "rules/try", OPEN),
    Seen("evidence", "evidence/", OPEN),
    Seen("alerts", "alerts/", OPEN, "details[open] input"),
    Seen("message", "nothing-here", "", ".said"),
)
EVERY = pytest.mark.parametrize("seen", PAGES, ids=lambda s: s.name)

WHY = "Says that people of a group ought to be killed, wiped out or hurt."
"""A rule's reason as rules/frames/core.yaml has it; rules/locale has the others."""
SITES = (
    Protection("x", "The X Network", State.PROTECTED),
    Protection("y", "Y", State.PARTLY, (Gap.NOT_COVERED, Gap.DOM_GUARD), "what is spoken and shown in videos"),
    Protection("z", "Odnoklassniki", State.REDUCED, since=1_700_000_000_000, met=(Partly("z", "a page of it is XHTML", 1, 2),)),
    Protection("w", "W", State.WAITING, waiting=("w.test",)),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as made:
        yield made


@pytest.fixture
def served(site: Site) -> Iterator[Server]:
    """The page with entries of every kind, of authors with names of all sorts."""
    off = replace(REASON, rule="other-rule", words=("not this",), suppressed_by="some-context")
    put = site.deps.store.add
    put(incident("AA01", excerpt="here are words of it, not this", reasons=(REASON, off), account="anna"))
    put(incident("AA02", action="allowed", site="y", category="slur", excerpt="another"))
    put(incident("AA03", author="", category="personal_threat", role="message"))
    put(incident("AA04", kind="unchecked", category="unchecked", excerpt="why it could not be read", author="", reasons=()))
    put(incident("AA05", kind="pin", category="pin_guessed", excerpt="", author="", reasons=(), site=""))
    for n, text in enumerate(HOSTILE[-3:]):
        put(incident(f"HH{n:02}", excerpt=text, author=text, account=text, group=None))
    assert site.deps.store.flush()
    site.deps.store.allowances.add(Scope.TEXT, "AA02", code="AA02")
    site.deps.store.review.mark("AA03", "right")
    words = replace(WORDS, whys={"some-rule": WHY})
    made = Server(lambda port: create_app(replace(site.deps, port=port, account=account_of, words=lambda: words, sites=lambda: SITES)), 0)
    yield made
    made.close()


@pytest.fixture
def phone(browser: Chromium) -> Iterator[Page]:
    made = browser.open("about:blank")
    made.call("Network.clearBrowserCookies")
    made.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
    yield made
    made.close()


def show(page: Page, served: Server, seen: Seen) -> None:
    page.goto(served.address + seen.path)
    if seen.first:
        page.eval(seen.first)
    page.wait(f"!!document.querySelector({seen.until!r}) && document.readyState === 'complete'")


@pytest.mark.skipif(bool(axe.missing()), reason=axe.missing() or "-")
def test_axe_finds_a_barrier_where_there_is_one(phone: Page, served: Server) -> None:
    """That the next test can fail."""
    phone.goto(served.address + "sign-in")
    phone.eval(
        "document.querySelector('label').remove(); document.querySelector('h1').style.color = '#ddd'; document.documentElement.lang = ''"
    )
    found = {v.split()[0] for v in axe.violations(phone, axe.script())}
    assert {"label", "html-has-lang", "color-contrast"} <= found


@pytest.mark.skipif(bool(axe.missing()), reason=axe.missing() or "-")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@EVERY
def test_no_barrier_that_axe_knows(phone: Page, served: Server, seen: Seen, scheme: str) -> None:
    phone.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    if seen.signed_in:
        sign_in(phone, served)
    show(phone, served, seen)
    assert axe.violations(phone, axe.script()) == []


@EVERY
def test_on_a_phone_nothing_is_wider_than_the_screen(phone: Page, served: Server, seen: Seen) -> None:
    """In every language: their longest words differ."""
    if seen.signed_in:
        sign_in(phone, served)
    for lang in LANGS:
        phone.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": lang})
        show(phone, served, seen)
        assert phone.eval("document.documentElement.lang") == lang
        assert phone.eval("document.documentElement.scrollWidth") <= 360
        assert phone.eval(CUT) == []


def test_every_language_says_why(phone: Page, served: Server) -> None:
    sign_in(phone, served)
    whys = {lang: rule_words.words(lang, Packs(Path("none"))).get(WHY, WHY) for lang in LANGS}
    assert len(set(whys.values())) == len(LANGS)
    for lang, why in whys.items():
        phone.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": lang})
        show(phone, served, Seen("review", "", OPEN, "details[open] blockquote"))
        told = phone.eval("[...document.querySelectorAll('details li bdi')].filter(e => e.checkVisibility()).map(e => e.innerText)")
        assert why in told, lang


CUT = """[...document.querySelectorAll('main *:not(.unseen, option)')].filter(e => e.checkVisibility() && !e.closest('svg, select')
  && e.getBoundingClientRect().right > 360.5).map(e => e.outerHTML.slice(0, 200))"""
REACHED = """(() => { window.all = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter(e => e.checkVisibility());
  return window.all.length; })()"""
FOCUSED = """(() => { const e = document.activeElement, at = window.all.indexOf(e), s = getComputedStyle(e), r = e.getBoundingClientRect();
  const seen = r.width > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
  return [at, s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2 && seen, e.outerHTML.slice(0, 150)]; })()"""


@EVERY
def test_a_keyboard_alone_reaches_everything_in_order_and_is_seen(phone: Page, served: Server, seen: Seen) -> None:
    if seen.signed_in:
        sign_in(phone, served)
    show(phone, served, seen)
    count = int(phone.eval(REACHED))
    order: list[int] = []
    for _ in range(4 * count + 8):  # a date has three fields and a button
        key(phone, "Tab")
        at, visible, what = phone.eval(FOCUSED)
        if at < 0:
            continue
        assert visible, what
        if order and at == order[0] and len(set(order)) == count:
            break
        if not order or order[-1] != at:
            order.append(at)
    begin = order.index(0)
    assert order[begin:] + order[:begin] == list(range(count))


@EVERY
def test_the_skip_link_leads_past_the_menu(phone: Page, served: Server, seen: Seen) -> None:
    if seen.signed_in:
        sign_in(phone, served)
    show(phone, served, seen)
    phone.eval("document.activeElement.blur(); document.querySelector('.skip').focus()")
    assert phone.eval("document.querySelector('.skip').getBoundingClientRect().left") >= 0
    assert phone.eval("document.querySelector('a, button, input, summary') === document.querySelector('.skip')")
    key(phone, "Enter")
    phone.wait("document.activeElement.id === 'main'")
    key(phone, "Tab")
    assert phone.eval("document.activeElement === document.body || !!document.activeElement.closest('main')")


def test_hostile_names_run_nothing_in_the_overview(phone: Page, served: Server, site: Site) -> None:
    for n, text in enumerate(HOSTILE):
        site.deps.store.add(incident(f"X{n:03}", author=text, site=HOSTILE[n % 9], category="slur"))
    assert site.deps.store.flush()
    phone.call("Page.addScriptToEvaluateOnNewDocument", source="window.count = 0; window.ran = () => { window.count += 1; }")
    sign_in(phone, served)
    phone.goto(served.address + "overview")
    phone.eval(OPEN)
    phone.eval("new Promise(done => setTimeout(done, 500))")
    assert phone.eval("window.count") == 0
    assert (
        phone.eval("[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on|^style$/.test(a.name)).length")
        == 0
    )
    assert phone.eval("document.querySelectorAll('script, img, iframe, object, embed, style').length") == 0
    assert phone.eval("[...document.links].every(a => a.origin === location.origin)")
