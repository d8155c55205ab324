"""The rules on the parents' page in real Chromiums: what the parent clicks, the child sees; hostile names of lists and rules stay texts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from safeguard import wiring
from safeguard.config import Settings
from safeguard.system.chromium_pipe import Chromium, Page, find_chromium
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.watches import RuleWatch
from safeguard.web import create_app
from safeguard.web.deps import account_of
from safeguard.web.server import Server
from tests.cli.conftest import ship as ship
from tests.e2e.conftest import Browsers
from tests.e2e.test_parents_page import BROUGHT, WATCH, ours, seen, sign_in
from tests.proxy.conftest import Start
from tests.proxy.rig import HOST, Reply
from tests.web.conftest import Site
from tests.web.conftest import site as site
from tests.web.conftest import store as store
from tests.web.hostile import HOSTILE
from tests.web.test_rules import RULES

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240), pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")]

FEED = "<html lang=en><article><p>So many zorblats here</p></article><article><p>Nice weather</p></article>"
ELEMENTS = set(
    "h1 h2 h3 p form div label input details summary select option button a section article span bdi blockquote mark "  # noqa: SIM905
    "ul li q br strong textarea".split()
)


@pytest.fixture
def parent() -> Iterator[Page]:
    with Chromium() as made:
        page = made.open("about:blank")
        page.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        yield page


@pytest.fixture
def own(paths: Paths, ship: Callable[[dict[str, str]], None]) -> OwnRules:
    """The family's folder, on a handful of shipped rules; the child's site is one of the family's own."""
    ship(RULES)
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "social.yaml").write_text(f"title: Social\ndomains: [{HOST}]\n")
    return OwnRules(wiring.own_rules(Settings()))


def served_by(site: Site, own: OwnRules, engine: Callable[[], object]) -> Server:
    deps = replace(site.deps, own=own, account=account_of, engine=engine, rules=lambda: wiring.load_rule_files(Settings()).rules)
    return Server(lambda port: create_app(replace(deps, port=port)), 0)


def press(page: Page, text: str) -> None:
    """Clicks the button or link of that text, and waits for the page that comes."""
    page.eval("window.old = true")
    page.eval(
        f"[...document.querySelectorAll('main button, main a, nav a')].find(b => b.textContent.trim() === {json.dumps(text)}).click()"
    )
    page.wait("!window.old && document.readyState === 'complete'", 60)  # a busy machine takes long over thousands of entries


def test_a_word_is_added_seen_in_its_forms_hidden_switched_off_and_shown(
    net_of: Start, site: Site, own: OwnRules, parent: Page, browsers: Browsers
) -> None:
    net = net_of({"/": Reply(FEED.encode())})
    pipeline = net.pipeline
    assert pipeline is not None
    pipeline.engine, pipeline.sites, pipeline.help = wiring.judging(Settings(), Paths.of_user())
    child = browsers.chromium(net).open("about:blank")

    def child_sees() -> bool:
        child.goto(f"https://{HOST}:{net.server.port}/")
        text = child.text()
        assert "Nice weather" in text
        return "zorblats" in text

    def soon(sees: bool) -> float:
        begun = time.monotonic()
        while child_sees() is not sees:
            assert time.monotonic() - begun < 20
        return time.monotonic() - begun

    stop = threading.Event()
    watch = threading.Thread(target=RuleWatch(Settings(), pipeline).run, args=(stop, print))
    watch.start()
    page = served_by(site, own, lambda: pipeline.engine)
    try:
        assert child_sees()
        sign_in(parent, page)
        press(parent, "Rules")
        parent.eval("document.querySelector('#a-text').value = 'zorblat'; document.querySelector('#a-lang').value = 'en'")
        press(parent, "Show what it would change")
        assert "zorblat, zorblats, zorblated, zorblating" in parent.eval("document.querySelector('.forms').textContent")
        assert child_sees()
        press(parent, "Add it")
        assert "Added." in parent.text()
        soon(False)
        press(parent, "Try a text")
        parent.eval("document.querySelector('#t-text').value = 'So many zorblats here'")
        press(parent, "Try it")
        assert "Harmful: it is hidden" in parent.text()
        assert parent.eval("[...document.querySelectorAll('mark')].map(m => m.textContent)") == ["zorblats"]
        press(parent, "Your lists")
        press(parent, "Switch off")
        soon(True)
        press(parent, "Undo")
        soon(False)
        press(parent, "own")
        press(parent, "Take out")
        assert "Taken out." in parent.text()
        soon(True)
        press(parent, "Undo")
        soon(False)
    finally:
        stop.set()
        watch.join(20)
        page.close()


