"""Pictures that go with a hidden unit: those of its own container, in HTML and JSON, and none of its neighbours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats import bodies, pictures
from safeguard.formats.document import Document
from safeguard.formats.messages import read_message
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
    return {k.removeprefix(HOST) for k in pictures.of_places(found[0], bad, BASE)}


def places(document: Document) -> set[int]:
    """Of the hidden texts."""
    verdicts = zip(document.units, OneWord().check_many(document.units), strict=True)
    return {u.segments[i].place for u, v in verdicts for i in v.segments(Level.HARMFUL)}


def hidden_json(value: Any) -> set[str]:
    return hidden(json.dumps(value), "application/json")


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
    "blocks": ({"blocks": [{"type": "p", "text": BAD}, {"type": "image", "url": f"{URL}/1.png"}]}, {"/1.png"}),
}


@pytest.mark.parametrize(("value", "gone"), JSON.values(), ids=JSON)
def test_json(value: Any, gone: set[str]) -> None:
    assert hidden_json(value) == {f"cdn.site.test/i{g}" for g in gone}


def test_a_message_of_a_live_connection() -> None:
    document = read_message('42["post",' + json.dumps({"text": BAD, "n": 1, "image": "/a.jpg"}) + "]")
    assert pictures.of_places(document, places(document), "wss://www.site.test/live") == {}  # a path needs a page
    document = read_message('42["post",' + json.dumps({"text": BAD, "n": 1, "image": f"{URL}/1"}) + "]")
    assert list(pictures.of_places(document, places(document), "wss://www.site.test/live")) == ["cdn.site.test/i/1"]


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://A.Test:443/b c.jpg#x", "http://a.test/b%20c.jpg"),
        ("https://a.test/é?q=é", "https://a.test./%C3%A9?q=%C3%A9"),
        ("https://a.test", "https://a.test/"),
    ],
)
def test_one_spelling(url: str, same: str) -> None:
    assert pictures.key(url) == pictures.key(same) != ""


@pytest.mark.parametrize("url", ["", "data:image/png;base64,AA", "https://[", "https://a.test:x/", "/a.jpg", "blob:https://a.test/1"])
def test_no_address(url: str) -> None:
    assert pictures.key(url) == ""


@given(st.text() | st.text("<>/ \"'=imgsrcldvuJ{}[]:,\\ a.jpg", max_size=120))
def test_anything_is_read(text: str) -> None:
    body = f"<li>{BAD}<img src=/a.jpg>{text}"
    found = bodies.read(body.encode("utf-8", "replace"), "text/html; charset=utf-8")
    assert found is not None
    assert "www.site.test/a.jpg" in pictures.of_places(found[0], set(range(len(found[0].places))), BASE)


@given(
    st.recursive(
        st.none() | st.text() | st.sampled_from([f"{URL}/1.jpg", BAD, "<img src=x.jpg>"]),
        lambda c: st.lists(c) | st.dictionaries(st.sampled_from(["text", "image", "url", "a"]), c),
    )
)
def test_any_json_is_read(value: Any) -> None:
    found = bodies.read(json.dumps(value).encode(), "application/json")
    assert found is not None
    for k in pictures.of_places(found[0], set(range(len(found[0].places))), BASE):
        assert pictures.key("https://" + k) == k
