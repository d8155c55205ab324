"""What `safeguard run` says of sites it cannot read whole; the command itself is run in tests/e2e."""

from __future__ import annotations

from pathlib import Path

from safeguard import wiring
from safeguard.cli.run import partly_protected
from safeguard.config import Settings
from safeguard.formats.sites.model import Opaque, SiteProfile, Sites
from safeguard.system.paths import Paths

README = Path(__file__).parents[2] / "README.md"


def test_what_passes_unread_is_named() -> None:
    profiles = [SiteProfile(o.value, o.value.upper(), (f"{o.value}.test",), opaque=o) for o in Opaque]
    assert partly_protected(Sites.of(profiles)) == [o.value.upper() for o in Opaque if o is not Opaque.BLOCK]


def test_the_readme_names_every_such_site(paths: Paths) -> None:
    text = " ".join(README.read_text().split())
    for title in partly_protected(wiring.load_sites(Settings(), paths=paths)):
        assert title in text.partition("partly protected")[2]
