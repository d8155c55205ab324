"""What a family lives through, tried as a parent would: real Chromiums, the real filter, its page.

With `--pictures` the pictures in README are made anew.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from safeguard import evidence, wiring
from safeguard.cli import parents_page
from safeguard.config import Settings
from safeguard.evidence import container, names
from safeguard.proxy.account import Accounts
from safeguard.store import Store
from safeguard.system import pin
from safeguard.system.chromium_pipe import Chromium, Page
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.watches import AllowanceWatch, RuleWatch
from safeguard.web.review import LIST
from tests.alerts import sinks
from tests.alerts.sinks import Sink
from tests.cli.conftest import Call
from tests.cli.conftest import call as call
from tests.e2e.conftest import Browsers
from tests.e2e.test_proxy_run import free_port
from tests.proxy.conftest import Net, Start
from tests.proxy.rig import HOST, Reply

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

README = Path(__file__).parents[2] / "README.md"
PICTURES = Path(__file__).parents[1] / "golden" / "parents"
NAMES = ("false-alarm", "review", "allowed", "no-false-alarm", "alerts", "threat", "evidence", "package", "checked")
WIDTH = 720

PIN, CHILD = "pebble-27-moth", "anna"
SITE = f"title: Class chat\ndomains: [{HOST}]\nroles:\n  post: [content]\n  message: [said]\nauthor: [who]\n"
ZOO = "Biology trip on Friday: the zoo keeper showed us a snake, and all of us were allowed to hold it!"
THREAT = "I know where you live. I will find you and kill you."
HELLO = "Look what I drew today."
HOME = """<!doctype html><html lang=en><meta name=viewport content="width=device-width"><title>Class chat</title>
<style>body { font: 16px sans-serif; margin: 1rem; background: #eef1f5 } p { background: #fff; padding: .7rem 1rem; border-radius: .6rem }
b { color: #4d5a69; display: block; font-size: .85rem }</style><h1>Class chat</h1><main></main>
<script>fetch('/feed.json').then(r => r.json()).then(all => { for (const one of all.items) { const p = document.createElement('p'),
b = document.createElement('b'); b.textContent = one.who; p.append(b, one.content || one.said); document.querySelector('main').append(p); }
document.body.id = 'loaded'; });</script>"""


@dataclass
class Family:
    """The child's browser through the filter, the parent's beside it, and the phone that gets alerts."""

    net: Net
    store: Store
    child: Page
    parent: Page
    page: str
    phone: Sink
    downloads: Path
    items: list[dict[str, str]] = field(default_factory=list)

    def writes(self, who: str, **item: str) -> None:
        """Somebody writes something in the class chat."""
        self.items.append({"who": who, **item})
        self.net.routes["/feed.json"] = Reply(json.dumps({"items": self.items}).encode(), "application/json")

    def child_sees(self) -> str:
        self.child.goto(f"https://{HOST}:{self.net.server.port}/")
        self.child.wait("document.body?.id === 'loaded'", 30)
        assert self.store.flush()
        return self.child.text()

    def child_sees_within_seconds(self, what: Callable[[str], bool]) -> str:
        """The running filter takes up what a parent changes; a page shows it when it is loaded again."""
        end = time.monotonic() + 60
        while not what(seen := self.child_sees()):
            assert time.monotonic() < end, seen
            time.sleep(0.5)
        return seen

    def goes_to(self, path: str) -> None:
        self.parent.goto(self.page + path)

    def presses(self, words: str, within: str = "document") -> None:
        """A button or link of that name, and waits until its page is there."""
        found = (
            f"[...{within}.querySelectorAll('button, a')].find(b => b.checkVisibility() && b.textContent.trim() === {json.dumps(words)})"
        )
        self.parent.eval("window.before = true")
        self.parent.eval(f"{found}.click()")
        self.parent.wait("!window.before && document.readyState === 'complete'", 60)

    def opens(self, words: str) -> None:
        """What unfolds."""
        self.parent.eval(f"[...document.querySelectorAll('summary')].find(s => s.textContent === {json.dumps(words)}).click()")

    def fills(self, field: str, text: str) -> None:
        self.parent.eval(f"document.querySelector({json.dumps(field)}).focus()")
        self.parent.call("Input.insertText", text=text)

    def said(self) -> str:
        return str(self.parent.eval("document.querySelector('.said').textContent"))


@pytest.fixture
def family(net_of: Start, browsers: Browsers, paths: Paths, tmp_path: Path) -> Iterator[Family]:
    """All that `safeguard run` joins, in front of a network of the test's own; a parent who is signed in."""
    (paths.rules / "sites").mkdir(parents=True)
    (paths.rules / "sites" / "class.yaml").write_text(SITE)
    own = OwnRules(wiring.own_rules(Settings()))
    word = own.with_entry(LIST, "words", "snake")  # what classmates called the child, so a parent put it on the list
    assert word is not None
    own.write(own.path(LIST), word)
    settings = Settings(lang="en", page_port=free_port())
    net = net_of({"/": Reply(HOME.encode())})
    assert net.pipeline is not None
    assert net.proxy is not None
    net.proxy._master.addon._accounts = Accounts({net.proxy.port: CHILD}, ask=lambda client, server: "")
    pin.PinStore(paths.pin, lambda incident: None).set(PIN)
    stop = threading.Event()
    with ExitStack() as until:
        store = wiring.open_store(settings, mend=True)
        until.callback(store.close)
        store.start()
        net.pipeline.engine, net.pipeline.sites = wiring.build_engine(settings), wiring.load_sites(settings)
        net.pipeline.sink = store.add
        rules, allowances = RuleWatch(settings, net.pipeline), AllowanceWatch(store, net.pipeline)
        for work in (rules.run, allowances.run, wiring.build_sender(settings, store).run):
            thread = threading.Thread(target=work, args=(stop, print))
            thread.start()
            until.callback(thread.join, 30)
        until.callback(stop.set)
        page = parents_page.serve(until, settings, store, net.pipeline, print)
        phone = until.enter_context(sinks.http())
        chromium = until.enter_context(Chromium())
        downloads = tmp_path / "downloads"
        chromium.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
        parent, child = chromium.open(page), browsers.chromium(net).open("about:blank")
        made = Family(net, store, child, parent, page, phone, downloads)
        for shown in (parent, child):
            shown.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=600, deviceScaleFactor=1, mobile=False)
        made.fills("#pin", PIN)
        made.presses("Sign in", "document.querySelector('main')")
        yield made


@pytest.fixture
def picture(pytestconfig: pytest.Config, tmp_path: Path) -> Callable[[Page, str], None]:
    """Takes a picture of what a page shows; kept where the test is told to make README's anew."""
    folder = PICTURES if pytestconfig.getoption("--pictures") else tmp_path

    def take(page: Page, name: str) -> None:
        assert name in NAMES
        size = page.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": min(size["height"], 1400), "scale": 1}
        shot = page.call("Page.captureScreenshot", format="webp", quality=75, captureBeyondViewport=True, clip=clip)
        (folder / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))

    return take


