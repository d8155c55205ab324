"""The whole way, in Debian's Chromium: sample network, real proxy, real rules, live document.

Once with an engine that hides exactly the harmful texts, so that a failure is one of the machinery, and once with the shipped rules.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from safeguard.demo import certificate, show
from safeguard.demo.content import items
from safeguard.demo.pictures import SVG
from safeguard.demo.reading import plain
from safeguard.demo.report import Report
from safeguard.matching.verdict import CLEAN, Category, Level, Reason, Verdict
from safeguard.system.chromium_pipe import Chromium, find_chromium
from safeguard.text.unit import TextUnit

pytestmark = pytest.mark.e2e
BAD = {plain(i.text): i for i in items() if i.harmful}
KINDS = {
    "html": ("bio", "name", "alt", "caption"),
    "posts in HTML, state and JSON": ("post",),
    "html in json": ("comment",),
    "private message": ("message",),
    "poll": ("poll", "option"),
    "websocket": ("live-ws",),
    "server-sent events": ("live-sse",),
}


class Exact:
    """Hides the harmful texts of the sample network and nothing else."""

    version = "labels"

    def check_many(self, units: Sequence[TextUnit]) -> list[Verdict]:
        return [self._one(u) for u in units]

    def _one(self, unit: TextUnit) -> Verdict:
        reasons = []
        for n, segment in enumerate(unit.segments):
            if item := BAD.get(plain(segment.text)):
                category = item.category or Category.SLUR
                reasons.append(Reason("exact", category, 2, 1.0, n, 0, len(segment.text), (segment.text,), Level.HARMFUL))
        return Verdict(Level.HARMFUL, reasons[0].category, 2, 1.0, None, tuple(reasons)) if reasons else CLEAN


def need_chromium() -> None:
    if find_chromium() is None:
        pytest.skip("no Chromium on PATH; on Debian: apt install chromium")
    if shutil.which("certutil") is None:
        pytest.skip("no certutil on PATH, so no browser can be told to trust the proxy; on Debian: apt install libnss3-tools")


@pytest.fixture(scope="module")
def stage() -> Iterator[show.Stage]:
    with show.stage(Exact()) as running:  # type: ignore[arg-type]
        yield running


@pytest.fixture(scope="module")
def seen_by_chromium(stage: show.Stage) -> Report:
    need_chromium()
    return show.visit(stage)


@pytest.fixture(scope="module")
def seen_by_client(stage: show.Stage) -> Report:
    return show.visit(stage, plain=True)


def wrong(report: Report, kinds: Sequence[str]) -> list[tuple[str, str]]:
    rows = [r for r in report.rows if r.item.kind in kinds]
    assert rows
    return [(r.item.id, r.wrong) for r in rows if not r.ok]


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_chromium_gets_notices_for_the_harmful_and_every_harmless_text(seen_by_chromium: Report, kinds: Sequence[str]) -> None:
    assert "Chrom" in seen_by_chromium.visitor
    assert wrong(seen_by_chromium, kinds) == []


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_a_plain_client_gets_the_same(seen_by_client: Report, kinds: Sequence[str]) -> None:
    assert "plain client" in seen_by_client.visitor
    assert wrong(seen_by_client, kinds) == []


def test_every_notice_leads_to_its_finding(seen_by_client: Report) -> None:
    assert [r.item.id for r in seen_by_client.rows if r.item.harmful and (r.incident is None or r.incident.rule != "exact")] == []


def test_the_page_works_as_it_does_without_us(stage: show.Stage) -> None:
    need_chromium()
    with Chromium(proxy=stage.proxy, home=stage.home()) as browser:
        page = browser.open(stage.network.url)
        page.wait("window.chorus && chorus.ready", 20)
        assert page.error == ""
        assert page.eval("chorus.failed") == []
        assert page.eval("document.querySelectorAll('#live li').length") == 2
        assert page.eval("document.querySelectorAll('#notes li').length") == 2
        assert page.eval("Array.from(document.images).every(i => i.naturalWidth > 0)")


def test_pictures_of_the_hidden_are_grey_and_the_others_as_they_are(stage: show.Stage) -> None:
    need_chromium()
    with Chromium(proxy=stage.proxy, home=stage.home()) as browser:
        page = browser.open(stage.network.url)
        page.wait("window.chorus && chorus.ready", 20)
        for item in (i for i in items() if i.picture and i.lang == "en"):
            got = page.eval(f"fetch('/pictures/{item.picture}.svg?{item.id}').then(r => r.text())")
            assert (got == SVG[item.picture]) is not item.harmful, item.id


def test_the_picture(stage: show.Stage, tmp_path: Path) -> None:
    need_chromium()
    show.draw(stage, tmp_path / "both.png")
    data = (tmp_path / "both.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert 50_000 < len(data) < 300_000


def test_the_proxy_verifies_the_network_like_any_other_site() -> None:
    with show.stage(Exact(), roots=certificate.make("chorus.test").ca) as running:  # type: ignore[arg-type]
        view = running.client(filtered=True).visit()
    assert view.places == {}
    assert not any(view.stands_anywhere(i.text) for i in items())


@pytest.mark.parametrize("options", [["--plain"], []], ids=["plain client", "as make demo does"])
def test_the_command_with_the_shipped_rules(options: list[str]) -> None:
    start = time.monotonic()
    command = [sys.executable, "-m", "safeguard", "demo", *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=100, check=False)
    lines = done.stdout.strip().splitlines() or [""]
    bad = sum(i.harmful for i in items())
    good = len(items()) - bad
    assert [line for line in lines if line.startswith("MISSED")] == [], done.stderr
    assert lines[-1] == f"demo: {bad} of {bad} harmful texts hidden, {good} of {good} harmless texts shown", done.stderr
    assert done.returncode == 0
    assert time.monotonic() - start < 60