def test_a_list_from_a_file_chosen_in_the_browser(site: Site, own: OwnRules, parent: Page, tmp_path: Path) -> None:
    def choose(file: Path) -> None:
        document = parent.call("DOM.getDocument")["root"]["nodeId"]
        node = parent.call("DOM.querySelector", nodeId=document, selector="#i-file")["nodeId"]
        parent.call("DOM.setFileInputFiles", nodeId=node, files=[str(file)])
        press(parent, "Take the list")

    engine = wiring.build_engine(Settings())
    page = served_by(site, own, lambda: engine)
    try:
        sign_in(parent, page)
        press(parent, "Rules")
        good, broken, huge = tmp_path / "good.yaml", tmp_path / "<img src=x onerror=ran()>.yaml", tmp_path / "huge.yaml"
        good.write_text("kind: list\nid: school\nwords:\n" + "".join(f"- wort{n}x\n" for n in range(3000)))
        broken.write_text("kind: list\nid: school\nwrods: [zorblat]\n")
        huge.write_bytes(b"- x\n" * 500_000)
        choose(good)
        assert "3000 of 3000 entries are new." in parent.text()
        assert "Page 1 of 60" in parent.text()
        press(parent, "Undo")
        assert own.files() == {}
        choose(good)
        before = own.files()
        assert len(before) == 1
        press(parent, "Rules")
        for file, said in ((broken, "line 3: unknown key 'wrods'"), (huge, "huge.yaml is larger than 1 MB")):
            choose(file)
            assert said in parent.eval("document.querySelector('[role=alert]').textContent")
            assert seen(parent) == (0, [])
            assert own.files() == before
    finally:
        page.close()


def test_hostile_names_of_lists_rules_and_entries(site: Site, own: OwnRules, parent: Page) -> None:
    texts = [ours(t) for t in HOSTILE]
    rules = own.folder.parent
    for n, text in enumerate(texts):
        doc = {"kind": "list", "id": text, "action": "hide" if n % 2 else "allow", "words": [f"{text} x", f"word{n}"], "accounts": [text]}
        (rules / f"{n}.yaml").write_text(yaml.safe_dump(doc, allow_unicode=False))
    frames = [{"id": t, "category": "slur", "severity": 2, "why": f"why {t}", "all": ["KILL", "GROUP"]} for t in texts]
    (rules / "frames.yaml").write_text(yaml.safe_dump({"kind": "frames", "frames": frames}))
    (rules / "off.yaml").write_text(yaml.safe_dump({"kind": "overrides", "expires": dict.fromkeys(texts[::3], "2020-01-01")}))
    own.expire(f"list.{texts[0]}", "2099-01-01")
    page = served_by(site, own, lambda: wiring.build_engine(Settings()))

    def look() -> None:
        parent.eval("document.querySelectorAll('details').forEach(d => d.open = true)")
        parent.eval("document.querySelectorAll('main input, main button, main a, main summary').forEach(e => { e.focus(); })")
        assert seen(parent) == (0, [])
        assert set(parent.eval("[...new Set([...document.querySelectorAll('main *')].map(e => e.localName))]")) <= ELEMENTS
        assert parent.eval(BROUGHT) == []

    try:
        sign_in(parent, page)
        press(parent, "Rules")
        assert parent.eval("document.querySelectorAll('article.entry').length") == len(set(texts))
        look()
        for n in (0, 13, 36, 48):
            parent.goto(page.address + "rules/")
            named = f"a => new URL(a.href).searchParams.get('name') === {json.dumps(texts[n])}"
            parent.eval(f"[...document.querySelectorAll('h3 a')].find({named}).click()")
            parent.wait("location.pathname === '/rules/list' && document.readyState === 'complete'")
            look()
            press(parent, "Switch off")
            assert f"list.{texts[n]}" in own.disabled()
            look()
        parent.goto(page.address + "rules/all?show=finds&q=why")
        assert parent.eval("document.querySelectorAll('article.entry').length") == 30
        look()
        for text in (HOSTILE[0], HOSTILE[13], HOSTILE[36]):
            parent.goto(page.address + "rules/add")
            parent.eval(f"document.querySelector('#a-text').value = {json.dumps(text)}")
            press(parent, "Show what it would change")
            look()
            parent.goto(page.address + "rules/try")
            parent.eval(f"document.querySelector('#t-text').value = 'kill the Kurds ' + {json.dumps(text)}")
            press(parent, "Try it")
            look()
            parent.eval(f"location = '/rules/all?q=' + encodeURIComponent({json.dumps(text)})")
            parent.wait("location.search && document.readyState === 'complete'")
            look()
    finally:
        page.close()
