"""Pictures for the README, of what really was on a screen: small, and made anew where `--pictures` is given."""

from __future__ import annotations

import base64
import html
import io
import re
from pathlib import Path

from PIL import Image

from safeguard.system.chromium_pipe import Chromium, Page

FOLDER = Path(__file__).parent.parent / "installer" / "pictures"
MOST_BYTES = 100_000
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 14px; width: {width}px; background: #e9edf3; box-sizing: border-box }}
pre {{ margin: 0; padding: 14px 18px; border-radius: 10px; background: #1d2733; color: #e9edf3;
  font: 15px/1.4 "DejaVu Sans Mono", monospace; white-space: pre-wrap }}
</style><pre>{text}</pre>"""


def shoot(page: Page, size: tuple[int, int] | None = None) -> bytes:
    """WebP of an open page; all of it, or the top of that width and height."""
    if size is not None:
        page.call("Emulation.setScrollbarsHidden", hidden=True)
        page.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
    shot = page.call("Page.captureScreenshot", format="webp", quality=82, captureBeyondViewport=False)
    return base64.b64decode(shot["data"])


def terminal(browser: Chromium, text: str, width: int = 980) -> bytes:
    """What stood in a terminal, as text."""
    page = browser.open("about:blank")
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=200, deviceScaleFactor=1, mobile=False)
    frame = page.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
    plain = _CONTROL.sub("", text).replace("\r\n", "\n").strip("\n")
    page.call("Page.setDocumentContent", frameId=frame, html=_TERMINAL.format(width=width, text=html.escape(plain)))
    height = int(page.wait("document.querySelector('pre') && Math.ceil(document.body.getBoundingClientRect().height)"))
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    shot = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)
    page.close()
    small = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(shot["data"]))) as picture:
        picture.convert("RGB").save(small, "WEBP", lossless=True, quality=100)  # letters without specks, and half the size
    return small.getvalue()


def keep(name: str, shot: bytes, *, anew: bool) -> None:
    """It is a picture that a README can have; as installer/pictures/NAME.webp, where it is to be made anew."""
    with Image.open(io.BytesIO(shot)) as picture:
        picture.load()
        assert picture.format == "WEBP"
        assert len(picture.getcolors(1 << 20) or ()) != 1, "nothing is on it"
    assert len(shot) < MOST_BYTES
    if anew:
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.webp").write_bytes(shot)
