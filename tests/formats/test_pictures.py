"""Pictures that go with a hidden unit: those of its own container, in HTML and JSON, and none of its neighbours."""

from __future__ import annotations

import html
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats import bodies, pictures
from safeguard.formats.addresses import key
from safeguard.formats.document import Document
from safeguard.formats.literals import unescaped
from safeguard.formats.messages import read_message
from safeguard.formats.sites.model import Selector, SiteProfile
from safeguard.matching.verdict import Level
from tests.formats.fake import BAD, OneWord

BASE = "https://www.site.test/p/1"
HOST = "www.site.test"


def hidden(body: str, kind: str = "text/html") -> set[str]:
    """Paths (with query) of the pictures that go."""
    found = bodies.read(body.encode(), f"{kind}; charset=utf-8")
    assert found is not None
    bad = places(found[0])
    assert bad
    return {k.removeprefix(HOST) for k in pictures.of_places(found[0], bad, BASE).keys if k[0] != "~"}


def places(document: Document) -> set[int]:
    """Of the hidden texts."""
    verdicts = zip(document.units, OneWord().check_many(document.units), strict=True)
    return {u.segments[i].place for u, v in verdicts for i in v.segments(Level.HARMFUL)}


def hidden_json(value: Any) -> set[str]:
    return hidden(json.dumps(value), "application/json")


LAZY = {"/w", "/a", "/b", "/c", "/d", "cdn.test/e"}
HTML = {
    "article": (f"<article><p>{BAD}</p><img src=/a.jpg></article><article><p>nice</p><img src=/b.jpg></article>", {"/a.jpg"}),
    "no extension": (f"<article><p>{BAD}</p><img src='/a?id=1&amp;w=2'></article>", {"/a?id=1&w=2"}),
    "srcset": (f"<li><p>{BAD}</p><img src=/a srcset='/b 1x, /c.png 2x,/d,e 3x'></li>", {"/a", "/b", "/c.png", "/d,e"}),
    "picture": (f"<li>{BAD}<picture><source srcset='/a.webp 2x'><img src=/a.jpg></picture></li>", {"/a.webp", "/a.jpg"}),
    "lazy": (f"<li>{BAD}<img src=/wait.gif data-src=/a.jpg></li>", {"/wait.gif", "/a.jpg"}),
    "poster, not video": (f"<li>{BAD}<video poster=/a src=/v.mp4><source src=/v.webm></video></li>", {"/a"}),
    "background": (f"<li>{BAD}<div style=\"background:url('/a.jpg')\"></div></li>", {"/a.jpg"}),
    "link to the large one": (f"<li>{BAD}<a href=/large.jpg>x</a><a href=/page>y</a></li>", {"/large.jpg"}),
    "boxes in a card": (f"<div class=post><div><b>Otto</b></div><div>{BAD}</div><div><img src=/a></div></div>", {"/a"}),
    "plain boxes": (f"<div><div>{BAD}</div><div><img src=/a></div></div>", {"/a"}),
    "before the text": (f"<div><div><img src=/a></div><div>{BAD}</div></div>", {"/a"}),
    "avatar and emoji": (f"<li>{BAD}<img class=avatar src=/me><img class='x emoji' src=/smile></li>", set()),
    "the site's own": (f"<main><header><img src=/site.png></header><div><article>{BAD}</article></div></main>", set()),
    "comment below": (f"<article><p>nice</p><img src=/a><ul><li>{BAD}<img src=/b></li></ul></article>", {"/b"}),
    "post above": (f"<article><p>{BAD}</p><img src=/a><ul><li>nice<img src=/b></li></ul></article>", {"/a"}),
    "own alt": (f"<article><p>nice</p></article><article><img src=/a alt='{BAD}'></article>", {"/a"}),
    "base": (f"<base href='https://cdn.site.test/x/'><li>{BAD}<img src=a.jpg></li>", {"cdn.site.test/x/a.jpg"}),
    "unclosed": (f"<ul><li>{BAD}<img src=/a><li>nice<img src=/b></ul>", {"/a"}),
    "lazy sets": (
        f"<li>{BAD}<img src=/w data-srcset='/a 1x, /b 2x' data-original=/c data-lazy-src=/d data-hires='//cdn.test/e'></li>",
        LAZY,
    ),
    "lazy background": (f"<li>{BAD}<div data-bg='url(/a)' data-background-image=/b data-href=/page data-id=/x></div></li>", {"/a", "/b"}),
    "lazy video": (f"<li>{BAD}<video data-src=/v data-poster=/a></video></li>", {"/a"}),
    "objects in an attribute": (f"""<li>{BAD}<div data-props='{{"image": {{"url": "/a"}}, "n": 1}}'></div></li>""", {"/a"}),
    "preload": (f"<li>{BAD}<link rel=preload as=image href=/a imagesrcset='/b 1x, /c 2x'><link rel=next href=/d></li>", {"/a", "/b", "/c"}),
    "styles": (f"<li>{BAD}<i style='background:image-set(&quot;/a&quot; 1x, url(/b) 2x)'></i></li>", {"/a", "/b"}),
    "references": (f"<li>{BAD}<img src='&#47;a&#x3f;x=1&amp;y=2'></li>", {"/a?x=1&y=2"}),
    "old ways": (
        f"<table><tr><td background=/a>{BAD}<input type=image src=/b><object data=/c.png></object></table>",
        {"/a", "/b", "/c.png"},
    ),
    "text before the first tag": (f"well <ul><li>{BAD}<img src=/a></li><li>nice<img src=/b></li></ul>", {"/a"}),
    "a base that is none": (f"<base href='https://['><li>{BAD}<img src=https://www.site.test/a></li>", {"/a"}),
    "state": (
        f'<p>x</p><script>var s = {{"posts": [{{"text": "{BAD}", "n": 1, "image": "\\/a.jpg"}}, {{"text": "nice", "image": "/b.jpg"}}]}};'
        "</script>",
        {"/a.jpg"},
    ),
}


