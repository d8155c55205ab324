"""Which answers a profile expects something of, and how it is met: as a JSON key in every dress, as an element, never as a mere word."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import RuleError
from safeguard.formats.sites import health
from safeguard.formats.sites.model import Healthy, SiteProfile
from safeguard.formats.sites.parser import parse

SHIPPED = sorted((Path(__file__).parents[3] / "rules" / "sites").glob("*.yaml"))
LINES = b"""title: Demo
domains: [demo.test]
healthy:
  html /wall: ["css:div.post.big", "css:a[rel=author]", "css:[data-x]"]
  json   /api/posts  /api/comments: [full_text, "css:shreddit-post"]
  json: [own]
"""


def demo() -> SiteProfile:
    return parse("sites/demo.yaml", LINES)


@pytest.mark.parametrize(
    ("url", "html", "where"),
    [
        pytest.param("https://www.demo.test/wall?x", True, "html /wall", id="page"),
        pytest.param("https://www.demo.test/about", True, None, id="another page"),
        pytest.param("https://www.demo.test/api/comments", False, "json /api/posts /api/comments", id="second part"),
        pytest.param("https://www.demo.test/api/posts", True, None, id="a page at an address of answers"),
        pytest.param("https://www.demo.test/other", False, "json", id="any address"),
    ],
)
def test_the_first_line_about_an_answer_counts(url: str, html: bool, where: str | None) -> None:
    found = health.expected(demo(), url, html)
    assert (found.where if found else None) == where


@pytest.mark.parametrize(
    ("line", "body", "met"),
    [
        pytest.param(1, b'{"a": {"full_text" : "x"}}', True, id="JSON"),
        pytest.param(1, rb'<script>x("{\"full_text\":1}")</script>', True, id="JSON in a string"),
        pytest.param(1, b'<div data-s="{&quot;full_text&quot;:1}">', True, id="JSON in an attribute"),
        pytest.param(1, b'{"text": "full_text: is a word"}', False, id="a word"),
        pytest.param(1, b'{"my_full_text": 1}', False, id="the end of another key"),
        pytest.param(1, b"<shreddit-post id=1>", True, id="element"),
        pytest.param(1, b"<shreddit-post-more id=1>", False, id="another element"),
        pytest.param(0, b'<div id="a" class="x big post">', True, id="classes in any order"),
        pytest.param(0, b'<div id="a" class="x bigger post">', False, id="a longer class"),
        pytest.param(0, b'<div class="post"><p class="big">', False, id="classes of two elements"),
        pytest.param(0, b"<style>div.post.big{}</style>", False, id="CSS"),
        pytest.param(0, rb"{\"h\": \"<div class=\\\"post big\\\">\"}", True, id="HTML in JSON"),
        pytest.param(0, b"<a href=x rel=author>", True, id="attribute"),
        pytest.param(0, b'<a href="x" rel="authors">', False, id="a longer value"),
        pytest.param(0, b"<p data-x>", True, id="attribute alone"),
        pytest.param(0, b"<p data-xy=1>", False, id="a longer attribute"),
    ],
)
def test_marks(line: int, body: bytes, met: bool) -> None:
    assert health.is_healthy(demo().healthy[line], body) is met


def test_every_mistake_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        parse(
            "s.yaml",
            b"title: S\ndomains: [s.test]\nhealthy:\n"
            b"  page: [a]\n  json posts: [a]\n  html: a\n  json: []\n  html /a: [a.b, 'css:a > b', 'x y']\n",
        )
    assert [p.line for p in caught.value.problems] == [4, 5, 6, 7, 8, 8, 8]
    for wrong in (b"healthy: [a]", b"healthy: {}", b'healthy: {"": [a]}'):
        with pytest.raises(RuleError):
            parse("s.yaml", b"title: S\ndomains: [s.test]\n" + wrong)


def test_every_shipped_profile_knows_what_is_healthy() -> None:
    for path in SHIPPED:
        assert parse(f"sites/{path.name}", path.read_bytes()).healthy, path.name


@given(st.binary(max_size=300))
def test_any_body_is_searched(body: bytes) -> None:
    for healthy in demo().healthy:
        assert health.is_healthy(healthy, body) in (True, False)


@pytest.mark.parametrize(
    "part",
    [b"<a", b"<a " + b" class=x" * 200, b'<a class="', b"\\", b'"full_text', b"<" + b" data-y" * 150],
    ids=lambda p: re.sub(r"\W", "", str(p[:9])),
)
def test_no_body_takes_long(part: bytes) -> None:
    body = part * (health.MOST // len(part))
    healthy = Healthy("x", True, (), ("full_text", "class"), demo().healthy[0].selectors)
    before = time.process_time()
    health.is_healthy(healthy, body)
    assert time.process_time() - before < 5
