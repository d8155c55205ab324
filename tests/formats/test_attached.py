"""What goes with a hidden post: its quotes, cards, translations, descriptions and poll; the neighbours' stay, and so does the page."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats import attached, bodies, boxes
from safeguard.formats.sites.model import Selector, SiteProfile
from safeguard.matching.verdict import Level
from safeguard.text.unit import Role
from tests.formats.fake import BAD, OneWord


def gone(body: str, kind: str = "text/html", site: SiteProfile | None = None) -> set[str]:
    """The texts that go along."""
    found = bodies.read(body.encode(), f"{kind}; charset=utf-8", site)
    assert found is not None
    document = found[0]
    verdicts = OneWord().check_many(document.units)
    bad = {u.segments[i].place for u, v in zip(document.units, verdicts, strict=True) for i in v.segments(Level.HARMFUL)}
    assert bad
    along = attached.of_places(document, boxes.read(document.body, site), bad)
    assert set(along.values()) <= bad
    texts = {s.place: s.text for u in document.units for s in u.segments}
    return {texts[place] for place in along}


CARD = {"title": "Some news", "description": "of the day", "site": 1, "url": "https://a.test/b"}
ALTS = [{"alt_text": "a tree", "w": 1}, {"alt_text": "a house", "w": 2}]
JSON: dict[str, tuple[Any, set[str]]] = {
    "card": ({"text": BAD, "id": 1, "card": CARD}, {"Some news", "of the day"}),
    "link preview": ({"text": BAD, "link_preview": CARD}, {"Some news", "of the day"}),
    "attachments": ({"text": BAD, "attachments": [{"link": CARD}, {"title": "more of it"}]}, {"Some news", "of the day", "more of it"}),
    "descriptions": ({"text": BAD, "media": ALTS}, {"a tree", "a house"}),
    "text one deeper": ({"record": {"text": BAD, "a": 1, "b": 2, "c": 3}, "embed": {"external": CARD}}, {"Some news", "of the day"}),
    "translation": ({"text": BAD, "n": 1, "translation": {"text": "in other words", "lang": "en", "by": 1}}, {"in other words"}),
    "poll": (
        {"text": BAD, "poll": {"question": "and you", "options": [{"title": "yes do"}, {"title": "no"}]}},
        {"and you", "yes do", "no"},
    ),
    "the quoting post": (
        {"text": BAD, "quoted_status": {"text": "nice day", "n": 1, "card": CARD, "media": ALTS}},
        {"nice day", "Some news", "of the day", "a tree", "a house"},
    ),
    "a quote in a quote": (
        {"text": BAD, "quoted": {"text": "nice day", "n": 1, "quoted": {"text": "good night", "n": 1}}},
        {"nice day", "good night"},
    ),
    "the quoted post": (
        {"text": "look here", "media": ALTS, "quoted": {"text": BAD, "n": 1, "card": CARD}},
        {"Some news", "of the day"},
    ),
    "the middle one of three": (
        {"text": "look here", "quoted": {"text": BAD, "n": 1, "quoted": {"text": "good night", "n": 1}}},
        {"good night"},
    ),
    "what is answered": ({"text": BAD, "reply_message": {"text": "nice day", "n": 1}}, {"nice day"}),
    "a card that is hidden itself": ({"text": "nice day", "media": ALTS, "card": CARD | {"title": BAD}}, {"of the day"}),
    "a description that is hidden itself": ({"text": "nice day", "card": CARD, "media": [{"alt_text": BAD, "w": 1}, ALTS[0]]}, set()),
    "a name that is hidden": ({"user": {"name": BAD, "id": 1}, "text": "nice day", "card": CARD}, set()),
    "who it is stays": (
        {"text": BAD, "user": {"name": "Otto Muster", "bio": "I like trees"}, "card": CARD},
        {"Some news", "of the day"},
    ),
    "the comment's own": (
        {"text": "nice day", "media": ALTS, "comments": [{"text": BAD, "card": CARD}]},
        {"Some news", "of the day"},
    ),
    "comments stay": (
        {"text": BAD, "comments": [{"text": "nice day", "card": CARD}, {"text": "good", "card": CARD}]},
        set(),
    ),
    "the only comment stays": ({"text": BAD, "comments": [{"text": "nice day", "card": CARD}]}, set()),
    "neighbours": ([{"text": BAD, "n": 1}, {"text": "nice day", "card": CARD, "media": ALTS}], set()),
    "neighbours without a text": ({"items": [{"text": BAD, "n": 1}, {"card": CARD, "media": ALTS}]}, set()),
    "neighbours in an object": ({"posts": {"a": {"text": BAD, "n": 1}, "b": {"text": "nice day", "card": CARD}}}, set()),
    "another field of the post": ({"title": "nice day", "text": BAD}, set()),
    "the page": (
        {
            "rules": [{"text": "Be kind to all"}],
            "about": {"text": "We are a site"},
            "feed": [{"text": BAD, "n": 1}, {"text": "good", "n": 1}],
        },
        set(),
    ),
    "a page called so": ({"embed": {"feed": [{"text": BAD, "n": 1}] + [{"text": f"nice day {n}", "n": 1} for n in range(30)]}}, set()),
    "machine's words": ({"text": BAD, "kind": "GraphImage", "owner": {"status": "not_commercial"}, "media": ALTS}, {"a tree", "a house"}),
    "html in json": ({"content": f"<p>{BAD}</p>", "card": CARD}, {"Some news", "of the day"}),
    "json in json": ({"payload": json.dumps([{"text": BAD, "card": CARD}, {"text": "good", "media": ALTS}])}, {"Some news", "of the day"}),
}


@pytest.mark.parametrize(("value", "along"), JSON.values(), ids=JSON)
def test_json(value: Any, along: set[str]) -> None:
    assert gone(json.dumps(value), "application/json") == along


HTML = {
    "alt": (f"<article><p>{BAD}</p><img alt='a tree'></article><article><p>nice</p><img alt='a house'></article>", {"a tree"}),
    "link card": (
        f"<li><p>{BAD}</p><a class='status-card' href=/x><div><b>Some news</b><p>of the day</p></div></a></li>",
        {"Some news", "of the day"},
    ),
    "a card farther in": (f"<li><div><p>{BAD}</p></div><div><div class='link-preview'>Some news</div></div></li>", {"Some news"}),
    "blockquote": (f"<article><blockquote><p>he said so</p></blockquote><p>{BAD}</p></article>", {"he said so"}),
    "the quoted post": (f"<article><p>look</p><blockquote>{BAD}<img alt='a tree'></blockquote><img alt='a house'></article>", {"a tree"}),
    "quoted status": (f"<div class=post><p>{BAD}</p><div class='quoted-status'><p>nice day</p></div></div>", {"nice day"}),
    "translation": (f"<li>{BAD}<div class='translation'>in other words</div></li>", {"in other words"}),
    "a comment below": (f"<article><p>{BAD}</p><ul><li>nice<img alt='a tree'></li></ul></article>", set()),
    "the post above": (f"<article><p>nice</p><img alt='a tree'><ul><li>{BAD}</li></ul></article>", set()),
    "a row": (f"<div><p>nice</p><img alt='a tree'><p>good</p><p>{BAD}</p><img alt='a house'></div>", {"a house"}),
    "the page": (f"<body><h1>A site</h1><p>Be kind to all</p><div><p>{BAD}</p></div><footer>About us</footer></body>", set()),
    "a page called so": ("<div id=embed>" + "<p>nice day</p>" * 30 + f"<p>{BAD}</p></div>", set()),
    "buttons": (f"<article><p>{BAD}</p><div class='quote-count'>many quotes</div><button>Translate</button></article>", set()),
    "state": (
        f'<p>x</p><img alt="a house"><script>var s = {{posts: [{{text: "{BAD}", n: 1, alt_text: "a tree"}}, {{text: "nice day", n: 1}}]}};'
        "</script>",
        {"a tree"},
    ),
}


@pytest.mark.parametrize(("body", "along"), HTML.values(), ids=HTML)
def test_html(body: str, along: set[str]) -> None:
    assert gone(body) == along


def test_roles_and_units_that_a_site_names() -> None:
    site = SiteProfile(
        "s",
        "S",
        ("site.test",),
        units=(Selector("x-post"),),
        selectors=((Selector("x-card"), Role.CARD), (Selector("x-rules"), Role.RULES)),
    )
    post = "<x-post><x-text>{}</x-text><x-card>Some news</x-card><x-rules>Be kind</x-rules></x-post>"
    assert gone(post.format(BAD), site=site) == {"Some news"}
    assert gone(post.format("nice") + f"<x-post>{BAD}</x-post>", site=site) == set()


def test_a_page_made_to_take_long_does_not() -> None:
    deep = "<div class=link-card>" * 3000 + f"<p>{BAD}</p>" + "<p>nice</p><img alt=tree>" * 3000
    wide = (
        "<script>x = {"
        + ",".join(f'"card{n}": {{"card": {{"title": "words of {n}"}}}}' for n in range(6000))
        + f', "z": "{BAD}"}}</script>'
    )
    start = time.process_time()
    gone(deep + wide)
    assert time.process_time() - start < 10


@given(
    st.recursive(
        st.none() | st.sampled_from([BAD, "nice words", "<p>nice</p>", f"<blockquote>{BAD}</blockquote>"]),
        lambda c: (
            st.lists(c) | st.dictionaries(st.sampled_from(["text", "card", "quoted", "poll", "options", "alt", "comments", "name"]), c)
        ),
    )
)
def test_no_name_goes_along(value: Any) -> None:
    body = json.dumps({"name": "Otto Muster", "text": BAD, "value": value})
    assert "Otto Muster" not in gone(body, "application/json")
