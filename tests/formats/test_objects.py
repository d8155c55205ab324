"""Whatever JSON: planted text is gone from every reading, the rest parses to the same, and nothing planted leaves the same bytes."""

from __future__ import annotations

import html
import json
import time
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safeguard.formats.bodies import read
from safeguard.formats.sites.model import KeyRule, SiteProfile
from safeguard.pipeline import Exchange, Result
from safeguard.text.unit import Role
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
EXCHANGE = Exchange("https://site.test/api", "site.test", "application/json")
PLANT = "\ue000"

harmless = st.text(st.characters(exclude_characters=PLANT, exclude_categories=[]), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | harmless
values = st.recursive(
    scalars | st.just(PLANT), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(harmless, inner, max_size=4), max_leaves=20
)


def escaped(text: str, how: str) -> str:
    """A JSON string's inside, escaped in one of the ways servers do it."""
    if how == "all":
        return "".join(f"\\u{ord(c):04X}" for c in text)
    if how == "mixed":
        return "".join(c if n % 2 else f"\\u{ord(c):04x}" for n, c in enumerate(text))
    if how == "entities":
        return "".join(f"&#{ord(c)};" if n % 3 else c for n, c in enumerate(text))
    if how == "markup":
        return '<p class=\\"a\\">' + text.replace(" ", " <b>", 1) + "<\\/b><\\/p>"
    if how == "inner json":
        return json.dumps(json.dumps({"text": text, "n": 1}))[1:-1]
    return json.dumps(text)[1:-1]


HOWS = ("plain", "all", "mixed", "entities", "markup", "inner json")


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [s for k, v in value.items() for s in (k, *strings(v))]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


def readings(text: str) -> list[str]:
    """What a page could make of a string."""
    plain = html.unescape(text)
    return [text, plain, plain.replace("<b>", "")]


def same(before: Any, after: Any) -> bool:
    """Equal but for planted strings."""
    if isinstance(before, dict) and isinstance(after, dict):
        return list(before) == list(after) and all(same(before[k], after[k]) for k in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    return before == after or (before == PLANT and isinstance(after, str))


@example({"id": PLANT}, "entities", False)
@example({"__typename": PLANT}, "entities", False)
@given(values, st.sampled_from(HOWS), st.booleans())
def test_planted_text_is_gone_and_the_rest_is_equal(value: Any, how: str, ascii_only: bool) -> None:
    clean = json.dumps(value, ensure_ascii=ascii_only)
    marker = json.dumps(PLANT, ensure_ascii=ascii_only)[1:-1]
    dirty = clean.replace(marker, escaped(BAD, how)).encode("utf-8", "surrogatepass")
    outcome = PIPELINE.check_body(EXCHANGE, dirty)
    after = json.loads(outcome.body.decode("utf-8", "surrogatepass"))
    assert not any(BAD in r for s in strings(after) for r in readings(s))
    assert same(value, after)
    assert (outcome.result is Result.EDIT) == (marker in clean)


@given(values)
def test_nothing_planted_leaves_the_very_same_object(value: Any) -> None:
    raw = json.dumps(value).encode()
    assert PIPELINE.check_body(EXCHANGE, raw).body is raw


@given(st.binary(max_size=300))
def test_any_bytes_never_crash(raw: bytes) -> None:
    for kind in ("application/json", "text/html; charset=utf-8", "text/javascript", "application/xml; charset=utf-8", "text/plain", ""):
        assert PIPELINE.check_body(Exchange("https://site.test/", "site.test", kind), raw).result in (Result.PASS, Result.UNCHECKED)


@given(st.text(alphabet="\"'`\\/{}[]:,<>!-&;#xu0041 \n", max_size=200))
def test_any_punctuation_never_crashes(text: str) -> None:
    for kind in ("application/json", "text/html", "text/javascript"):
        assert PIPELINE.check_body(Exchange("https://site.test/", "site.test", kind), text.encode()).result is Result.PASS


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('for (;;);{"a": "%s"}', id="for"),
        pytest.param(')]}\'\n["%s"]', id="brackets"),
        pytest.param('while(1);["%s"]', id="while"),
        pytest.param('\ufeff{"a": "%s"}', id="bom"),
        pytest.param('/**/cb_1({"a": "%s"});', id="jsonp"),
        pytest.param('{"a": 1}\n{"text": "%s"}\n', id="ndjson"),
        pytest.param('"%s"', id="bare string"),
        pytest.param("%s", id="no json at all"),
        pytest.param('{"%s": 1}', id="key"),
        pytest.param('{"a": "\\ud83d %s"}', id="lone surrogate"),
        pytest.param('{"n": ' + "7" * 5000 + ', "a": "%s"}', id="5000 digits"),
        pytest.param("[" * 200_000 + '"%s"' + "]" * 200_000, id="400 kB of nesting"),
        pytest.param('{"a": "%s', id="cut off"),
        pytest.param('{"runs": [{"text": "verboten "}, {"text": "words here"}], "b": "%s"}', id="runs"),
        pytest.param('{"a": "<script>var x = {\\"t\\": \\"%s\\"}</script>"}', id="script in markup in a string"),
    ],
)
def test_goes(body: str) -> None:
    outcome = PIPELINE.check_body(EXCHANGE, body.replace("%s", BAD).encode())
    assert outcome.result is Result.EDIT
    assert BAD not in outcome.body.decode()
    assert '"verboten "' not in outcome.body.decode()