@pytest.mark.parametrize(("body", "gone"), HTML.values(), ids=HTML)
def test_html(body: str, gone: set[str]) -> None:
    assert hidden(body) == gone


URL = "https://cdn.site.test/i"
JSON = {
    "key": ({"text": BAD, "image_url": f"{URL}/1", "video_url": "https://x.test/v.mp4", "link": "https://x.test/page"}, {"/1"}),
    "extension": ({"text": BAD, "first": f"{URL}/1.JPG?x=1"}, {"/1.JPG?x=1"}),
    "inner objects": ({"text": BAD, "media": [{"url": f"{URL}/1", "id": 7}, {"url": f"{URL}/2"}]}, {"/1", "/2"}),
    "list of addresses": ({"text": BAD, "photos": [f"{URL}/1", f"{URL}/2"]}, {"/1", "/2"}),
    "neighbours": ([{"text": BAD, "n": 1, "image": f"{URL}/1"}, {"text": "nice", "n": 2, "image": f"{URL}/2"}], {"/1"}),
    "text one deeper": ({"content": {"text": BAD, "a": 1, "b": 2, "c": 3}, "media": {"url": f"{URL}/1.png"}}, {"/1.png"}),
    "alt of its own": ({"text": BAD, "images": [{"url": f"{URL}/1", "alt": "A long description", "w": 1, "h": 2}]}, {"/1"}),
    "avatar": ({"text": BAD, "user": {"name": "Otto", "avatar_url": f"{URL}/1.jpg", "profile_image_url": f"{URL}/2.jpg"}}, set()),
    "comment": (
        {"text": "nice", "image": f"{URL}/1", "comments": [{"text": BAD, "n": 1, "image": f"{URL}/2"}, {"text": "good", "n": 1}]},
        {"/2"},
    ),
    "post": ({"text": BAD, "image": f"{URL}/1", "comments": [{"text": "good", "n": 1, "image": f"{URL}/2"}]}, {"/1"}),
    "banner of a feed": ({"banner": f"{URL}/0.jpg", "posts": [{"text": BAD, "n": 1}, {"text": "nice", "n": 1}]}, set()),
    "html in json": ({"posts": [f"<li>{BAD}<img src='{URL}/1'></li>", f"<li>nice<img src='{URL}/2'></li>"]}, {"/1"}),
    "json in json": ({"payload": json.dumps([{"text": BAD, "pic": f"{URL}/1"}, {"text": "nice", "pic": f"{URL}/2"}])}, {"/1"}),
    "sizes": (
        {
            "text": BAD,
            "attachments": [{"type": "photo", "photo": {"id": 5, "sizes": [{"type": "s", "url": f"{URL}/1"}, {"url": f"{URL}/2"}]}}],
        },
        {"/1", "/2"},
    ),
    "candidates": (
        {
            "caption": {"text": BAD},
            "image_versions2": {"candidates": [{"w": 1, "url": f"{URL}/1"}, {"w": 2, "url": f"{URL}/2"}]},
            "carousel_media": [{"image_versions2": {"candidates": [{"url": f"{URL}/3"}]}}],
            "user": {"username": "otto", "profile_pic_url": f"{URL}/9.jpg", "hd_profile_pic_url_info": {"url": f"{URL}/8.jpg"}},
        },
        {"/1", "/2", "/3"},
    ),
    "thumbnails": (
        [
            {"title": {"runs": [{"text": BAD}]}, "thumbnail": {"thumbnails": [{"url": f"{URL}/1"}, {"url": f"{URL}/2"}]}},
            {"title": {"runs": [{"text": "nice"}]}, "thumbnail": {"thumbnails": [{"url": f"{URL}/3"}, {"url": f"{URL}/4"}]}},
        ],
        {"/1", "/2"},
    ),
    "covers of a video": (
        {
            "desc": BAD,
            "video": {"cover": f"{URL}/1", "originCover": f"{URL}/2", "playAddr": "https://x.test/v", "shareCover": ["", f"{URL}/3"]},
        },
        {"/1", "/2", "/3"},
    ),
    "variants": ({"text": BAD, "n": 1, "media": {"variants": {"small": {"url": f"{URL}/1"}, "large": {"url": f"{URL}/2"}}}}, {"/1", "/2"}),
    "json written as html": ({"text": BAD, "image": f"{URL}/1?w=1&amp;s=2"}, {"/1?w=1&s=2", "/1?w=1&amp;s=2"}),
    "srcset and style": (
        {"text": BAD, "srcset": f"{URL}/1 1x, {URL}/2 2x", "style": f"color:red;background:url({URL}/3)"},
        {"/1", "/2", "/3"},
    ),
    "the quoted post": (
        {"text": "I do not agree", "image": f"{URL}/1", "quoted": {"text": BAD, "n": 1, "image": f"{URL}/2"}},
        {"/2"},
    ),
    "the quoting post": (
        {"text": BAD, "image": f"{URL}/1", "quoted": {"text": "nice", "n": 1, "image": f"{URL}/2"}},
        {"/1", "/2"},
    ),
    "a post in a list quoted": (
        [
            {"text": "nice", "image": f"{URL}/1", "n": 1},
            {"text": BAD, "quoted_status": {"text": "nice", "n": 1, "media": [{"url": f"{URL}/2"}]}},
        ],
        {"/2"},
    ),
    "words for machines": (
        [
            {
                "status": "not_commercial",
                "at": "Sat Dec 14 04:35:55 +0000 2013",
                "n": 1,
                "caption": {"text": BAD, "n": 1},
                "image": f"{URL}/1",
            },
            {"status": "not_commercial", "at": "Sat Dec 14 04:35:55 +0000 2013", "n": 1, "image": f"{URL}/2"},
            {"text": "nice", "n": 1, "image": f"{URL}/3"},
        ],
        {"/1"},
    ),
    "words for machines beside the picture": (
        [
            {"text": BAD, "n": 1, "entities": {"media": [{"kind": "photo", "shown": "pic.site.test/1", "n": 1, "url": f"{URL}/1"}]}},
            {"text": "nice", "n": 1, "entities": {"media": [{"kind": "photo", "shown": "pic.site.test/2", "n": 1, "url": f"{URL}/2"}]}},
        ],
        {"/1"},
    ),
    "a film": (
        {"text": BAD, "media": [{"url": f"{URL}/1", "video": [{"url": f"{URL}/2.mp4?x"}, {"url": f"{URL}/3.m3u8"}]}]},
        {"/1"},
    ),
    "blocks": ({"blocks": [{"type": "p", "text": BAD}, {"type": "image", "url": f"{URL}/1.png"}]}, {"/1.png"}),
}


