"""A child's Chromium behind the real proxy: networks that go off under an open page, asking for a check from a notice, help in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from safeguard.formats.sites.model import Opaque
from safeguard.guard.script import CHECK
from safeguard.matching.verdict import Category
from safeguard.policy import help as help_lines
from safeguard.policy.hours import Wall, window
from safeguard.policy.profiles import Profiles, with_hours
from safeguard.store import Store
from safeguard.system import shipped
from safeguard.system.chromium_pipe import Page
from safeguard.web import create_app
from safeguard.web.deps import account_of
from safeguard.web.server import Server
from tests.e2e.conftest import Browsers
from tests.e2e.test_guard import start
from tests.proxy.conftest import BAD, Net, Start, WordEngine
from tests.proxy.rig import HOST, Reply, websocket
from tests.web.conftest import PIN, Site
from tests.web.conftest import site as site
from tests.web.conftest import store as store

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

DAY, NIGHT = Wall(0, 12 * 60), Wall(0, 22 * 60)
OPEN = b"""<!doctype html><html lang=en><body><p>hello</p><script>
window.ended = 0;
const ws = new WebSocket("wss://" + location.host + "/ws");
window.ready = new Promise(done => ws.onmessage = done);
ws.onclose = () => window.ended++;
</script></body></html>"""


def night() -> Profiles:
    made = Profiles()
    return made.with_profile(with_hours(made.named("young-child"), times=(window("mon-fri 21:00-07:00"),)))


def test_networks_go_off_under_an_open_page_and_come_back(net_of: Start, browsers: Browsers) -> None:
    net = net_of({"/": Reply(OPEN), "/ws": websocket(["hello"]), "/x.json": Reply(b'{"a":1}', "application/json")})
    assert net.pipeline is not None
    net.pipeline.profiles, net.pipeline.wall = night(), lambda: DAY
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    page.eval("ready")
    assert page.eval("fetch('/x.json').then(r => r.json()).then(j => j.a)") == 1
    net.pipeline.wall = lambda: NIGHT
    page.wait("window.ended > 0", 10)
    told = page.eval("fetch('/x.json').then(async r => [r.status, await r.json()])")
    assert told[0] == 403
    assert "until 07:00" in told[1]["why"]
    tried = "new Promise(done => { const w = new WebSocket('wss://' + location.host + '/ws'); w.onopen = () => done('open');"
    assert page.eval(tried + " w.onerror = () => done('refused'); })") == "refused"
    page.goto(f"https://{HOST}:{net.server.port}/")
    assert "Social networks are off now" in page.text()
    assert "until 07:00" in page.text()
    net.pipeline.wall = lambda: DAY
    page.goto(f"https://{HOST}:{net.server.port}/")
    assert "hello" in page.text()


class Threats(WordEngine):
    def _verdict(self, unit):  # type: ignore[no-untyped-def]
        found = super()._verdict(unit)
        reasons = tuple(replace(r, category=Category.PERSONAL_THREAT) for r in found.reasons)
        return replace(found, category=Category.PERSONAL_THREAT, reasons=reasons) if reasons else found


@pytest.fixture
def threatened(net_of: Start) -> Net:
    net = start(net_of)
    assert net.pipeline is not None
    net.pipeline.engine = Threats()
    lines = shipped.rules() / "help" / "lines.yaml"
    net.pipeline.help = help_lines.parse([(lines.name, lines.read_bytes())])
    net.pipeline.profiles = replace(Profiles(), country="am", help=("Grandma: 010 123456",))
    return net


def asked(net: Net) -> list[str]:
    return [i.excerpt for i in net.incidents if i.kind == "asked"]


def click(page: Page, where: str) -> None:
    x, y = page.eval(f"(r => [r.left + r.width / 2, r.top + r.height / 2])({where}.getClientRects()[0])")
    for kind in ("mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def test_from_a_threat_in_the_page_to_the_parents_list(threatened: Net, browsers: Browsers) -> None:
    net = threatened
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    page.wait("document.body?.innerText.includes('SafeGuard')", 15)
    text = page.text()
    for words in ("a threat", "Ask a parent.", "Grandma: 010 123456", "112 (emergency)", "Click to ask your parents"):
        assert words in text
    assert BAD not in text
    code = next(i.code for i in net.incidents if i.kind == "unit")
    page.goto(f"https://{HOST}:{net.server.port}{CHECK}?code={code}")
    assert code in page.text()
    assert "Grandma" in page.text()
    assert page.eval("self.origin") == "null"  # nobody who opened it can reach into it
    click(page, "document.querySelector('button')")
    page.wait("document.body?.innerText.includes('Your parents will see')", 10)
    assert asked(net) == [code]


def test_a_click_on_the_notice_opens_the_page(threatened: Net, browsers: Browsers) -> None:
    net = threatened
    chromium = browsers.chromium(net)
    page = chromium.open(f"https://{HOST}:{net.server.port}/")
    page.wait("document.body?.innerText.includes('Click to ask')", 15)
    before = {t["targetId"] for t in page.call("Target.getTargets")["targetInfos"]}
    click(page, "[...document.querySelectorAll('.row .text')].find(e => e.textContent.includes('Click to ask'))")
    found: list[str] = []
    for _ in range(50):
        found = [t["url"] for t in page.call("Target.getTargets")["targetInfos"] if t["targetId"] not in before and CHECK in t["url"]]
        if found:
            break
        page.eval("new Promise(done => setTimeout(done, 100))")
    assert len(found) == 1
    assert asked(net) == []


def test_the_sites_own_script_cannot_ask(threatened: Net, browsers: Browsers) -> None:
    net = threatened
    page = browsers.chromium(net).open(f"https://{HOST}:{net.server.port}/")
    page.wait("document.body?.innerText.includes('SafeGuard')", 15)
    code = next(i.code for i in net.incidents if i.kind == "unit")
    assert page.eval(f"fetch('{CHECK}?code={code}').then(async r => [r.status, await r.text()])") == [403, ""]
    assert page.eval(f"fetch('{CHECK}', {{method: 'POST', body: new URLSearchParams({{token: 'x'}})}}).then(r => r.status)") == 403
    framed = f"""new Promise(done => {{
      const f = document.createElement('iframe');
      f.src = '{CHECK}?code={code}';
      f.onload = () => {{ try {{ done(f.contentDocument.body.innerText); }} catch (e) {{ done('kept out'); }} }};
      document.body.append(f); }})"""
    assert code not in page.eval(framed)
    assert asked(net) == []


def test_the_parent_sets_a_time_on_the_page_and_the_running_filter_keeps_it(
    net_of: Start, browsers: Browsers, site: Site, store: Store, tmp_path: Path
) -> None:
    """The page in one window, the child's in another, joined by the file as `safeguard run` joins them."""
    net = net_of({"/": Reply(b"<p>hello")}, opaque=Opaque.BLOCK)
    assert net.pipeline is not None
    net.pipeline.wall = lambda: NIGHT
    net.pipeline.profiles = site.deps.family.read()
    chromium = browsers.chromium(net)
    child = chromium.open(f"https://{HOST}:{net.server.port}/")
    assert "hello" in child.text()
    served = Server(lambda port: create_app(replace(site.deps, port=port, account=account_of)), 0)
    try:
        parent = chromium.open(served.address)
        parent.eval(f"document.querySelector('#pin').value = {PIN!r}")
        parent.eval("document.querySelector('main button').click()")
        parent.wait("!!document.querySelector('nav')")
        parent.goto(served.address + "children")
        parent.eval("document.querySelector('#young-child textarea').value = 'mon-fri 21:00-07:00'")
        parent.eval("document.querySelector('#young-child form button.main').click()")
        parent.wait("!!document.querySelector('.said')")
        assert "Saved" in parent.text()
        net.pipeline.profiles = site.deps.family.read()
        child.goto(f"https://{HOST}:{net.server.port}/")
        assert "until 07:00" in child.text()
        parent.eval("[...document.querySelectorAll('button')].find(b => b.textContent === 'Take back').click()")
        parent.wait("document.querySelector('.said')?.textContent.includes('Taken back')")
        net.pipeline.profiles = site.deps.family.read()
        child.goto(f"https://{HOST}:{net.server.port}/")
        assert "hello" in child.text()
    finally:
        served.close()
