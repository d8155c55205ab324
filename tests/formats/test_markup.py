"""Whatever HTML: planted text is gone wherever a person could read it, and the rest stays byte for byte."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.bodies import read
from safeguard.formats.sites.parser import parse
from safeguard.pipeline import Exchange, Result
from safeguard.text.unit import Role
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
EXCHANGE = Exchange("https://site.test/", "site.test", "text/html; charset=utf-8")

PLACES = {
    "text": "<p>{}</p>",
    "no end tag": "<div><p>{}",
    "attribute": '<img src=x alt="{}">',
    "single quotes": "<a title='{}'>x</a>",
    "own attribute": '<shreddit-post post-title="{}"></shreddit-post>',
    "meta": '<meta property="og:description" content="{}">',
    "title": "<title>{}</title>",
    "textarea": "<textarea>{}</textarea>",
    "noscript": "<noscript><p>{}</p></noscript>",
    "template": "<template><p>{}</p></template>",
    "comment": "<code><!-- <div>{}</div> --></code>",
    "bogus comment": "<?{}>",
    "cdata": "<svg><![CDATA[{}]]></svg>",
    "svg style": "<svg><style><p>{}</p></style></svg>",
    "button": '<input type=submit value="{}">',
    "srcdoc": '<iframe srcdoc="&lt;p>{}&lt;/p>"></iframe>',
    "option": "<select><option>{}</select>",
    "xmp": "<xmp><b>{}</b></xmp>",
    "plaintext": "<plaintext>{}",
}
STATE = {
    "json": '<script type="application/json">{{"a": "{}"}}</script>',
    "var": '<script>var x = {{a: 1, text: "{}"}};</script>',
    "single": "<script>f('{}')</script>",
    "template": "<script>f(`{}`)</script>",
    "after a regex": "<script>x=y.replace(/[\"']/g,'');z=\"{}\"</script>",
    "after a comment": "<script>// it's\n/* \" */ z='{}'</script>",
}


def entities(text: str, how: int) -> str:
    if how == 0:
        return text
    return "".join((f"&#{ord(c)};", f"&#x{ord(c):x};", c)[(n + how) % 3] for n, c in enumerate(text))


NO_REFERENCES = ("cdata", "plaintext")


@pytest.mark.parametrize(("name", "how"), [(name, how) for name in PLACES for how in (0, 1, 2) if how == 0 or name not in NO_REFERENCES])
def test_goes_from_markup(name: str, how: int) -> None:
    place = PLACES[name]
    check(place.format(entities(BAD, how)), place.format("\0"))


def check(dirty: str, frame: str) -> None:
    before, after = "<html><body>été &amp; <i>a</i>", "<p class=z>fin</p>"
    outcome = PIPELINE.check_body(EXCHANGE, (before + dirty + after).encode())
    out = outcome.body.decode()
    assert outcome.result is Result.EDIT
    assert BAD not in html.unescape(html.unescape(out))
    assert "SafeGuard" in out
    head, tail = frame.split("\0")
    assert out.startswith(before + head)
    if "plaintext" not in frame:
        assert out.endswith(tail + after)


ESCAPES = ("plain", "unicode", "hex")


@pytest.mark.parametrize(
    ("name", "how"), [(name, how) for name in STATE for how in ESCAPES if (name, how) != ("json", "hex")]
)  # not JSON's
def test_goes_from_state(name: str, how: str) -> None:
    place = STATE[name]
    said = {"plain": BAD, "unicode": "".join(f"\\u{ord(c):04x}" for c in BAD), "hex": "".join(f"\\x{ord(c):02X}" for c in BAD)}[how]
    check(place.format(said), place.format("\0"))


def texts(body: str) -> list[list[str]]:
    found = read(body.encode(), "text/html; charset=utf-8")
    assert found is not None
    return [[s.text for s in u.segments] for u in found[0].units]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<p>kill <b>all</b> of<br>them</p>", [["kill all of\nthem"]], id="inline elements join"),
        pytest.param("<p>a <img alt='🐀'> b</p>", [["a 🐀 b"]], id="an emoji drawn as a picture"),
        pytest.param("<div>one</div><div>two</div>", [["one"], ["two"]], id="boxes are units"),
        pytest.param("<article><h2>one</h2><div><p>two</p></div></article>", [["one", "two"]], id="an article is one unit"),
        pytest.param(
            "<meta name=a content='x y'><meta name=viewport content='w h'><meta name=b content=z>", [["x y"]], id="metas are units"
        ),
        pytest.param("<ul><li>one<li>two</ul>", [["one"], ["two"]], id="list items are units"),
        pytest.param("<article>post<div class='comment'>c</div></article>", [["post", "c"]], id="an article keeps its boxes"),
        pytest.param("<div>a<div class='reply'><p>b</p><div>c</div></div></div>", [["a"], ["b", "c"]], id="a reply is a unit"),
        pytest.param("a < b and c > d", [["a < b and c > d"]], id="lone angle brackets"),
        pytest.param("<style>p{content:'x y'}</style>", [], id="style"),
        pytest.param("<p>x&nbspy &ltz</p>", [["x\xa0y <z"]], id="references without semicolon"),
        pytest.param("<p>ki\0ll</p>", [["kill"]], id="NUL is dropped"),
    ],
)
def test_units(body: str, expected: list[list[str]]) -> None:
    assert texts(body) == expected


def test_an_inline_element_does_not_end_a_profile_s_of_the_same_name() -> None:
    site = parse("s.yaml", b"title: S\ndomains: [s.test]\nroles: {message: ['css:span.said']}\n")
    body = "<div><span class=said><span>one</span> <b>two</b><span> three<span> four</span></span></span><span>at noon</span></div>"
    found = read(body.encode(), "text/html; charset=utf-8", site)
    assert found is not None
    assert [(s.text, s.role) for u in found[0].units for s in u.segments] == [("one two three four", Role.MESSAGE), ("at noon", Role.POST)]


def test_language_of_the_page_is_that_of_the_notice() -> None:
    outcome = PIPELINE.check_body(EXCHANGE, f"<html lang=ru-RU><p>{BAD}".encode())
    assert "Скрыто" in outcome.body.decode()


def test_the_notice_of_split_text_stands_once() -> None:
    outcome = PIPELINE.check_body(EXCHANGE, b"<p>verboten <b>words</b> <i>here</i> and on</p>")
    assert outcome.body.decode().count("SafeGuard") == 1
    assert outcome.body.endswith(b"<b></b> <i></i> </p>")


def test_a_tag_that_is_none_is_read_where_a_string_may_be_shown_as_text() -> None:
    exchange = Exchange("https://site.test/", "site.test", "application/json")
    outcome = PIPELINE.check_body(exchange, f'{{"text": "see <{BAD}> and <b>x</b>"}}'.encode())
    assert BAD not in outcome.body.decode()


TAGS = ("<p>", "</p>", "<div class='a'>", "<!--", "-->", "<script>", "</script>", "<b>", "</b>", "<svg>", "<title>", "</title>", "<a href=")
PIECES = st.sampled_from((*TAGS, "x < y", "&amp;", '"', "'", ">", "text", "<![CDATA[", "]]>", "\n"))


@given(st.lists(PIECES, max_size=25))
def test_broken_markup_without_harm_is_untouched(pieces: list[str]) -> None:
    raw = "".join(pieces).encode()
    assert PIPELINE.check_body(EXCHANGE, raw).body is raw


@given(st.lists(PIECES.filter(lambda p: p not in ("<script>", "<!--", "<a href=", '"', "'", "<![CDATA[")), max_size=20))
def test_planted_paragraph_goes_from_broken_markup(pieces: list[str]) -> None:
    out = PIPELINE.check_body(EXCHANGE, ("".join(pieces) + f"<p>{BAD}</p>").encode()).body.decode()
    assert BAD not in out