def test_a_false_alarm_is_found_undone_by_one_click_and_never_hidden_again(family: Family, picture: Callable[[Page, str], None]) -> None:
    family.writes("leyla", content=HELLO)
    family.writes("mr_brandt", content=ZOO)
    seen = family.child_sees()
    assert ZOO not in seen
    assert HELLO in seen
    picture(family.child, "false-alarm")
    [entry] = family.store.entries()
    code = entry.incident.code
    assert code in seen  # the child tells it to the parent
    family.goes_to("")
    family.fills("#f-q", code)
    family.presses("Show")
    assert ZOO not in family.parent.text()  # veiled
    family.opens("Show the text")
    assert ZOO in family.parent.text()
    family.opens("Why?")
    picture(family.parent, "review")
    family.presses("This text is not harmful")
    assert "Allowed." in family.said()
    picture(family.parent, "allowed")
    family.child_sees_within_seconds(lambda seen: ZOO in seen)
    picture(family.child, "no-false-alarm")
    family.writes("sam", content=ZOO)  # somebody else says the same, and the page is loaded again and again
    for _ in range(3):
        assert family.child_sees().count(ZOO) == 2
    family.goes_to(f"?q={code}")
    family.presses("Take back")
    family.child_sees_within_seconds(lambda seen: ZOO not in seen)