@pytest.mark.parametrize(("value", "gone"), JSON.values(), ids=JSON)
def test_json(value: Any, gone: set[str]) -> None:
    assert hidden_json(value) == {f"cdn.site.test/i{g}" for g in gone}


def test_units_that_a_site_names() -> None:
    """Elements that only a profile knows to begin a unit hold its pictures together."""
    site = SiteProfile("s", "S", ("site.test",), units=(Selector("x-post"),))
    page = f"<div><x-post>{BAD}<img src=/a></x-post><x-post><img src=/b></x-post><x-post>nice</x-post></div>"
    found = bodies.read(page.encode(), "text/html; charset=utf-8", site)
    assert found is not None
    assert set(pictures.of_places(found[0], places(found[0]), BASE, site).keys) == {f"{HOST}/a", f"~{HOST}/a"}


ONE, TWO = "data:image/png;base64,AAAA", "DATA:image/svg+xml;utf8,%3Csvg%20x=1%3E"
WRITTEN = {
    "img": f"<li>{BAD}<img src='{ONE}' width=9></li>",
    "no quotes": f"<li>{BAD}<img src={ONE}></li>",
    "references": f"<li>{BAD}<img src='data&#58;image/png;base64,AAAA' alt=x></li>",
    "srcset": f"<li>{BAD}<img srcset='{ONE} 1x, {TWO} 2x'></li>",
    "style": f"<li>{BAD}<i style='color:red;background:url(&quot;{ONE}&quot;) no-repeat'></i></li>",
    "quotes in it": f"""<li>{BAD}<i style='background:url("data:image/svg+xml,<svg fill=(red)>")'></i></li>""",
    "poster": f"<li>{BAD}<video poster='{ONE}'></video></li>",
    "lazy": f"<li>{BAD}<div data-src='{ONE}'></div></li>",
    "noscript": f"<li>{BAD}<noscript><img src='{ONE}'></noscript></li>",
    "json": f'{{"text": "{BAD}", "n": 1, "image": "{ONE}", "thumb": "{TWO}"}}',
    "escaped": rf'{{"text": "{BAD}", "n": 1, "image": "data:image\/png;base64,AA\u0041A"}}',
    "html in json": rf'{{"html": "<li>{BAD}<img src=\"{ONE}\" \/><\/li>", "n": 1}}',
    "json in html": f"""<li>{BAD}<div data-props='{{"image": "{ONE}"}}'></div></li>""",
    "style in json": f'{{"text": "{BAD}", "n": 1, "style": "a:url({ONE})"}}',
    "state": f'<p>x</p><script>var s = {{text: "{BAD}", n: 1, image: "{ONE}"}};</script>',
    "large": f"<li>{BAD}<img src='data:image/png;base64,{'A' * 100_000}'></li>",
}


