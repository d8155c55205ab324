"""Site profiles: what is shipped is right, and every mistake is told with its line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import RuleError
from safeguard.formats.sites.model import OnError, Opaque, Sites
from safeguard.formats.sites.parser import parse
from safeguard.pipeline import Exchange
from safeguard.text.unit import Role
from tests.formats.fake import BAD, pipeline

SHIPPED = sorted((Path(__file__).parents[3] / "rules" / "sites").glob("*.yaml"))


def test_shipped_profiles() -> None:
    profiles = [parse(f"sites/{p.name}", p.read_bytes()) for p in SHIPPED]
    assert len(profiles) >= 18
    domains = [d for p in profiles for d in p.domains]
    assert len(domains) == len(set(domains))
    sites = Sites.of(profiles)
    for host, name in (("API.x.com.", "x"), ("web.telegram.org", "telegram"), ("www.youtube.com", "youtube"), ("old.reddit.com", "reddit")):
        found = sites.for_host(host)
        assert found is not None
        assert found.name == name
    assert sites.for_host("notx.com") is None
    assert sites.for_host("com") is None


def test_fields() -> None:
    profile = parse(
        "sites/demo.yaml",
        b"title: Demo\ndomains: [demo.test]\nroles:\n  bio: [a.b, 'css:div.x[data-a=1]']\n  post: [c]\n"
        b"unit: [c, 'css:p#q']\npart: [v]\nauthor: [w]\njoin: [j]\nignore: [i]\nopaque: dom_guard\nnot_covered: a lot\n"
        b"opaque_sockets: [/ws/binary]\non_error: close\n",
    )
    assert (profile.opaque_sockets, profile.on_error, profile.passes_unread) == (("/ws/binary",), OnError.CLOSE, False)
    assert (profile.name, profile.title, profile.domains, profile.opaque) == ("demo", "Demo", ("demo.test",), Opaque.DOM_GUARD)
    assert profile.paths["b"] == ((("a", "b"), Role.BIO),)
    assert (profile.keys["c"].role, profile.keys["c"].unit) == (Role.POST, True)
    assert (profile.keys["w"].author, profile.keys["j"].join, profile.keys["i"].ignore) == (True, True, True)
    assert profile.keys["v"].part
    assert profile.selectors[0][0].matches("div", {"class": "y x", "data-a": "1"})
    assert not profile.selectors[0][0].matches("div", {"class": "x"})
    assert profile.units[0].matches("p", {"id": "q"})


def test_every_mistake_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        parse(
            "s.yaml",
            b"domains: [EXAMPLE.com, a.test, a.test]\nroles:\n  nonsense: [a]\n  post: ['css:a > b', 'x y']\nopaque: maybe\nextra: 1\n",
        )
    lines = [(p.line, p.what.split(";")[0]) for p in caught.value.problems]
    assert [line for line, _ in lines] == [1, 1, 1, 3, 4, 4, 5, 6]
    assert all(str(p).startswith("s.yaml:") for p in caught.value.problems)


@pytest.mark.parametrize("field", ["part", "author", "join", "ignore"])
def test_paths_where_only_keys_can_stand(field: str) -> None:
    with pytest.raises(RuleError, match="single JSON keys"):
        parse("s.yaml", f"title: S\ndomains: [s.test]\n{field}: [a.b]\n".encode())


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        pytest.param("on_error: drop", "block, close, pass_listed", id="unknown word"),
        pytest.param("on_error: pass_listed", "needs not_covered", id="passes without a word to parents"),
        pytest.param("on_error: [block]", "must be one of", id="a list"),
        pytest.param("opaque_sockets: [/ws]", "needs opaque", id="nothing said of them"),
        pytest.param("opaque_sockets: /ws", "must be a list", id="no list"),
    ],
)
def test_mistakes_about_live_connections(line: str, wrong: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse("s.yaml", f"title: S\ndomains: [s.test]\n{line}\n".encode())
    assert [p.line for p in caught.value.problems] == [3]
    assert wrong in caught.value.problems[0].what


def test_a_site_like_another_one_is_that_one() -> None:
    base = parse("sites/base.yaml", b"title: Base\ndomains: [a.test]\nroles:\n  post: [told]\n")
    more = parse("sites/own.b.test.yaml", b"title: own.b.test\ndomains: [own.b.test]\nlike: base\n")
    again = parse("sites/c.yaml", b"domains: [c.test, a.test]\ntitle: C\nlike: base\n")
    known = Sites.of([more, base, again])
    assert [p.name for p in known.profiles] == ["base"]
    assert known.domains == ("a.test", "own.b.test", "c.test")
    found = known.for_host("x.own.b.test")
    assert found is not None
    assert (found.title, found.keys) == ("Base", base.keys)
    with pytest.raises(RuleError, match="roles may not"):
        parse("s.yaml", b"title: S\ndomains: [s.test]\nroles:\n  post: [told]\nlike: base\n")


def test_what_passes_unread_is_listed() -> None:
    profile = parse("s.yaml", b"title: S\ndomains: [s.test]\non_error: pass_listed\nnot_covered: broken messages\n")
    assert (profile.on_error, profile.passes_unread) == (OnError.PASS_LISTED, True)
    plain = parse("s.yaml", b"title: S\ndomains: [s.test]\n")
    assert (plain.on_error, plain.passes_unread) == (OnError.BLOCK, False)


@given(st.text(max_size=200))
def test_any_text_is_a_profile_or_a_rule_error(text: str) -> None:
    with suppress(RuleError):
        parse("s.yaml", text.encode("utf-8", "surrogatepass"))


def test_ignored_and_joined_keys_are_used() -> None:
    profile = parse("s.yaml", b"title: S\ndomains: [s.test]\nignore: [dull]\njoin: [bits]\n")
    exchange = Exchange("https://s.test/", "s.test", "application/json")
    raw = f'{{"dull": "{BAD}"}}'.encode()
    assert pipeline(profile).check_body(exchange, raw).body is raw
    joined = pipeline(profile).check_body(exchange, b'{"bits": ["verboten ", {"text": "words here"}]}')
    assert joined.hidden == 1
