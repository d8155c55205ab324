"""A family's own sites: files of ours that the reader of profiles takes, and nobody else's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.errors import InputError
from safeguard.formats.sites.parser import parse
from safeguard.system import rule_files
from safeguard.system.own_sites import OwnSites


def test_what_is_written_is_a_site_profile(tmp_path: Path) -> None:
    own = OwnSites(tmp_path)
    assert list(own.domains()) == []
    for domain, like in (("social.example.org", "mastodon"), ("forum.example.org", "")):
        path = own.add(domain, like)
        assert path.stat().st_mode & 0o777 == 0o600
        profile = parse(str(path), path.read_bytes())
        assert (profile.name, profile.title, profile.domains, profile.like) == (domain, domain, (domain,), like)
    assert list(own.domains()) == ["forum.example.org", "social.example.org"]
    assert [name for name, _ in rule_files.gather(tmp_path).sites][-2:] == [str(own.path(d)) for d in own.domains()]
    assert own.remove("forum.example.org")
    assert not own.remove("forum.example.org")
    assert list(own.domains()) == ["social.example.org"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "sites").write_text("a file")
    with pytest.raises(InputError, match="cannot be"):
        OwnSites(tmp_path).add("a.test", "")
    with pytest.raises(InputError, match="cannot be"):
        OwnSites(tmp_path).remove("a.test")
