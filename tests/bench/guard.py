"""What the guard costs a page of 5,000 nodes in Chromium, with all rules in the proxy: its share of all the page's script.

Measured on a real chat (tests/bench/chat.py). For comparison the leanest app there can be: React that draws again only what changed, of one
component, where a reader goes down five screens; its figures are only told.
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

from safeguard.formats.sites.model import Opaque, Selector, SiteProfile, Sites
from safeguard.proxy import ca, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from safeguard.system.chromium_pipe import Chromium, Page, prepare_chromium_home
from safeguard.text.unit import Role
from tests.bench import chat, sampling, texts
from tests.bench.engine import pipeline
from tests.bench.measure import Figures
from tests.proxy.rig import HOST, LOOPBACK, Pki, Reply, Server

LIMIT = 5.0
POSTS, BATCH, NODES = 230, 20, 5000
KEY = 0x5A
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
const Post = memo(({ post, like }) => h("article", { "data-id": post.id, "aria-label": post.name },
  h("header", null,
    h("img", { src: "/p.png", alt: "" }), h("a", { className: "name", href: "#" }, post.name),
    h("time", null, ago.format(-post.age, "minute"))),
  h("div", { className: "said", dir: "auto" }, h(Text, { text: post.text })),
  h("footer", null, ["Reply", "Repost", "Like"].map((n, i) =>
    h(Action, { key: n, name: n, number: post.counts[i], act: () => like(post.id, i) })))));
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


def _visit(page: Page, address: str) -> sampling.Spent:
    page.goto("about:blank")
    with sampling.Sampling(page, address) as sampled:
        page.goto(address)
        page.wait("window.done", 60)
        page.eval("new Promise(done => setTimeout(done, 500))")
    sampling.check(page, NODES)
    return sampled.spent


def _lean(folder: Path, react: str, rounds: int) -> list[sampling.Spent]:
    pki = Pki()
    (folder / "roots.pem").write_bytes(pki.pem)
    head = (
        "<!doctype html><html lang=en><head><title>bench</title></head><body><div id=root></div><script src=/app.js></script></body></html>"
    )
    routes = {
        "/": Reply(head.encode()),
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
            return [_visit(page, f"https://{HOST}:{server.port}/") for _ in range(rounds + 1)][1:]
    finally:
        handle.stop()
        server.close()


def run(figures: Figures, rounds: int) -> None:
    """The share in percent on the chat; on the lean app and in milliseconds only told."""
    if why := chat.missing():
        print(f"bench guard: not measured on a chat: {why}")
    else:
        with TemporaryDirectory() as scratch:
            found = chat.spent(Path(scratch), min(rounds, 5))
        figures.tell("guard_script_share", statistics.median(s.share for s in found), LIMIT, "%")
        figures.tell("guard_script_time", statistics.median(s.guard for s in found), None, "ms")
        figures.tell("guard_page_script_time", statistics.median(s.page for s in found), None, "ms")
    if not (react := _react()):
        print("bench guard: not measured on a lean app: no React from npm")
        return
    with TemporaryDirectory() as scratch:
        found = _lean(Path(scratch), react, rounds)
    figures.tell("guard_lean_script_time", statistics.median(s.guard for s in found), None, "ms")
    figures.tell("guard_lean_page_script_time", statistics.median(s.page for s in found), None, "ms")
