"""What `safeguard run` says of sites it cannot read whole; the command itself is run in tests/e2e."""

from __future__ import annotations

from pathlib import Path

from safeguard import wiring
from safeguard.cli.run import guarded, partly_protected
from safeguard.config import Settings
from safeguard.formats.sites.model import Opaque, SiteProfile, Sites
from safeguard.system.paths import Paths

README = Path(__file__).parents[2] / "README.md"


def test_what_passes_unread_is_named() -> None:
    profiles = [SiteProfile(o.value, o.value.upper(), (f"{o.value}.test",), opaque=o) for o in Opaque]
    assert partly_protected(Sites.of(profiles)) == ["NOT_PROTECTED"]
    assert guarded(Sites.of(profiles)) == ["DOM_GUARD"]


def test_the_readme_names_every_such_site(paths: Paths) -> None:
    text = " ".join(README.read_text().split())
    sites = wiring.load_sites(Settings(), paths=paths)
    for title in partly_protected(sites):
        assert title in text.partition("Only partly protected")[2]
    for title in guarded(sites):
        assert title in text.partition("cannot be read on the way")[2].partition("Only partly")[0]
