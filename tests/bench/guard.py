"""What the guard costs a page: its share of all script time on a feed of 5,000 nodes in Chromium, with all rules in the proxy.

The page is a React app as networks are: it decodes what no proxy can read, takes twenty posts at a time, some are clicked, and a reader goes down
five screens. All script of the page counts, and no layout; measured by V8's own sampling. The app draws as React does by default; `lean` is one
that draws again only what changed, told only: no real network is as lean.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import statistics
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from safeguard.formats.sites.model import Opaque, Selector, SiteProfile, Sites
from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from safeguard.system.chromium_pipe import Chromium, Page, find_chromium, prepare_chromium_home
from safeguard.text.unit import Role
from tests.bench import texts
from tests.bench.engine import pipeline
from tests.bench.measure import Figures
from tests.proxy.rig import HOST, LOOPBACK, Pki, Reply, Server

LIMIT = 5.0
POSTS, BATCH, NODES = 230, 20, 5000
KEY = 0x5A
EVERY, LONGEST = 100, 300
"""Microseconds between two samples; of a longer one the rest is another process's, which this computer has too."""
SITE = SiteProfile(
    "bench",
    "Bench",
    (HOST,),
    selectors=((Selector("div", frozenset({"said"})), Role.POST), (Selector("a", frozenset({"name"})), Role.NAME)),
    units=(Selector("article"),),
    opaque=Opaque.DOM_GUARD,
)
APP = """
const h = React.createElement, { memo, useCallback, useEffect, useState } = React;
const ago = new Intl.RelativeTimeFormat("en"), count = new Intl.NumberFormat("en", { notation: "compact" });
const Text = ({ text }) => text.split(/([#@]\\p{L}+|https?:\\S+)/u).map((t, i) => i % 2 ? h("a", { href: "#", key: i }, t) : t);
const Action = ({ name, number, act }) => h("button", { "aria-label": name, onClick: act },
  h("span", { className: "icon" }, h("i")), h("span", null, count.format(number)));
const Post = (location.pathname === "/lean" ? memo : post => post)(({ post, like }) => h("article", { "data-id": post.id, "aria-label": post.name },
  h("header", null, h("img", { src: "/p.png", alt: "" }), h("a", { className: "name", href: "#" }, post.name),
    h("time", null, ago.format(-post.age, "minute"))),
  h("div", { className: "said", dir: "auto" }, h(Text, { text: post.text })),
  h("footer", null, ["Reply", "Repost", "Like"].map((n, i) => h(Action, { key: n, name: n, number: post.counts[i], act: () => like(post.id, i) })))));
const rest = ms => new Promise(done => setTimeout(done, ms));
const Feed = () => {
  const [posts, setPosts] = useState([]);
  const like = useCallback((id, i) => setPosts(posts =>
    posts.map(p => p.id === id ? { ...p, counts: p.counts.map((c, n) => c + (n === i)) } : p)), []);
  useEffect(() => { (async () => {
    const raw = new Uint8Array(await (await fetch("/feed")).arrayBuffer()).map(b => b ^ 0x5A);
    const all = JSON.parse(new TextDecoder().decode(raw));
    for (let n = 0; n < all.length; n += BATCH) { setPosts(was => was.concat(all.slice(n, n + BATCH))); await rest(100); }
    for (let n = 0; n < 20; n++) { document.querySelectorAll("button")[n * 7].click(); await rest(20); }
    for (let n = 1; n < 6; n++) { scrollTo(0, n * 1400); await rest(150); }
    window.done = true;
  })(); }, []);
  return h("main", null, posts.map(p => h(Post, { key: p.id, post: p, like })));
};
ReactDOM.createRoot(document.getElementById("root")).render(h(Feed));
"""
REACT = {
    "react": ("react", "wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ=="),
    "react-dom": ("react-dom", "5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw=="),
}
"""Package -> its built file, and its SHA-512 as the npm registry tells it."""
VERSION = "18.3.1"
CACHE = Path(__file__).parents[2] / ".cache" / "npm"


def _react() -> str:
    """React as its makers ship it on npm, "" where `make bench` could not fetch it."""
    out = ""
    for name, (file, digest) in REACT.items():
        package = CACHE / f"{name}-{VERSION}.tgz"
        if not package.exists():
            return ""
        assert base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() == digest, f"{package} is not what npm has"
        with tarfile.open(package) as tar:
            found = tar.extractfile(f"package/umd/{file}.production.min.js")
            assert found is not None
            out += found.read().decode() + "\n"
    return out


