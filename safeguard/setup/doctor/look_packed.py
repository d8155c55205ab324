"""Looks for browsers that snap or Flatpak packed: what they read of /etc is up to the packer, so none of them counts as protected."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from safeguard.setup.doctor.facts import BrowserThere, Policy
from safeguard.setup.doctor.look_files import listed

FLATPAK = {
    "org.mozilla.firefox": "Firefox",
    "org.chromium.Chromium": "Chromium",
    "io.github.ungoogled_software.ungoogled_chromium": "Chromium",
    "com.google.Chrome": "Google Chrome",
    "com.microsoft.Edge": "Microsoft Edge",
    "com.brave.Browser": "Brave",
    "com.opera.Opera": "Opera",
    "com.vivaldi.Vivaldi": "Vivaldi",
    "io.gitlab.librewolf-community": "LibreWolf",
    "org.gnome.Epiphany": "GNOME Web",
    "org.kde.falkon": "Falkon",
    "app.zen_browser.zen": "Zen",
    "org.torproject.torbrowser-launcher": "Tor Browser",
}
SNAP = {
    "firefox": "Firefox",
    "chromium": "Chromium",
    "brave": "Brave",
    "opera": "Opera",
    "vivaldi": "Vivaldi",
    "librewolf": "LibreWolf",
    "epiphany": "GNOME Web",
    "falkon": "Falkon",
}
_SNAPS = ("snap", "var/lib/snapd/snap")
"""Where distributions have them; each that is installed has a link `current`."""


def there(root: Path, homes: Collection[tuple[str, Path]]) -> tuple[BrowserThere, ...]:
    """Those installed for all, and by these (account, home) for themselves alone, which Flatpak lets everybody do."""
    return tuple(dict.fromkeys((*_snaps(root), *_flatpaks(root / "var/lib/flatpak", ""), *_own(homes))))


def _snaps(root: Path) -> Iterator[BrowserThere]:
    for name, title in SNAP.items():
        for folder in _SNAPS:
            if listed(root / folder / name, "current"):
                yield BrowserThere(f"{title} (snap)", f"/{folder}/{name}", Policy.PACKED, f"snap remove {name}")
                break


def _own(homes: Collection[tuple[str, Path]]) -> Iterator[BrowserThere]:
    for name, home in homes:
        yield from _flatpaks(home / ".local/share/flatpak", name)


def _flatpaks(installed: Path, account: str) -> Iterator[BrowserThere]:
    of, option = (f" of {account}", "--user ") if account else ("", "")
    for app, title in FLATPAK.items():
        if listed(installed / "app", app):
            yield BrowserThere(f"{title} (Flatpak{of})", str(installed / "app" / app), Policy.PACKED, f"flatpak uninstall {option}{app}")
