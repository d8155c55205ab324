"""A page-long report that quotes hate passes whole under the teen profile; each sentence it quotes, posted alone, is hidden."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from safeguard.formats.sites.model import Sites
from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level
from safeguard.pipeline import Exchange, Pipeline, Result
from safeguard.policy.profile import TEEN
from safeguard.ruleset.model import LANGS
from safeguard.text.unit import TextUnit

REPORTS = Path(__file__).parents[1] / "reports"
PAGES = {lang: (REPORTS / f"{lang}.html").read_text(encoding="utf-8") for lang in LANGS}
QUOTED = re.compile("“([^”]+)”|«([^»]+)»")
# Quoted, and no hate: what a victim or a councillor said.
HARMLESS = (
    "finally somebody says it",
    "I was afraid for my little brother,",
    "Я боялась за младшего брата",
    "Küçük kardeşim için korktum",
    "Kiçik qardaşımdan ötrü qorxurdum",
    "Վախենում էի փոքր եղբորս համար",
)


def plain(page: str) -> str:
    """The page as somebody copies it into a post: paragraphs, no markup."""
    body = re.sub(r"<head>.*?</head>", "", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(?:p|h1|h2|li|nav)>", "\n\n", body))).strip()


def quotes(page: str) -> list[str]:
    """The hateful sentences that the page quotes."""
    return [q for a, b in QUOTED.findall(plain(page)) if (q := a or b) not in HARMLESS]


ALONE = [pytest.param(q, id=f"{lang}-{n}") for lang, page in PAGES.items() for n, q in enumerate(quotes(page))]
# The same report as other sites build their pages: without <article>, every paragraph a box, straight quotation marks, bare list items.
SHAPES = {
    "article": (),
    "main": ((r"(</?)article>", r"\1main>"),),
    "boxes": ((r"(</?)article>", r"\1div>"), (r"(</?)p>", r"\1div>")),
    "straight": ((r"[“”«»]", "&quot;"),),
    "bare-list": ((r"(<li>[“«].*?[”»]) \(.*?\)</li>", r"\1</li>"),),
}


def pipeline(engine: Engine) -> Pipeline:
    return Pipeline(engine, Sites(()), b"key", TEEN)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lang", LANGS)
def test_the_page_passes_whole(engine: Engine, lang: str, shape: str) -> None:
    page = PAGES[lang]
    for pattern, instead in SHAPES[shape]:
        page, count = re.subn(pattern, instead, page)
        assert count
    raw = page.encode()
    outcome = pipeline(engine).check_body(
        Exchange("https://net.example/report", "net.example", "text/html; charset=utf-8", dest="document"), raw
    )
    assert (outcome.result, outcome.hidden, [i.excerpt for i in outcome.incidents]) == (Result.PASS, 0, [])


@pytest.mark.parametrize("lang", LANGS)
def test_it_passes_as_one_long_post(engine: Engine, lang: str) -> None:
    text = plain(PAGES[lang])
    assert len(text.split()) >= 400
    [verdict] = engine.check_many([TextUnit.of(text)])
    assert verdict.level is Level.CLEAN, [r for r in verdict.reasons if r.suppressed_by is None]


@pytest.mark.parametrize("text", ALONE)
def test_each_quoted_sentence_alone_is_harmful(engine: Engine, text: str) -> None:
    [verdict] = engine.check_many([TextUnit.of(text)])
    assert verdict.level is Level.HARMFUL


@pytest.mark.parametrize("lang", LANGS)
def test_without_its_report_the_page_is_not_let_through(engine: Engine, lang: str) -> None:
    """That it is long and has headings is no excuse."""
    page = (
        f"<html lang={lang}><body><article><h1>1</h1>"
        + "".join(f"<p>{html.escape(q)}</p>" for q in quotes(PAGES[lang]))
        + "</article></body></html>"
    )
    outcome = pipeline(engine).check_body(
        Exchange("https://net.example/", "net.example", "text/html; charset=utf-8", dest="document"), page.encode()
    )
    assert (outcome.result, outcome.hidden) == (Result.EDIT, 1)


@pytest.mark.parametrize("lang", LANGS)
def test_it_quotes_enough(lang: str) -> None:
    assert len(quotes(PAGES[lang])) >= 8
