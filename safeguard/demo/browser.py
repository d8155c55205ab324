"""The same visit by a real Chromium: pages opened, scripts run, live messages received; then read out of the live document."""

from __future__ import annotations

import base64
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from safeguard.demo import pages
from safeguard.demo.content import LANGUAGES
from safeguard.demo.network import LOOPBACK
from safeguard.demo.reading import View
from safeguard.system.chromium_pipe import BrowserError, Chromium, Page, prepare_chromium_home

READY = "window.chorus && chorus.ready"
PATIENCE_S = 8.0  # for one page
BUDGET_S = 40.0  # for all of them: a filter that swallows the live messages must not hold the demo for minutes
_SHEET = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 20px; width: 1240px; box-sizing: border-box; background: #e9edf3;
  font: 600 19px/1.3 system-ui, "DejaVu Sans", sans-serif; color: #1d2733;
  display: grid; grid-template-columns: 1fr 1fr; gap: 10px 20px }}
img {{ width: 100%; display: block; border-radius: 10px; box-shadow: 0 1px 6px #0003 }}
</style><div>{0}</div><div>{1}</div><img id="a" src="data:image/png;base64,{2}"><img id="b" src="data:image/png;base64,{3}">"""


def visit(browser: Chromium, base: str) -> View:
    """Open every page in every language, one after the other. What does not come is missing in the view.

    base: address of the network, without a slash at the end. Raises BrowserError where the browser itself fails.
    """
    view, end = View(), time.monotonic() + BUDGET_S
    page = browser.open("about:blank")
    for lang in LANGUAGES:
        for name in pages.PAGES:
            page.goto(base + pages.page_path(lang, name))
            with suppress(BrowserError):
                page.wait(READY, max(0.2, min(PATIENCE_S, end - time.monotonic())))
            read(page, view)
    page.close()
    return view


def read(page: Page, view: View) -> None:
    """Add what the open page holds, and what its script received, to the view."""
    view.add_html(page.html())
    for raw in page.eval("window.chorus ? chorus.received : []"):
        view.add_json(raw)


def direct(home: Path, host: str, ca: bytes) -> Chromium:
    """A browser that goes to the network without any proxy, for the picture's left half."""
    return Chromium(home=prepare_chromium_home(home, ca), flags=[f"--host-resolver-rules=MAP {host} {LOOPBACK}"])


def shoot(browser: Chromium, url: str, size: tuple[int, int]) -> bytes:
    """PNG of the top of a page, `size` in pixels, once everything live has come."""
    page = browser.open("about:blank")
    page.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
    page.call("Emulation.setScrollbarsHidden", hidden=True)
    page.goto(url)
    page.wait(READY, PATIENCE_S)
    page.wait("Array.from(document.images).every(i => i.complete)", PATIENCE_S)
    with tempfile.TemporaryDirectory() as folder:
        page.screenshot(Path(folder) / "shot.png", full_page=False)
        page.close()
        return (Path(folder) / "shot.png").read_bytes()


def side_by_side(browser: Chromium, left: tuple[str, bytes], right: tuple[str, bytes], target: Path) -> None:
    """Write one PNG with two pictures and their captions beside each other; laid out by the browser itself."""
    sheet = _SHEET.format(left[0], right[0], *(base64.b64encode(png).decode() for png in (left[1], right[1])))
    page = browser.open("about:blank")
    page.call("Emulation.setDeviceMetricsOverride", width=1240, height=200, deviceScaleFactor=1, mobile=False)
    page.call("Page.setDocumentContent", frameId=page.call("Page.getFrameTree")["frameTree"]["frame"]["id"], html=sheet)
    page.wait("document.images.length === 2 && Array.from(document.images).every(i => i.complete && i.naturalWidth)", PATIENCE_S)
    height = int(page.eval("Math.ceil(document.body.getBoundingClientRect().height)"))
    page.call("Emulation.setDeviceMetricsOverride", width=1240, height=height, deviceScaleFactor=1, mobile=False)
    page.screenshot(target, full_page=False)
    page.close()
