"""`safeguard open`: the parents' page in the browser of who asks."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import click

from safeguard.cli.common import config_option, say, settings_of
from safeguard.language import _
from safeguard.system import page_probe


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Print the address; open nothing.")
@config_option
def open_(only_print: bool, file: Path | None) -> None:
    """Open the parents' page in your browser. Exit code 1 where no page runs.

    \b
    Example:
      safeguard open
    """
    settings = settings_of(file, None)
    if problem := page_probe.problem(settings.page_port):
        say(problem)
        raise SystemExit(1)
    address = f"http://{page_probe.LOOPBACK}:{settings.page_port}/"
    if only_print:
        click.echo(address)
        return
    if not webbrowser.open(address):
        say(_("no browser could be opened here; open %(address)s in one", address=address))
        raise SystemExit(1)
    if sys.stdout.isatty():
        click.echo(_("Opened %(address)s", address=address))