def test_a_threat_is_followed_from_the_alert_to_the_evidence(
    family: Family, picture: Callable[[Page, str], None], call: Call, tmp_path: Path
) -> None:
    family.goes_to("alerts/")
    family.opens("Another service")
    family.fills("#f-address", f"json://127.0.0.1:{family.phone.port}/t0ken-of-mine")
    family.presses("Add", "[...document.querySelectorAll('details')].at(-1)")
    family.presses("Send a test message")
    assert "was sent" in family.said()
    assert "This is a test." in family.phone.wait(1)[0]
    picture(family.parent, "alerts")
    assert "t0ken" not in family.parent.html()

    family.writes("leyla", content=HELLO)
    family.writes("raven_13", said=THREAT)
    assert THREAT not in family.child_sees()
    [entry] = family.store.entries()
    code = entry.incident.code
    alert = family.phone.wait(2, 60)[1]
    assert f"Code {code}" in alert
    for never in ("find you", "raven_13"):
        assert never not in alert

    family.goes_to(f"?q={code}")
    family.opens("Show the text")
    assert THREAT in family.parent.text()
    family.presses("Save as evidence")
    family.opens("Show the text")
    picture(family.parent, "threat")
    family.presses("Evidence", "document.querySelector('article')")
    family.parent.eval("document.querySelector('[value=police]').click()")
    family.presses("Make the package")
    digest = family.parent.eval("document.querySelector('#digest').textContent")
    picture(family.parent, "evidence")
    family.parent.eval("document.querySelector('a.button').click()")
    end = time.monotonic() + 60
    while not (found := list(family.downloads.glob("safeguard-evidence-*-police.zip"))):
        assert time.monotonic() < end
        time.sleep(0.1)
    [file] = found

    checked = call("report", "--verify", str(file), "--digest", digest)
    assert (checked.exit_code, "nothing was changed" in checked.stdout) == (0, True)
    files = container.unpack(file.read_bytes())
    record = json.loads(files[names.entry(1)])
    assert (record["author"], record["category"], record["site"]) == ("raven_13", "personal_threat", "class")
    assert THREAT in record["text"]
    assert record["address"].startswith(f"https://{HOST}")
    assert (record["child"], bool(record["rule"])) == (CHILD, True)
    assert record["rules_version"]
    assert THREAT.encode() in files[names.body(1)]  # the raw answer it stood in
    assert record["first_met_local"]
    assert evidence.check(files).count == 1

    family.goes_to("evidence/look")
    assert THREAT in family.parent.text()
    picture(family.parent, "package")
    assert family.parent.eval("location.origin + ' ' + document.querySelectorAll('a, script, form').length").endswith(" 0")

    data = file.read_bytes()
    at = data.index(b"find you")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(data[:at] + b"F" + data[at + 1 :])
    for path, says in ((broken, "CHANGED"), (file, "Nothing was changed")):
        family.goes_to("evidence/")
        field = family.parent.call("Runtime.evaluate", expression="document.querySelector('#f-package')")["result"]["objectId"]
        family.parent.call("DOM.setFileInputFiles", files=[str(path)], objectId=field)
        family.fills("#f-digest", digest)
        family.presses("Check")
        assert says in family.parent.eval("document.querySelector('#result').textContent")
        if path == broken:
            assert "answers/0001.bin" in family.parent.text()
            picture(family.parent, "checked")

    family.writes("raven_13", content="What a nice day.")
    assert "nice day" in family.child_sees()
    family.goes_to(f"?q={code}")
    family.presses("Hide this author everywhere")
    assert HELLO in family.child_sees_within_seconds(lambda seen: "nice day" not in seen)
    family.presses("Take back", "document.querySelector('section.group > .row')")
    family.child_sees_within_seconds(lambda seen: "nice day" in seen)


@pytest.mark.parametrize("name", NAMES)
def test_readme_has_the_picture(name: str) -> None:
    file = PICTURES / f"{name}.webp"
    assert file.read_bytes()[8:12] == b"WEBP"
    assert file.stat().st_size < 100_000
    assert f"(tests/golden/parents/{name}.webp)" in README.read_text()
