"""Recorded pages of real networks under their real host names, through the real proxy with the shipped rules, into Chromium.

The recordings belong to others and lie beside the project (`../shared/captures`), not in it. Each page is opened twice in the same
browser, without the filter and with it; the difference is what the filter did. No other name leads anywhere: whatever else a page
asks for fails, both times.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.pipeline import Exchange
from safeguard.policy.incident import Incident
from safeguard.proxy import ca_store, master, upstream
from safeguard.proxy.checking import PipelineChecker, Way
from safeguard.system.chromium_pipe import Chromium, find_chromium, prepare_chromium_home
from safeguard.system.paths import Paths
from tests.e2e import captures, reading_pages
from tests.e2e.captures import HATE, Capture
from tests.e2e.conftest import need
from tests.e2e.reading_pages import Seen
from tests.live.kid import NOTICE
from tests.proxy.rig import LOOPBACK, Pki, Reply, Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PAGES = captures.pages()
NONE = pytest.param(None, id="none", marks=pytest.mark.skip(reason="no recorded pages in ../shared/captures beside the project"))
TOGETHER = 8
"""So many texts of a page may go with the planted ones: what else the same post says."""


class Unfiltered(PipelineChecker):
    """The same proxy, and every answer goes through it untouched."""

    def way(self, exchange: Exchange) -> Way:
        return Way.STREAM


@dataclass
class Replay:
    """The servers of all pages, the proxy in front of them, the browser."""

    browser: Chromium
    proxy: master.Handle
    checker: PipelineChecker
    servers: dict[str, Server]
    incidents: list[Incident]

    def visit(self, capture: Capture, body: str, *, filtered: bool) -> Seen:
        """The page with this body, in a tab and with a memory of its own."""
        server = self.servers[capture.name]
        reply = Reply(body.encode(), capture.content_type, headers=(("Cache-Control", "no-store"),))
        server.routes[capture.path] = reply
        self.proxy.swap(self.checker if filtered else Unfiltered(self.checker.pipeline))
        origin = f"https://{capture.host}:{server.port}"
        page = self.browser.open(origin + capture.path, timeout_s=60)
        try:
            assert page.error == ""
            reading_pages.settle(page)
            return reading_pages.read(page)
        finally:
            page.call("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
            page.close()


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[Replay]:
    if find_chromium() is None or shutil.which("certutil") is None:
        need("chromium", "certutil")
    folder = tmp_path_factory.mktemp("replay")
    pki, roots = Pki(), folder / "roots.pem"
    roots.write_bytes(pki.pem)
    servers = {c.name: Server(pki.context(folder, [c.host], alpn=("http/1.1",)), {}) for c in PAGES}
    incidents: list[Incident] = []
    paths = replace(Paths.under(folder / "own"), cache=shared_cache)
    pipeline = wiring.build_pipeline(Settings(lang="en"), sink=incidents.append, paths=paths, code_key=b"k" * 32)
    checker = PipelineChecker(pipeline)
    authority = ca_store.open_authority(folder / "ca", pipeline.sites.domains).authority
    proxy = master.start_in_thread(
        checker,
        authority,
        resolver=upstream.table_resolver({c.host: LOOPBACK for c in PAGES}),  # knows no other name: nothing leaves
        private=[(c.host, servers[c.name].port) for c in PAGES],
        trust_roots=roots,
    )
    try:
        browser = Chromium(proxy=proxy.address, home=prepare_chromium_home(folder / "home", authority.root_pem))
        try:
            yield Replay(browser, proxy, checker, servers, incidents)
        finally:
            browser.close()
    finally:
        proxy.stop()
        for server in servers.values():
            server.close()


@pytest.mark.parametrize("capture", [pytest.param(c, id=c.name) for c in PAGES] or [NONE])
def test_what_was_planted_is_hidden_and_the_rest_works(replay: Replay, capture: Capture) -> None:
    body = capture.planted()
    plain = replay.visit(capture, body, filtered=False)
    replay.incidents.clear()
    seen = replay.visit(capture, body, filtered=True)
    planted = [h for h in HATE if plain.holds(h)]
    assert len(planted) == min(len(HATE), len(set(capture.people)))

    assert [h for h in planted if seen.holds(h)] == []
    for sentence in planted:
        codes = [i.code for i in replay.incidents if sentence in i.excerpt]
        assert any(code in seen.source for code in codes), (sentence, codes)

    def hateful(text: str) -> bool:
        return any(h in text for h in planted)

    places = [place for place, text in plain.texts.items() if hateful(text)]
    assert places
    for place in places:
        assert NOTICE.search(seen.around(place)), (place, seen.around(place)[:500])

    harmless = [place for place, text in plain.texts.items() if len(text.split()) >= 4 and not hateful(text)]
    assert harmless
    gone = {place: plain.texts[place] for place in harmless if seen.texts.get(place) != plain.texts[place]}
    assert len(gone) <= TOGETHER, gone

    assert seen.errors <= plain.errors