def units(body: str) -> list[list[str]]:
    found = read(body.encode(), "application/json")
    assert found is not None
    return [[s.text for s in u.segments] for u in found[0].units]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param('[{"text": "one"}, {"text": "two"}]', [["one"], ["two"]], id="a list of posts"),
        pytest.param('{"title": "one", "text": "two"}', [["one", "two"]], id="fields of an object"),
        pytest.param(
            '{"title": {"simpleText": "one"}, "text": {"runs": [{"text": "t"}, {"text": "wo"}]}}', [["one", "two"]], id="wrappers"
        ),
        pytest.param('{"text": "post", "user": {"id": 7, "bio": "me", "name": "N"}}', [["post"], ["me", "N"]], id="another object"),
        pytest.param('{"question": "Q", "options": [{"title": "A", "n": 1}, {"title": "B"}]}', [["Q", "A", "B"]], id="poll"),
        pytest.param('{"options": ["A", "B"], "text": "Q"}', [["Q", "A", "B"]], id="answers before what asks"),
        pytest.param('{"text": "Q", "poll": {"data": {"options": [{"title": {"text": "A"}}]}}}', [["Q", "A"]], id="a poll is of its post"),
        pytest.param(
            '{"poll": {"options": [{"key": "choice1_label", "value": {"string_value": "A"}}]}, "text": "Q"}',
            [["Q", "A"]],
            id="named beside",
        ),
        pytest.param('{"text": "<p>one</p><p>two</p>"}', [["one", "two"]], id="paragraphs of a post"),
        pytest.param('{"id": "abc123", "url": "https://a.test/b", "n": 5}', [], id="no person's text"),
        pytest.param('["one", "two"]', [["one"], ["two"]], id="strings of a list"),
    ],
)
def test_units(body: str, expected: list[list[str]]) -> None:
    assert units(body) == expected


PARTS = SiteProfile(
    "s",
    "S",
    ("site.test",),
    keys=MappingProxyType({"legacy": KeyRule(part=True), "quoted": KeyRule(unit=True), "by": KeyRule(author=True)}),
    paths=MappingProxyType({"body": ((("said", "body"), Role.MESSAGE),)}),
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            '{"legacy": {"text": "one", "media": [{"alt": "two"}]}, "note": "three"}', [(["one", "two", "three"], "")], id="all in it"
        ),
        pytest.param('{"legacy": {"text": "one", "quoted": {"legacy": {"text": "two"}}}}', [(["one"], ""), (["two"], "")], id="but units"),
        pytest.param('{"legacy": {"by": "mia", "text": "one"}}', [(["mia", "one"], "mia")], id="author of a part"),
        pytest.param('{"by": {"text": "mia"}, "text": "one"}', [(["mia", "one"], "mia")], id="author in a wrapper"),
        pytest.param('{"by": {"runs": [{"text": "mi"}, {"text": "a"}]}, "text": "one"}', [(["mia", "one"], "mia")], id="author in runs"),
    ],
)
def test_parts_and_authors(body: str, expected: list[tuple[list[str], str]]) -> None:
    found = read(body.encode(), "application/json", PARTS)
    assert found is not None
    assert [([s.text for s in u.segments], u.author) for u in found[0].units] == expected


def test_a_path_speaks_of_all_below_it() -> None:
    found = read(b'{"said": {"body": {"runs": [{"text": "hello "}, {"text": "you"}]}}}', "application/json", PARTS)
    assert found is not None
    assert [(s.text, s.role) for u in found[0].units for s in u.segments] == [("hello you", Role.MESSAGE)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('"' + '\\"' * 300_000, id="quotes that never close"),
        pytest.param("{" * 300_000, id="braces"),
        pytest.param('{"a": "' + "<" * 300_000 + '"}', id="angle brackets"),
        pytest.param('{"a": "' + "<a b='" * 60_000 + '"}', id="tags that never close"),
        pytest.param('{"a": "' + "&#" * 150_000 + '"}', id="references"),
    ],
)
def test_hostile_bodies_cost_linear_time(body: str) -> None:
    began = time.perf_counter()
    PIPELINE.check_body(EXCHANGE, body.encode())
    assert time.perf_counter() - began < 5
