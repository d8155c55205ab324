"""Evidence and alerts on the parents' page in a real Chromium: hostile texts stay texts, a phone's width and the dark are enough."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from safeguard import evidence, wiring
from safeguard.alerts import remote
from safeguard.evidence import Told, container, names
from safeguard.system import quiet_hours
from safeguard.system.chromium_pipe import Page, find_chromium
from safeguard.system.saved_entries import SavedEntries
from safeguard.web.server import Server
from tests.e2e.test_parents_page import BROUGHT, CONTRAST, FIELDS, ours, put, seen, sign_in
from tests.e2e.test_parents_page import browser as browser
from tests.e2e.test_parents_page import page as page
from tests.e2e.test_parents_page import served as served
from tests.store.conftest import incident
from tests.web.conftest import Site
from tests.web.conftest import site as site
from tests.web.conftest import store as store
from tests.web.hostile import HOSTILE

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")]


def save_hostile(site: Site) -> None:
    put(
        site,
        *(
            incident(f"H{n:03d}", excerpt=t, whole=t, author=t, rule=ours(t), site=HOSTILE[n % 10], url="https://x.test/" + t, account=t)
            for n, t in enumerate(HOSTILE)
        ),
    )
    for n in range(len(HOSTILE)):
        SavedEntries(site.deps.paths.saved).add(f"H{n:03d}")


def test_fifty_hostile_texts_saved_made_looked_at_and_checked(page: Page, served: Server, site: Site, tmp_path: Path) -> None:
    save_hostile(site)
    sign_in(page, served)
    page.goto(served.address + "evidence/")
    assert page.eval("document.querySelectorAll('article.entry').length") == 50
    assert page.eval(BROUGHT) == []
    assert seen(page) == (0, [])
    page.eval("document.querySelector('[value=police]').click(); document.querySelector('form.make button').click()")
    page.wait("!!document.querySelector('#digest') && document.readyState === 'complete'")
    page.goto(served.address + "evidence/look")
    assert page.eval("document.querySelectorAll('article').length") == 50
    assert page.eval("document.querySelectorAll('script, img, iframe, form, object, embed, link, base, svg, a').length") == 0
    time.sleep(0.5)
    assert not page.eval("window.count")  # no timers there to wait by: it is sandboxed

    entries = site.deps.store.exhibits.named([f"H{n:03d}" for n in range(50)])
    files = wiring.evidence_package(site.deps.settings, site.deps.store, entries, told=Told())
    added = {t.replace("/", "_").encode("utf-8", "replace").decode(): b"x" for t in HOSTILE}
    broken = tmp_path / "broken.zip"
    broken.write_bytes(container.pack({**files, names.entry(1): b"<script>ran()</script>", **added}))
    assert len(evidence.check_zip(broken.read_bytes()).problems) > 40
    page.goto(served.address + "evidence/")
    found = page.call("Runtime.evaluate", expression="document.querySelector('#f-package')")["result"]["objectId"]
    page.call("DOM.setFileInputFiles", files=[str(broken)], objectId=found)
    page.eval("document.querySelector('#f-digest').form.submit()")
    page.wait("!!document.querySelector('#result') && document.readyState === 'complete'")
    assert "CHANGED" in page.text()
    assert page.eval(BROUGHT) == []
    assert seen(page) == (0, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phones_width_and_in_the_dark(page: Page, served: Server, site: Site, scheme: str) -> None:
    save_hostile(site)
    with_one = wiring.channels(site.deps.paths).add("json://127.0.0.1:9/x", 5, lambda url: None)
    site.deps.store.troubles.failed(with_one.id, remote.SLOW)
    quiet_hours.write(site.deps.paths.quiet, "22:00-07:00", threats=True)
    page.call("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=2, mobile=True)
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    sign_in(page, served)
    for path in ("evidence/", "alerts/"):
        page.goto(served.address + path)
        page.eval("document.querySelectorAll('details').forEach(d => d.open = true)")
        if path == "evidence/":
            page.eval("document.querySelector('[value=school]').click(); document.querySelector('form.make button').click()")
            page.wait("!!document.querySelector('#digest') && document.readyState === 'complete'")
        assert page.eval("document.documentElement.scrollWidth") <= 320
        assert page.eval(CONTRAST) == []
        assert page.eval(FIELDS) == []
