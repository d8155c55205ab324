"""What the README shows a parent, as it stands in a real Chromium: the child's page, a refused page, the sign-in of the parents'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safeguard.demo import browser as demo_browser
from safeguard.demo import show
from safeguard.demo.content import items
from safeguard.demo.reading import plain
from safeguard.demo.report import MARK
from safeguard.proxy import ca_store
from safeguard.system.chromium_pipe import Chromium, find_chromium
from safeguard.web import create_app
from safeguard.web.deps import account_of
from safeguard.web.server import Server
from tests import pictured
from tests.web.conftest import PIN, Site
from tests.web.conftest import site as site
from tests.web.conftest import store as store

README = (Path(__file__).parent.parent.parent / "README.md").read_text()
SHOWN = re.findall(r"!\[([^\]]*)\]\(installer/pictures/([a-z-]+)\.webp\)", README)

needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on PATH")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def anew(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--pictures"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as made:
        yield made


def test_every_picture_of_the_readme_is_there_small_and_in_words_too() -> None:
    assert {"setup", "child", "refused", "status", "sign-in"} <= {name for _, name in SHOWN}
    for words, name in SHOWN:
        assert len(words) > 20, "for a reader who sees no pictures"
        pictured.keep(name, (pictured.FOLDER / f"{name}.webp").read_bytes(), anew=False)


@needs_chromium
def test_a_child_sees_notices_in_place_of_harmful_posts(anew: bool) -> None:
    with show.stage() as on, Chromium(proxy=on.proxy, home=on.home()) as b:
        page = b.open("about:blank")
        page.goto(on.network.url + "en/")
        page.wait(demo_browser.READY)
        page.wait("Array.from(document.images).every(i => i.complete)")
        text = page.text()
        assert text.count(MARK) >= 2
        assert not [i.id for i in items() if i.harmful and plain(i.text) in text]
        pictured.keep("child", pictured.shoot(page, (900, 760)), anew=anew)


@needs_chromium
def test_a_page_that_cannot_be_checked_is_refused_and_says_why(anew: bool, tmp_path: Path) -> None:
    somebody = ca_store.open_authority(tmp_path, ["chorus.test"]).authority.root_pem
    with show.stage(roots=somebody) as on, Chromium(proxy=on.proxy, home=on.home()) as b:
        page = b.open("about:blank")
        page.goto(on.network.url + "en/")
        text = page.text()
        assert "did not open this site" in text
        pictured.keep("refused", pictured.shoot(page, (900, 420)), anew=anew)


@needs_chromium
def test_the_parents_page_asks_for_the_pin(anew: bool, browser: Chromium, site: Site) -> None:
    site.deps.pin.set(PIN)
    made = Server(lambda port: create_app(replace(site.deps, port=port, account=account_of)), 0)
    try:
        page = browser.open(made.address)
        page.wait("!!document.querySelector('#pin')")
        assert "PIN" in page.text()
        pictured.keep("sign-in", pictured.shoot(page, (900, 420)), anew=anew)
        page.close()
    finally:
        made.close()
