"""Site profiles: what is shipped is right, and every mistake is told with its line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import RuleError
from safeguard.formats.sites.model import Opaque, Sites
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
        b"unit: [c, 'css:p#q']\nauthor: [w]\njoin: [j]\nignore: [i]\nopaque: dom_guard\nnot_covered: a lot\n",
    )
    assert (profile.name, profile.title, profile.domains, profile.opaque) == ("demo", "Demo", ("demo.test",), Opaque.DOM_GUARD)
    assert profile.paths["b"] == ((("a", "b"), Role.BIO),)
    assert (profile.keys["c"].role, profile.keys["c"].unit) == (Role.POST, True)
    assert (profile.keys["w"].author, profile.keys["j"].join, profile.keys["i"].ignore) == (True, True, True)
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