def _feed() -> bytes:
    said = texts.posts(2 * POSTS, seed=3)
    rows = [
        {"id": n, "name": said[-n - 1][:24], "age": n % 59 + 1, "text": f"{said[n]} #{n % 9}", "counts": [n % 7, n % 1000, n * 37 % 90_000]}
        for n in range(POSTS)
    ]
    return bytes(b ^ KEY for b in json.dumps(rows, ensure_ascii=False).encode())


def shares(profile: dict[str, Any], guard: str, here: str) -> tuple[float, float]:
    """Milliseconds of the guard's script and of the page's own in a CPU profile."""
    nodes = {n["id"]: n for n in profile["nodes"]}
    whose: dict[int, str] = {}

    def walk(number: int, of: str) -> None:
        url = nodes[number]["callFrame"]["url"]
        of = "guard" if guard in url else of or ("page" if url.startswith(here) else "")
        whose[number] = of
        for child in nodes[number].get("children", ()):
            walk(child, of)

    walk(profile["nodes"][0]["id"], "")
    spent = {"guard": 0.0, "page": 0.0, "": 0.0}
    for number, micros in zip(profile["samples"], profile["timeDeltas"], strict=True):
        spent[whose[number]] += min(micros, LONGEST) / 1000
    return spent["guard"], spent["page"]


def _visit(page: Page, address: str) -> tuple[float, float]:
    page.call("Network.disable")  # else DevTools notes the way to each request, which costs more than asking
    page.call("Profiler.enable")
    page.call("Profiler.setSamplingInterval", interval=EVERY)
    page.goto("about:blank")
    page.call("Profiler.start")
    page.goto(address)
    page.wait("window.done", 60)
    page.eval("new Promise(done => setTimeout(done, 500))")
    assert page.eval("document.body.innerText.includes('SafeGuard')") is False, "the bench's own posts are found harmful"
    found = page.eval("(w => { let n = 0; while (w.nextNode()) n++; return n })(document.createTreeWalker(document.body))")
    assert found >= NODES, f"only {found} nodes"
    return shares(page.call("Profiler.stop")["profile"], "/.well-known/safeguard/", address.rpartition("/")[0])


def run(figures: Figures, rounds: int) -> None:
    """The share in percent; and its milliseconds, only told."""
    react = _react()
    if find_chromium() is None or not react:
        print("bench guard: not measured, needs Chromium on PATH and React from npm")
        return
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pki = Pki()
        (folder / "roots.pem").write_bytes(pki.pem)
        head = "<!doctype html><html lang=en><head><title>bench</title></head><body><div id=root></div><script src=/app.js></script></body></html>"
        routes = {
            "/": Reply(head.encode()),
            "/lean": Reply(head.encode()),
            "/app.js": Reply((react + APP.replace("BATCH", str(BATCH))).encode(), "text/javascript"),
            "/feed": Reply(_feed(), "application/octet-stream"),
            "/p.png": Reply(b"", "image/png", 404),
        }
        server = Server(pki.context(folder, [HOST]), dict(routes))
        made = pipeline(folder)
        made.sites = Sites.of([SITE])
        authority = ca.issue([HOST], dt.datetime.now(dt.UTC))
        handle = master.start_in_thread(
            PipelineChecker(made),
            authority,
            resolver=table_resolver({HOST: LOOPBACK}),
            private=[(HOST, server.port)],
            trust_roots=folder / "roots.pem",
        )
        try:
            with Chromium(proxy=handle.address, home=prepare_chromium_home(folder / "home", authority.root_pem)) as browser:
                page = browser.open("about:blank")
                spent = {
                    path: [_visit(page, f"https://{HOST}:{server.port}{path}") for _ in range(rounds + 1)][1:] for path in ("/", "/lean")
                }
        finally:
            handle.stop()
            server.close()
    for path, limit in (("/", LIMIT), ("/lean", None)):
        name = f"guard{path.replace('/', '_').rstrip('_')}"
        figures.tell(f"{name}_script_share", statistics.median(100 * g / (g + p) for g, p in spent[path]), limit, "%")
        figures.tell(f"{name}_script_time", statistics.median(g for g, _ in spent[path]), None, "ms")
        figures.tell(f"{name}_page_script_time", statistics.median(p for _, p in spent[path]), None, "ms")
