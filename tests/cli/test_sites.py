"""`safeguard sites`: a parent's own sites beside the shipped ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.config import Settings
from safeguard.errors import RuleError
from safeguard.formats.sites.model import Sites
from safeguard.system import reveal
from safeguard.system.own_sites import OwnSites
from safeguard.system.paths import Paths

Call = Callable[..., Result]
SITES = {
    "sites/mastodon.yaml": "title: Mastodon\ndomains: [big.test]\nroles:\n  post: [content]\n",
    "sites/other.yaml": "title: Other\ndomains: [other.test]\n",
}


@pytest.fixture(autouse=True)
def few(ship: Callable[[dict[str, str]], None]) -> None:
    ship(SITES)


def listed(call: Call) -> dict[str, Any]:
    done = call("sites", "list", "--json")
    assert done.exit_code == 0
    return {row["site"]: row for row in map(json.loads, done.stdout.splitlines())}


def known() -> Sites:
    return wiring.load_sites(Settings())


def test_a_server_of_a_known_kind(call: Call) -> None:
    done = call("sites", "add", "https://Social.Example.org/@mia", "--like", "mastodon")
    assert done.exit_code == 0
    assert "from the next start" in done.stdout
    assert "trust it anew" in done.stdout
    site = known().for_host("files.social.example.org")
    assert site is not None
    assert (site.name, "content" in site.keys) == ("mastodon", True)
    assert "social.example.org" in known().domains
    assert listed(call)["mastodon"]["yours"] == ["social.example.org"]
    assert "social.example.org (yours)" in " ".join(call("sites", "list").stdout.split())
    assert call("sites", "add", "social.example.org").stdout == "social.example.org is watched already, as Mastodon.\n"
    assert call("sites", "remove", "social.example.org").exit_code == 0
    assert known().for_host("social.example.org") is None
    assert call("sites", "remove", "social.example.org").exit_code == 2


def test_a_site_nobody_described(call: Call) -> None:
    assert call("sites", "add", "müller.example.net").exit_code == 0
    site = known().for_host("www.xn--mller-kva.example.net")
    assert site is not None
    assert site.name == "xn--mller-kva.example.net"
    assert not site.keys


def test_while_a_filter_runs_it_is_said_that_it_does_not_watch_it_yet(call: Call, paths: Paths) -> None:
    with reveal.Service(paths.state, lambda code: None, lambda: None):
        assert "NOT WATCHED YET" in call("sites", "add", "forum.example.org").stdout


@pytest.mark.parametrize(
    "domain", ["", "com", "localhost", "192.0.2.1", "[::1]", "co.uk", "a..b", "../up.test", "*.test", "a_b.test", "-x.test"]
)
def test_what_is_no_site(call: Call, domain: str) -> None:
    done = call("sites", "add", "--", domain)
    assert done.exit_code == 2
    assert list(OwnSites(wiring.own_rules(Settings())).domains()) == []


def test_like_nothing_known(call: Call) -> None:
    done = call("sites", "add", "a.test", "--like", "nobody")
    assert done.exit_code == 2
    assert "mastodon, other" in done.stderr
    OwnSites(wiring.own_rules(Settings())).add("a.test", "nobody")
    with pytest.raises(RuleError, match="no such site"):
        known()
