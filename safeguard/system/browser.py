"""A browser with a folder of its own that goes through the filter and trusts it, without touching the system or the user's browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from safeguard.errors import InputError, ProxyError
from safeguard.language import _
from safeguard.system import browser_firefox
from safeguard.system.browser_nss import prepare_chromium_home


class Kind(StrEnum):
    """Families of browsers: each is started and made to trust us in its own way."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


NAMES: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "chromium": (Kind.CHROMIUM, ("chromium", "chromium-browser")),
    "chrome": (Kind.CHROMIUM, ("google-chrome", "google-chrome-stable", "chrome")),
    "edge": (Kind.CHROMIUM, ("microsoft-edge", "microsoft-edge-stable", "msedge")),
    "firefox": (Kind.FIREFOX, ("firefox", "firefox-esr")),
}
"""What --browser takes -> family and names of the program on PATH; without --browser the first that is there."""

CHROMIUM_FLAGS = ("--no-first-run", "--no-default-browser-check", "--disable-quic", "--password-store=basic")


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser found on this computer."""

    kind: Kind
    program: str


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: the command and its environment."""

    command: tuple[str, ...]
    env: dict[str, str]


def find(choice: str = "") -> Browser:
    """The browser of that name (a key of NAMES), or the first there is. Raises InputError where there is none."""
    for name in [choice] if choice else NAMES:
        kind, programs = NAMES[name]
        for program in programs:
            if found := shutil.which(program):
                return Browser(kind, found)
    looked = NAMES[choice][1] if choice else [p for _kind, programs in NAMES.values() for p in programs]
    raise InputError(
        _("no browser found on PATH (looked for %(looked)s); install one, on Debian: apt install chromium", looked=", ".join(looked))
    )


def prepare(browser: Browser, folder: Path, root_pem: bytes, pac: str, url: str, extra: Sequence[str] = ()) -> Launch:
    """Make the browser's folder ready (again) and say how to start it.

    folder: the browser's own, kept between starts; root_pem: the certificate to trust; pac: address of the proxy rule.
    Raises ProxyError where certutil is missing, or where this system's Chromium cannot be told by a folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k not in ("SSLKEYLOGFILE", "XDG_DATA_HOME")}
    if browser.kind is Kind.FIREFOX:
        profile = browser_firefox.prepare(folder / "firefox", root_pem, pac)
        return Launch((browser.program, "--no-remote", "--new-instance", "--profile", str(profile), *extra, url), env)
    if not sys.platform.startswith("linux"):
        raise ProxyError(_("Chrome and Edge take their certificates from the system here; use: safeguard browse --browser firefox"))
    home = prepare_chromium_home(folder / "chromium-home", root_pem)
    command = [browser.program, f"--user-data-dir={folder / 'chromium'}", f"--proxy-pac-url={pac}", *CHROMIUM_FLAGS]
    if os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium refuses its sandbox to root
    return Launch((*command, *extra, url), env | {"HOME": str(home)})
