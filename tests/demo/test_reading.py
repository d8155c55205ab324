"""The reader must find a text wherever a page can hide it; else the demo would call it hidden."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.demo.reading import View, plain

TEXT = "one & two «three»"


@pytest.mark.parametrize(
    "body",
    [
        "<p>one &amp; two «three»</p>",
        "<p>one <b>&#38;</b> two   <i>«three»</i></p>",
        '<img alt="one &amp; two «three»">',
        "<!-- one & two «three» -->",
        '<script>var a = "one & two «three»"</script>',
        '<script type="application/json">{"a": ["one & two \\u00abthree\\u00bb"]}</script>',
        '<p title="one &amp; two &laquo;three&raquo;">',
    ],
    ids=["text", "split", "attribute", "comment", "script", "state", "title"],
)
def test_found_in_html(body: str) -> None:
    view = View()
    view.add_html(f"<html><body>{body}</body></html>")
    assert view.stands_anywhere(TEXT)
    assert not view.stands_anywhere("four")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"a": [TEXT]}),
        "for (;;);" + json.dumps({TEXT: 1}),
        json.dumps({"h": "<p>one &amp; <b>two</b> «three»</p>"}),
        "not JSON: " + TEXT,
    ],
    ids=["value", "key", "markup", "no json"],
)
def test_found_in_json(body: str) -> None:
    view = View()
    view.add_json(body)
    assert view.stands_anywhere(TEXT)


def test_places_by_mark() -> None:
    view = View()
    view.add_html('<p data-id="a">x <b>y</b></p><img data-id="b" alt="z"><script>{"items": [{"id": "a", "text": "x y"}]}</script>')
    view.add_json(json.dumps({"items": [{"id": "c", "html": "<i>u</i> v"}, {"id": 7, "text": "no mark"}]}))
    assert view.places == {"a": ["x y", "x y"], "b": ["z"], "c": ["u v"]}


@given(st.text(), st.text())
def test_any_body_is_read(html: str, body: str) -> None:
    view = View()
    view.add_html(html)
    view.add_json(body)
    assert view.strings[0] == html


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda t: plain(t) != ""))
def test_any_text_is_found_in_json(text: str) -> None:
    view = View()
    view.add_json(json.dumps([{"deep": [text]}]))
    assert view.stands_anywhere(text)
