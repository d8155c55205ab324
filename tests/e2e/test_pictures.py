"""A feed in Chromium behind the real proxy: every picture of the hidden post is blurred or grey on the screen, its neighbour's is not."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path

import pytest
from PIL import Image

from safeguard.system.memory import Memory
from tests.e2e.conftest import Browsers
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, Reply
from tests.proxy.test_pictures import drawn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

WIDTH, HEIGHT = 160, 100
WAYS = ("srcset", "source", "css", "poster", "data", "json", "small")
"""How a picture gets on the screen, from left to right."""
STYLE = f"""<style>body {{ margin: 0; font-size: 20px }} article {{ position: absolute; left: 0; top: 0 }} #good {{ top: 200px }}
p {{ margin: 0; height: 40px }} .row {{ display: flex }}
.row > *, picture > img {{ width: {WIDTH}px; height: {HEIGHT}px; background-size: cover }}
</style>"""
WRITTEN = "data:image/png;base64," + base64.b64encode(drawn("image/png", (WIDTH, HEIGHT))).decode()


def post(name: str, text: str) -> str:
    return f"""<article id={name}><p>{text}</p><div class=row><img srcset="/{name}/srcset.png 1x, /{name}/large.png 3x">
<picture><source srcset=/{name}/source.webp type=image/webp><img src=/{name}/none.png></picture>
<div style="background-image: url(&quot;/{name}/css.png&quot;)"></div><video poster=/{name}/poster.jpg></video><img src="{WRITTEN}">
<img id={name}-json><img id={name}-small></div></article>"""


SCRIPT = """<script>fetch("/api").then(r => r.json()).then(posts => { for (const p of posts) {
  document.getElementById(p.name + "-json").src = p.media.variants[1].url;
  document.getElementById(p.name + "-small").src = p.media.variants[1].url.replace("640x400", "160x100") } });</script>"""
PAGE = f"<!doctype html><html lang=en>{STYLE}{post('bad', f'one {BAD} two')}{post('good', 'a nice day')}{SCRIPT}"
API = [
    {"name": name, "text": text, "n": 1, "media": {"variants": [{"url": f"/{name}/p-80x50.png"}, {"url": f"/{name}/p-640x400.png"}]}}
    for name, text in (("bad", f"again {BAD}"), ("good", "what a day"))
]


@pytest.fixture
def net(net_of: Start) -> Net:
    made = net_of({"/": Reply(PAGE.encode()), "/api": Reply(json.dumps(API).encode(), "application/json")})
    assert made.pipeline is not None
    made.pipeline.memory = Memory()
    for name, (file, media) in itertools.product(
        ("bad", "good"),
        (
            ("srcset.png", "image/png"),
            ("large.png", "image/png"),
            ("source.webp", "image/webp"),
            ("css.png", "image/png"),
            ("poster.jpg", "image/jpeg"),
            ("p-640x400.png", "image/png"),
            ("p-160x100.png", "image/png"),
        ),
    ):
        made.routes[f"/{name}/{file}"] = Reply(drawn(media, (WIDTH, HEIGHT)), media)
    return made


def steps(image: Image.Image) -> int:
    """Edges in the middle row that an eye sees."""
    row = image.convert("L").crop((4, HEIGHT // 2, WIDTH - 4, HEIGHT // 2 + 1)).tobytes()
    return sum(abs(a - b) > 60 for a, b in itertools.pairwise(row))


def test_on_the_screen(net: Net, browsers: Browsers, tmp_path: Path) -> None:
    page = browsers.chromium(net, flags=("--window-size=1200,600",)).open(f"https://{HOST}:{net.server.port}/")
    page.wait("Array.from(document.images).every(i => i.complete && i.naturalWidth)", 20)
    asked = {f"/{n}/{f}" for n in ("bad", "good") for f in ("css.png", "poster.jpg", "p-160x100.png")}
    page.wait(f"performance.getEntriesByType('resource').length >= {len(asked) + 7}", 20)
    assert asked <= {path for path, _ in net.server.seen}
    assert BAD not in page.html()
    page.screenshot(tmp_path / "page.png")
    screen = Image.open(tmp_path / "page.png")
    for top, seen in ((40, range(1)), (240, range(20, 100))):
        for n, way in enumerate(WAYS):
            place = (n * WIDTH, top, (n + 1) * WIDTH, top + HEIGHT)
            shown = screen.crop(place)
            assert steps(shown) in seen, (top, way)
            assert shown.convert("L").getextrema() != (255, 255), (top, way)  # something is there
