"""Browsers that snap or Flatpak packed are found where these put them, for all or for one account, and never count as protected."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeguard.setup.doctor import look_packed
from safeguard.setup.doctor.facts import BrowserThere, Policy


def found(tmp_path: Path) -> tuple[BrowserThere, ...]:
    return look_packed.there(tmp_path, [("anna", tmp_path / "home/anna"), ("ben", tmp_path / "home/ben")])


@pytest.mark.parametrize(
    ("folder", "title", "remove"),
    [
        ("snap/firefox/current", "Firefox (snap)", "snap remove firefox"),
        ("var/lib/snapd/snap/chromium/current", "Chromium (snap)", "snap remove chromium"),
        ("var/lib/flatpak/app/com.brave.Browser/current", "Brave (Flatpak)", "flatpak uninstall com.brave.Browser"),
        (
            "home/anna/.local/share/flatpak/app/org.mozilla.firefox",
            "Firefox (Flatpak of anna)",
            "flatpak uninstall --user org.mozilla.firefox",
        ),
    ],
)
def test_each_is_found_with_what_removes_it(tmp_path: Path, folder: str, title: str, remove: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    [browser] = found(tmp_path)
    assert (browser.title, browser.policy, browser.place) == (title, Policy.PACKED, remove)


@pytest.mark.parametrize(
    "folder", ["", "snap/firefox/common", "snap/code/current", "var/lib/flatpak/app/org.gnome.Maps", "home/ben/snap/firefox"]
)
def test_others_and_what_a_removed_one_leaves_are_not(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert found(tmp_path) == ()


def test_one_in_two_places_is_one(tmp_path: Path) -> None:
    """As where /snap is a link."""
    (tmp_path / "var/lib/snapd/snap/brave/current").mkdir(parents=True)
    (tmp_path / "snap").symlink_to("var/lib/snapd/snap")
    assert [b.title for b in found(tmp_path)] == ["Brave (snap)"]
