"""Hostile texts on the page of a package are text and nothing else: in real Chromium, with and without the page's own policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from safeguard.evidence import Told, names
from safeguard.evidence.page import POLICY
from safeguard.policy.incident import Body
from safeguard.system.chromium_pipe import Chromium, find_chromium
from safeguard.system.terminal import safe
from tests.evidence.rig import MADE, build, entry, moment
from tests.store.conftest import REASON

RUN = "document.documentElement.dataset.ran=1"
HOSTILE = (
    f"<script>{RUN}</script>",
    f"</div><script>{RUN}</script>",
    f"</DIV ></article\t></main><script>{RUN}</script>",
    f"</title></style></textarea></noscript><script>{RUN}</script>",
    f"--><!--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<iframe src=javascript:parent.{RUN}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.test/'>",
    "<base href=https://elsewhere.test/>",
    "<link rel=stylesheet href=https://elsewhere.test/x.css>",
    "<style>body{display:none}</style>",
    f'" onmouseover="{RUN}" x="',
    f"' onmouseover='{RUN}' x='",
    f"` onmouseover=`{RUN}`",
    f"<a href='javascript:{RUN}' id=link>here</a>",
    f"javascript:{RUN}",
    "<form action=https://elsewhere.test/><button>x",
    "<template shadowrootmode=open>x</template>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"<\x00script>{RUN}</script>",
    f"<scr\u200bipt>{RUN}</scr\u200bipt>",
    f"\ufeff<script>{RUN}</script>",
    f"＜script＞{RUN}＜/script＞",
    "‹/div›‹/article›",
    "\u202eevil\u202c \u2066x \u202d y",
    "</bdi>\u202e</dd>",
    "\u2028\u2029\x85\x0b\x0c",
    "\x1b[31m\x1b]8;;https://elsewhere.test\x07x\x1b]8;;\x07",
    "+ADw-script+AD4-" + RUN,
    "\u0338<script>",
    "{{7*7}} ${7*7} <%= 7 %> #{7}",
    "Ի՞նչ <b>եւ</b> Мы <i>рядом</i> ƏəİıĞğ",
    "line\r\nline\n\tline\n\n\n end",
)
LONG = "x" * 5000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    if find_chromium() is None:
        pytest.skip("needs Chromium: apt install chromium")
    with Chromium() as browser:
        yield browser


def made(texts: tuple[str, ...]) -> str:
    """The page with each text in every place that texts from outside can reach."""
    entries = [
        replace(
            entry(t, whole=t, site=t, url=t, author=t, rule=t, category=t, group=t, role=t, action=t, account=t, rules=t, body="b"),
            seen=2,
        )
        for t in texts
    ]
    entries = [
        replace(e, incident=replace(e.incident, reasons=(replace(REASON, rule=t, words=(t, t)), replace(REASON, rule=t, suppressed_by=t))))
        for e, t in zip(entries, texts, strict=True)
    ]
    whys = dict(zip(texts, texts, strict=True))
    body = {t: Body(t, 1, 0, b"x") for t in texts}
    return build(entries, lambda e: body[e.incident.code], MADE, moment, told=Told(whys))[names.PAGE].decode()


COUNT = "[...document.querySelectorAll('*')].map(e => e.tagName + [...e.attributes].map(a => a.name).join()).join(' ')"


@pytest.mark.e2e
@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without"])
def test_none_runs_and_none_is_markup(chromium: Chromium, tmp_path: Path, policy: bool) -> None:
    def shown(name: str, texts: tuple[str, ...]) -> tuple[str, list[str], str | None]:
        file = tmp_path / name
        html = made(texts)
        assert POLICY in html
        file.write_text(html if policy else html.replace(POLICY, ""), encoding="utf-8")
        page = chromium.open(file.as_uri())
        page.eval("document.querySelectorAll('*').forEach(e => { e.dispatchEvent(new MouseEvent('mouseover')); e.click() })")
        assert page.eval("location.href") == file.as_uri()
        found = page.eval(COUNT), page.eval("[...document.querySelectorAll('.text')].map(e => e.textContent)")
        ran = page.eval("document.documentElement.dataset.ran || null")
        page.close()
        return *found, ran

    tags, texts, ran = shown("hostile.html", HOSTILE)
    assert ran is None
    assert texts == [safe(t, lines=True) for t in HOSTILE]
    assert tags == shown("harmless.html", tuple(f"harmless {n}" for n in range(len(HOSTILE))))[0]


@pytest.mark.e2e
def test_it_looks_right_and_prints(chromium: Chromium, tmp_path: Path) -> None:
    """Its own style holds under its policy, nothing is wider than a phone's window, and it becomes a PDF."""
    file = tmp_path / "page.html"
    file.write_text(made(("Մենք մոտ ենք", LONG, "Мы рядом")), encoding="utf-8")
    page = chromium.open(file.as_uri())
    assert page.eval("getComputedStyle(document.querySelector('.text')).whiteSpaceCollapse") == "preserve"
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=1, mobile=False)
    assert page.eval("document.documentElement.scrollWidth") <= 360
    assert len(page.call("Page.printToPDF")["data"]) > 1000
    page.close()


@pytest.mark.e2e
def test_an_override_turns_no_line_around_it(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(made(("\u202eabc",)), encoding="utf-8")
    page = chromium.open(file.as_uri())
    assert "\u202e" not in page.html()
    assert "\\u202eabc" in page.text()
    page.close()
