"""`safeguard browse`: a browser of its own that goes through the filter and trusts it, without touching the system."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from safeguard import wiring
from safeguard.cli.common import config_option, port_option, say, settings_of, until_told
from safeguard.cli.run import serving
from safeguard.config import Settings
from safeguard.errors import InputError
from safeguard.language import _
from safeguard.proxy import ca_store
from safeguard.system import browser, browser_pac, browser_probe
from safeguard.system.paths import Paths


@contextmanager
def _filter(settings: Settings) -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    """Address, root certificate and domains of the filter: the running one, else one of our own for as long as the browser is open."""
    domains = wiring.load_sites(settings).domains
    folder = Paths.of_user().state / "ca"
    if ca_store.exists(folder):
        authority = ca_store.read(folder)
        root = authority.root_pem
        known = next((d for d in domains if authority.covers([d])), "")
        if known and browser_probe.answers(settings.port, root, known):
            yield f"{browser_probe.LOOPBACK}:{settings.port}", root, domains
            return
    say(_("No filter is running, so this browser brings its own."))
    with serving(settings, 0) as on:
        yield on.handle.address, on.authority.root_pem, on.pipeline.sites.domains


def _watch(shown: subprocess.Popen[bytes], stop: threading.Event) -> None:
    """Wait until the browser is closed or we are told to end, then end it."""
    while shown.poll() is None and not stop.wait(0.2):
        pass
    if shown.poll() is None:
        shown.terminate()
        try:
            shown.wait(10)
        except subprocess.TimeoutExpired:
            shown.kill()


@click.command()
@click.argument("url", default="about:blank")
@click.option(
    "--browser", "choice", type=click.Choice(list(browser.NAMES)), help="Which browser; the first that is installed unless given."
)
@port_option
@config_option
def browse(url: str, choice: str | None, port: int | None, file: Path | None) -> None:
    """Open a browser that goes through the filter; where none is running, it brings its own.

    The browser has a folder of its own: bookmarks and logins of your usual one are not touched, nor is the system.

    \b
    Example:
      safeguard browse https://www.reddit.com/
      safeguard browse --browser firefox
    """
    settings = settings_of(file, port)
    if url.startswith("-"):
        raise InputError(_("%(url)s: an address cannot begin with a dash", url=url))
    found = browser.find(choice or "")
    with until_told() as stop, _filter(settings) as (address, root, domains):
        launch = browser.prepare(found, Paths.of_user().state / "browser", root, browser_pac.data_url(domains, address), url)
        quiet = subprocess.DEVNULL
        with subprocess.Popen(launch.command, env=launch.env, stdin=quiet, stdout=quiet, stderr=quiet) as shown:
            _watch(shown, stop)
