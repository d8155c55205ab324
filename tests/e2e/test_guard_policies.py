"""The table of policies in a real Chromium: each page does with the guard exactly what it does without, and the guard works."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from safeguard.formats.sites.model import Opaque, SiteProfile, Sites
from safeguard.system.chromium_pipe import BrowserError, Page
from tests.e2e.conftest import Browsers
from tests.guard.policies import INLINE_HASH, NO_WAY, POLICIES
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, Reply

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

HASHED = "ran.hashed = 1"
SCRIPT = f"""<script nonce=abc>ran.nonce = 1;
try {{ eval("ran.eval = 1") }} catch {{ ran.eval = 0 }}
try {{
  const s = document.createElement("script");
  s.src = "/own.js?made"; s.onload = s.onerror = e => ran.made = e.type; document.head.append(s);
}} catch (e) {{ ran.made = e.name }}
fetch("/data").then(r => r.text(), e => e.name).then(t => ran.fetched = t);
try {{ const w = new Worker("/worker.js"); w.onmessage = w.onerror = e => ran.worker = e.type }} catch (e) {{ ran.worker = e.name }}
</script><script>{HASHED}</script><script>ran.inline = 1</script><script src=/own.js?plain></script>
<script nonce=abc src=/own.js?nonce></script>"""
BODY = (
    f"</head><body><img src=/none.png onerror='ran.handler = 1'><style>p {{ color: rgb(1, 2, 3) }}</style><p id=p>styled</p>{SCRIPT}</body>"
)
EARLY = """window.ran = {}; window.broken = [];
document.addEventListener("securitypolicyviolation", e => broken.push(`${e.disposition} ${e.effectiveDirective} ${e.blockedURI}`));"""


def sites(guarded: bool) -> Sites:
    return Sites.of([SiteProfile("social", "Social", (HOST,), opaque=Opaque.DOM_GUARD if guarded else Opaque.BLOCK)])


def visit(page: Page, address: str) -> dict[str, Any]:
    """What ran on the page, and what its policy broke."""
    page.goto(address)
    page.wait("!ran.nonce || ['fetched', 'worker', 'made'].every(n => n in ran)", 10)
    page.eval("new Promise(done => setTimeout(done, 30))")  # for what the policy says it broke
    seen: dict[str, Any] = page.eval("({ran, broken: broken.sort(), color: getComputedStyle(p).color})")
    return seen


def hides(page: Page) -> bool:
    """Whether the guard works on the page."""
    page.eval(f"p.textContent = 'now {BAD}', 1")
    try:
        page.wait("p.textContent.includes('SafeGuard')", 5)
    except BrowserError:
        return False
    return True


def network(net_of: Start) -> tuple[Net, list[tuple[str, str]]]:
    """(the net, name and path of each page): the policies as headers, and as <meta> where one can say them."""
    net = net_of({"/data": Reply(b"data", "text/plain"), "/worker.js": Reply(b"postMessage(1)", "text/javascript")})
    for what in ("plain", "nonce", "made"):
        net.routes[f"/own.js?{what}"] = Reply(f"ran.own_{what} = 1".encode(), "text/javascript")
    pages = []
    for number, (name, policy) in enumerate(POLICIES.items()):
        net.routes[f"/h{number}"] = Reply(f"<!doctype html><head>{BODY}".encode(), headers=(("Content-Security-Policy", policy.said),))
        pages.append((f"{name} (header)", f"/h{number}"))
        if "," not in policy.said and policy.said != policy.made:
            meta = f'<meta http-equiv="Content-Security-Policy" content="{policy.said}">'
            net.routes[f"/m{number}"] = Reply(f"<!doctype html><head>{meta}{BODY}".encode())
            pages.append((f"{name} (meta)", f"/m{number}"))
    several = tuple(("Content-Security-Policy", v) for v in ("script-src 'unsafe-inline' 'self'", "default-src 'nonce-abc'"))
    only = (("Content-Security-Policy-Report-Only", "script-src 'none'; connect-src 'none'"),)
    net.routes["/several"] = Reply(f"<!doctype html><head>{BODY}".encode(), headers=several)
    net.routes["/integrity"] = Reply(
        f"<!doctype html><head>{BODY}".encode(), headers=(("Integrity-Policy", "blocked-destinations=(script)"),)
    )
    pages += [("several headers", "/several"), ("integrity policy", "/integrity")]
    net.routes["/only"] = Reply(f"<!doctype html><head>{BODY}".encode(), headers=only)
    return net, pages


def test_every_page_does_what_it_did_and_the_guard_works(net_of: Start, browsers: Browsers) -> None:
    assert "'sha256-" + base64.b64encode(hashlib.sha256(HASHED.encode()).digest()).decode() + "'" == INLINE_HASH
    net, pages = network(net_of)
    assert net.pipeline is not None
    assert net.proxy is not None
    page = browsers.chromium(net).open("about:blank")
    page.call("Page.addScriptToEvaluateOnNewDocument", source=EARLY)
    base = f"https://{HOST}:{net.server.port}"
    wrong = {}
    for name, path in pages:
        net.pipeline.sites = sites(guarded=False)
        before = visit(page, base + path)
        net.pipeline.sites = sites(guarded=True)
        after = visit(page, base + path)
        if before != after:
            wrong[name] = f"{before} became {after}"
        elif not hides(page):
            wrong[name] = "the guard does not work"
    assert not wrong, json.dumps(wrong, indent=1)
    assert net.proxy.partly_protected() == {}


def test_a_policy_that_only_reports_is_left_alone(net_of: Start, browsers: Browsers) -> None:
    net, _ = network(net_of)
    assert net.pipeline is not None
    net.pipeline.sites = sites(guarded=True)
    with net.tunnel() as t:
        got = t.get("/only", Sec_Fetch_Dest="document")
    assert got.headers["content-security-policy-report-only"] == "script-src 'none'; connect-src 'none'"
    assert "content-security-policy" not in got.headers
    page = browsers.chromium(net).open("about:blank")
    page.call("Page.addScriptToEvaluateOnNewDocument", source=EARLY)
    assert visit(page, f"https://{HOST}:{net.server.port}/only")["ran"]["inline"] == 1
    assert hides(page)


@pytest.mark.parametrize("said", NO_WAY.values(), ids=NO_WAY.keys())
def test_where_there_is_no_way_the_page_passes_and_it_is_told(net_of: Start, said: str) -> None:
    net = net_of({"/": Reply(f"<p>one {BAD}</p><p>two</p>".encode(), headers=(("Content-Security-Policy", said),))})
    assert net.pipeline is not None
    assert net.proxy is not None
    net.pipeline.sites = sites(guarded=True)
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest="document")
    assert "<p>two</p>" in got.text
    assert BAD not in got.text  # the network layer still reads it
    assert "script" not in got.text
    assert got.headers["content-security-policy"] == said
    assert net.proxy.partly_protected() == {"social": "its policy puts the page into a sandbox"}
