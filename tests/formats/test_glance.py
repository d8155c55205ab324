"""The quick look finds what reading in full finds, or gives up; so nothing gets past the filter because it looked quickly."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safeguard.formats import bodies
from safeguard.formats.glance import _Look, _strings, units_of
from safeguard.formats.keys import Keys
from safeguard.formats.sites.model import KeyRule, SiteProfile
from safeguard.formats.words import words
from safeguard.pipeline import Exchange, Result
from safeguard.text.unit import Role, TextUnit
from tests.formats.fake import BAD, pipeline

SITE = SiteProfile(
    "s",
    "S",
    ("site.test",),
    keys=MappingProxyType(
        {
            "entry": KeyRule(unit=True),
            "pieces": KeyRule(join=True),
            "debug": KeyRule(ignore=True),
            "by": KeyRule(author=True),
            "holder": KeyRule(part=True),
            "own_part": KeyRule(part=True, unit=True),
            "own_list": KeyRule(part=True, join=True),
        }
    ),
    paths=MappingProxyType(
        {
            "text": ((("caption", "text"), Role.BIO), (("a", "runs", "text"), Role.CARD)),
            "runs": ((("a", "runs"), Role.ALT),),
            "b": ((("a", "b"), Role.POLL_OPTION),),
        }
    ),
)
KEYS = [
    *sorted(
        words("text runs title name id url permalink author user poll options question choices caption comments label simpleText content")
    ),
    *sorted(words("a b entry pieces debug by created_at media node rules holder own_part own_list key value choice1_label")),
    *("what people say", "слово", "a/b", "", "a\\", 'a"b', "x\\:"),
]
TEXTS = [
    *(
        "hello you",
        "T",
        "Z",
        "2024-01-02T03:04:05Z",
        "12",
        " ",
        "\n",
        '"',
        "\\",
        "/",
        "&",
        "&amp;",
        "&#1072;",
        "a\\",
        "-",
        "@you",
        "#tag",
        "0",
    ),
    *("<b>bold</b> words", "<p>one</p><p>two</p>", "1 < 2", "<", ">", "<img alt='a b'>", "<!-- c d -->", "'", "é", "😀", "T1", "слово"),
    *(
        "choice1_label",
        "options",
        "[1, 2]",
        '{"text": "inner"}',
        '["one", {"name": "N", "text": "said <i>so</i>"}]',
        "{not json}",
        'ab":c',
        "abc_123",
    ),
    *("https://a.test/b?c=d&e", "https://a.test/слово", "//x", "one\u2028two", "\ufffd", '<script>var x = {"text": "said"}</script>'),
]
strings = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
keys = st.sampled_from(KEYS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | strings | strings | strings
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(keys, inner, max_size=5)
        | st.lists(st.dictionaries(st.just("text"), inner, min_size=1), max_size=4)
        | st.dictionaries(keys, inner, min_size=1, max_size=2)
        | st.builds(lambda n, k, v: {f"{k}{i}": v for i in range(n)}, st.integers(55, 70), st.sampled_from(KEYS), strings)
    ),
    max_leaves=15,
)
documents = st.dictionaries(keys, values, max_size=6) | st.lists(values, max_size=6)


def plain(units: tuple[TextUnit, ...]) -> list[tuple[Any, ...]]:
    return [([(s.text, s.role) for s in u.segments], u.author, u.link, u.lang) for u in units]


def both(body: bytes, site: SiteProfile | None = SITE) -> tuple[list[tuple[Any, ...]] | None, list[tuple[Any, ...]]]:
    quick, found = units_of(body, site), bodies.read(body, "application/json", site)
    assert found is not None
    return plain(quick) if quick is not None else None, plain(found[0].units)


@settings(max_examples=600)
@given(documents, st.booleans(), st.sampled_from([None, 1]), st.booleans())
@example({"runs": [{"text": "one "}, {"text": "\n", "label": "beside"}, {"text": "two"}], "b": "more"}, True, None, True)
@example(
    {"holder": [{"key": "options", "value": {"string": "yes please"}}, ["more"]], "text": "Q?", "by": {"runs": [{"text": "me"}]}},
    True,
    None,
    True,
)
@example({"a": {"b": [{"title": "yes please"}, "no"], "poll": {"holder": {"text": "Q?"}}}, "own_part": {"text": "x y"}}, True, None, True)
@example({"question": "Q?", "media": [{"key": "options", "text": "yes please"}]}, True, None, True)
@example({"question": "Q?", "options": ["yes please", {"title": "no thanks"}, ["or maybe"]]}, True, None, True)
def test_both_ways_of_reading_find_the_same(value: Any, ascii_only: bool, indent: int | None, profile: bool) -> None:
    quick, full = both(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(), SITE if profile else None)
    assert quick == full


kinds = values | st.sampled_from(["abc_123", "two words", "", "12", "слово", 7, None, True, [], {}, ["a b"], {"id": "1"}, {"text": "said"}])
shapes = st.lists(keys, min_size=1, max_size=6, unique=True)
alike = shapes.flatmap(
    lambda names: st.lists(st.tuples(*[kinds] * len(names)).map(lambda row: dict(zip(names, row, strict=True))), max_size=6)
)


@settings(max_examples=300)
@given(st.dictionaries(keys, alike, max_size=3) | alike, st.booleans())
@example([{"id": "abc"}, {"id": "two words"}, {"id": {"text": "said"}}, {"id": ["one more"]}, {"id": 5}], False)
@example([{"created_url": "abc", "a": 1}, {"created_url": "слово…", "a": "said"}, {"a": {"created_url": "[x]"}, "created_url": 0}], True)
def test_objects_with_the_same_keys_and_values_of_every_kind(value: Any, profile: bool) -> None:
    quick, full = both(json.dumps(value).encode(), SITE if profile else None)
    assert quick == full


def test_an_identifier_that_turns_out_to_be_words_is_read_and_remembered() -> None:
    site = replace(SITE, met={})
    body = json.dumps([{"display_url": "a.test/b"}, {"display_url": "a.test/слово", "rest_id": "12"}] * 3).encode()
    quick, full = both(body, site)
    assert quick == full
    assert [text for [(text, _)], *_ in full] == ["a.test/слово"] * 3
    plain_keys = Keys.of(site).plain
    assert "display_url" not in plain_keys
    assert "rest_id" in plain_keys
    look = _Look(site)
    assert look.read(json.loads(body), _strings(body), True)
    assert plain(look.units()) == full


def test_what_is_remembered_of_keys_has_an_end() -> None:
    site = replace(SITE, met={})
    for n in range(40):
        body = json.dumps(
            [{f"k{n}_{i}_id": "12", "caption": {f"k{n}_{i}": {"text": "said"}, f"l{n}_{i}": "said"}} for i in range(400)]
        ).encode()
        quick, full = both(body, site)
        assert quick == full
    assert sum(len(known) for known in Keys.of(site).everywhere()) < 10_000
    assert len(Keys.of(site).plain) < 10_000


@pytest.mark.parametrize("collecting", [True, False])
@pytest.mark.parametrize("body", [b'{"a": "said"}', b"{", b"[" * 5000])
def test_the_collector_is_left_as_it_was(body: bytes, collecting: bool) -> None:
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        units_of(body, None)
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()


@given(documents, st.randoms(use_true_random=False))
def test_escapes_that_need_not_be_change_nothing(value: Any, chance: Any) -> None:
    body = "".join(f"\\u{ord(c):04x}" if c.isalpha() and c not in "truefalsn" and chance.random() < 0.3 else c for c in json.dumps(value))
    try:
        json.loads(body)
    except ValueError:  # an escape was escaped
        return
    quick, full = both(body.encode())
    assert quick is None or quick == full


@given(
    st.recursive(strings, lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=4).map(dict), max_leaves=8)
)
def test_a_key_that_stands_twice(value: Any) -> None:
    body = '{"a": ' + json.dumps(value) + ', "b": "between", "a": "other words"}'
    assert units_of(body.encode(), SITE) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('for (;;);{"a": "said"}', id="prefix"),
        pytest.param('{"a": "said"}\n{"b": "said"}', id="a document a line"),
        pytest.param('\ufeff{"a": "said"}', id="bom"),
        pytest.param('{"a": NaN}', id="no number"),
        pytest.param('{"a": "\\ud83d said"}', id="half a letter"),
        pytest.param("{'a': 'said'}", id="other quotes"),
        pytest.param('{"a": "said",}', id="comma"),
        pytest.param('"said"', id="bare string"),
        pytest.param("[" * 5000 + "]" * 5000, id="deeper"),
        pytest.param('{"a": "one", "\\u0061": "two"}', id="a key twice, written in two ways"),
        pytest.param('{"a": {"b": 1}, "a" : 1, "c": "a\\":"}', id="a key twice among misleading quotes"),
        pytest.param("", id="nothing"),
    ],
)
def test_gives_up(body: str) -> None:
    assert units_of(body.encode(), SITE) is None
    assert units_of(b'{"a": "\xff said"}', SITE) is None


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ({"caption": {"text": "said so"}}, Role.BIO),
        ({"caption": [{"text": "said so"}]}, Role.BIO),
        ({"caption": {"text": ["said so"]}}, Role.BIO),
        ({"caption": {"between": {"text": "said so"}}}, Role.CAPTION),
    ],
)
def test_a_path_of_keys_says_the_role(body: Any, role: Role) -> None:
    quick, full = both(json.dumps(body).encode())
    assert quick == full == [([("said so", role)], "", "", "")]


@pytest.mark.parametrize("deep", [100, 400])
def test_deep_is_read_or_given_up(deep: int) -> None:
    quick, full = both(b'{"a": [' * deep + b'"said"' + b"]}" * deep)
    assert quick is None or quick == full
    assert full


def test_the_pipeline_hides_what_the_quick_look_found() -> None:
    body = json.dumps({"items": [{"id": "1", "text": "a fine day"}, {"id": "2", "text": BAD}]}).encode()
    outcome = pipeline(SITE).check_body(Exchange("https://site.test/", "site.test", "application/json"), body)
    assert outcome.result is Result.EDIT
    assert outcome.hidden == 1


@pytest.mark.parametrize(
    ("content_type", "body", "dest"),
    [
        ("application/json", '{"a": "said"}'.encode("utf-16"), "empty"),
        ("application/json; charset=windows-1251", '{"a": "слово"}'.encode("cp1251"), "empty"),
        ("application/json; charset=utf-7", b'{"a": "said"}', "empty"),
        ("text/html", b'{"a": "<meta charset=windows-1251>"}', "document"),
        ("application/xml", b'{"a": "said"}', "empty"),
        ("text/vtt", b'{"a": "said"}', "empty"),
        ("application/x-protobuf", b'{"a": "said"}', "empty"),
        ("image/png", b'{"a": "said"}', "image"),
        ("text/javascript", b'{"a": "said"}', "script"),
    ],
)
def test_what_is_no_json_in_utf8_is_not_looked_at(content_type: str, body: bytes, dest: str) -> None:
    assert bodies.glance(body, content_type, None, dest) is None


@pytest.mark.parametrize(
    ("content_type", "dest"),
    [
        ("application/json", "empty"),
        ("application/json; charset=UTF-8", ""),
        ("text/plain", "empty"),
        ("text/javascript", "empty"),
        ("", "empty"),
        ("text/html", "document"),
        ("text/html; charset=utf-8", "empty"),
    ],
)
def test_json_by_any_name_is_looked_at(content_type: str, dest: str) -> None:
    body = ' {"a": "слово <b>said</b>"}'.encode()
    quick, found = bodies.glance(body, content_type, None, dest), bodies.read(body, content_type, None, dest)
    assert quick is not None
    assert found is not None
    assert plain(quick) == plain(found[0].units) != []