def written_out(body: str) -> tuple[Document, str]:
    """The document, and the body with what is written out in it replaced."""
    kind = "application/json" if body[0] == "{" else "text/html"
    found = bodies.read(body.encode(), f"{kind}; charset=utf-8")
    assert found is not None
    inline = pictures.of_places(found[0], places(found[0]), BASE).inline
    return found[0], found[0].replaced({}, None, inline)


@pytest.mark.parametrize("body", WRITTEN.values(), ids=WRITTEN)
def test_what_is_written_out_is_replaced_in_its_place(body: str) -> None:
    document, after = written_out(body)
    assert pictures.GREY in after
    rest = after.split(pictures.GREY)
    assert "data:" not in "".join(rest).lower()
    at = 0
    for part in rest:  # every other letter is where it was
        at = document.body.index(part, at) + len(part)
    assert at == len(document.body)
    if body[0] == "{":
        json.loads(after)


@pytest.mark.parametrize(
    "body",
    [
        f"<ul><li>{BAD}</li><li>nice<img src='{ONE}'></li></ul>",
        f'[{{"text": "{BAD}", "n": 1}}, {{"text": "nice", "n": 1, "image": "{ONE}"}}]'.replace("[", '{"a": [', 1) + "}",
        f"<li>{BAD}<img class=avatar src='{ONE}'></li>",
        f'{{"text": "{BAD}", "n": 1, "avatar": "{ONE}"}}',
        f"<li>{BAD}<a href='data:text/plain,x'>x</a><img src=/a.jpg></li>",
    ],
    ids=["neighbour", "neighbour in json", "avatar", "avatar in json", "no picture"],
)
def test_what_else_is_written_out_stays(body: str) -> None:
    assert written_out(body)[1] == body


def test_other_sizes_go_unless_a_neighbours_picture_would() -> None:
    def families(body: str) -> set[str]:
        found = bodies.read(body.encode(), "text/html; charset=utf-8")
        assert found is not None
        return {k for k in pictures.of_places(found[0], places(found[0]), BASE).keys if k[0] == "~"}

    mine = f"<article><p>{BAD}</p><img src='/i/1a2b3c4d.jpg?x=1'></article>"
    assert families(mine + "<article><p>nice</p><img src='/i/1a2b3c4e.jpg?x=2'></article>") == {f"~{HOST}/i/1a2b3c4d"}
    assert families(f"<link rel=preload as=image href='/i/1a2b3c4d.jpg?x=3'><p>nice</p>{mine}") == {f"~{HOST}/i/1a2b3c4d"}
    assert families(mine + "<article><p>nice</p><img src='/i/1a2b3c4d.jpg?x=2'></article>") == set()
    assert families(mine + "<article><p>nice</p><img src='/i/1a2b3c4d.jpg?x=1'></article>") == {f"~{HOST}/i/1a2b3c4d"}


