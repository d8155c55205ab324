"""`safeguard open`: the parents' page in the browser of who asks."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from safeguard.alerts import desktop
from safeguard.cli.common import config_option, of_service, say, settings_of
from safeguard.config import Settings
from safeguard.errors import AlertError
from safeguard.language import _
from safeguard.system import page_probe
from safeguard.system.paths import Paths


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Print the address; open nothing.")
@config_option
def open_(only_print: bool, file: Path | None) -> None:
    """Open the parents' page in your browser. Exit code 1 where no page runs.

    \b
    Example:
      safeguard open
    """
    place = Paths.of_user()
    port = _told(place.page) if file is None and of_service(place) else settings_of(file, None).page_port
    if problem := page_probe.problem(port):
        say(problem)
        if not (only_print or sys.stderr.isatty()):  # clicked in a menu: nobody reads standard error
            with suppress(AlertError):
                desktop.show("SafeGuard", problem)
        raise SystemExit(1)
    address = f"http://{page_probe.LOOPBACK}:{port}/"
    if only_print:
        click.echo(address)
        return
    if not webbrowser.open(address):
        say(_("no browser could be opened here; open %(address)s in one", address=address))
        raise SystemExit(1)
    if sys.stdout.isatty():
        click.echo(_("Opened %(address)s", address=address))


def _told(file: Path) -> int:
    """The port that the service says its page is on; whose program listens there is looked at all the same."""
    try:
        return int(file.read_bytes()[:6])
    except (OSError, ValueError):
        return Settings().page_port