def test_a_page_made_to_take_long_does_not() -> None:
    deep = "<div>" * 3000 + f"<p>{BAD}</p>" + "<p>nice</p><img src=/a>" * 3000
    wide = "<table>" + f"<tr><td>{BAD}<img src=/b>" * 3000
    one = "<script>x = {" + ",".join(f'"k{n}": "words of {n}", "image{n}": "/i/{n}"' for n in range(6000)) + f', "z": "{BAD}"}}</script>'
    found = bodies.read((deep + wide + one).encode(), "text/html; charset=utf-8")
    assert found is not None
    start = time.process_time()
    assert len(pictures.of_places(found[0], places(found[0]), BASE).keys) > 4
    assert time.process_time() - start < 10  # about 2 s on a slow computer


def test_a_message_of_a_live_connection() -> None:
    document = read_message('42["post",' + json.dumps({"text": BAD, "n": 1, "image": "/a.jpg"}) + "]")
    assert pictures.of_places(document, places(document), "wss://www.site.test/live").keys == {}  # a path needs a page
    document = read_message('42["post",' + json.dumps({"text": BAD, "n": 1, "image": f"{URL}/1"}) + "]")
    assert "cdn.site.test/i/1" in pictures.of_places(document, places(document), "wss://www.site.test/live").keys


@given(st.text() | st.text("<>/ \"'=imgsrcldvuJ{}[]:,\\ a.jpg", max_size=120))
def test_anything_is_read(text: str) -> None:
    body = f"<li>{BAD}<img src=/a.jpg>{text}"
    found = bodies.read(body.encode("utf-8", "replace"), "text/html; charset=utf-8")
    assert found is not None
    assert "www.site.test/a.jpg" in pictures.of_places(found[0], set(range(len(found[0].places))), BASE).keys


@given(
    st.recursive(
        st.none() | st.text() | st.sampled_from([f"{URL}/1.jpg", BAD, "<img src=x.jpg>"]),
        lambda c: st.lists(c) | st.dictionaries(st.sampled_from(["text", "image", "url", "a"]), c),
    )
)
def test_any_json_is_read(value: Any) -> None:
    found = bodies.read(json.dumps(value).encode(), "application/json")
    assert found is not None
    for k in pictures.of_places(found[0], set(range(len(found[0].places))), BASE).keys:
        assert k[0] == "~" or key("https://" + k) == k


STRETCHES = st.sampled_from(
    [
        *(
            "<li>",
            "</li>",
            "<img src='",
            "<i style='a:url(",
            "data:image/png;base64,AA==",
            "DATA:image/gif,",
            "&#100;ata:image/x,",
            "/a.jpg",
            "' ",
            ">",
        ),
        *(
            '"',
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"image": "',
            "\\u0064ata:image/x,",
            "\\/",
            BAD,
            "nice words",
            "<script>",
            "</script>",
            ")",
            " 2x, ",
        ),
    ]
)


@given(st.lists(STRETCHES, max_size=20), st.sampled_from(["<li>", "{", ""]))
def test_only_what_is_a_picture_written_out_is_replaced(stretches: list[str], first: str) -> None:
    body = first + "".join(stretches)
    found = bodies.read(body.encode(), "application/json" if first == "{" else "text/html; charset=utf-8")
    if found is None:
        return
    at = 0
    for start, end, grey in sorted(pictures.of_places(found[0], set(range(len(found[0].places))), BASE).inline):
        assert at <= start < end
        assert grey == pictures.GREY
        raw = html.unescape(unescaped(html.unescape(body[start:end])))
        assert raw.lstrip().lower().startswith("data:image/")
        at = end


def test_the_length_of_a_packet_stays_true() -> None:
    """Engine.io 3 says before each packet how long it is."""
    packet = '42["post",' + json.dumps({"text": BAD, "n": 1, "image": ONE}) + "]"
    found = bodies.read(f"{len(packet)}:{packet}2:40".encode(), "text/plain; charset=UTF-8")
    assert found is not None
    bad = places(found[0])
    inline = pictures.of_places(found[0], bad, BASE).inline
    after = found[0].replaced(dict.fromkeys(bad, "gone"), None, inline)
    size, _, rest = after.partition(":")
    assert json.loads(rest[2 : int(size)])[1] == {"text": "gone", "n": 1, "image": pictures.GREY}
    assert rest[int(size) :] == "2:40"
