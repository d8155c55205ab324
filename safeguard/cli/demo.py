"""`safeguard demo`: the real filter in front of a small sample network, shown in a browser window or as a table."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from safeguard.cli.common import json_option, print_json
from safeguard.demo import show, table, window
from safeguard.language import _


@click.command()
@click.option("--plain", is_flag=True, help="Visit with a plain client, not with a browser.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a before/after picture (PNG).")
@json_option
def demo(plain: bool, picture: Path | None, as_json: bool) -> None:
    """Show what SafeGuard does, on a small sample network of its own. Exit code 1 where a text was missed.

    The proxy, the certificates, the rules and the browser are the real ones; nothing leaves this computer and nothing stays on it.

    \b
    Example:
      safeguard demo
      safeguard demo --picture before-after.png
    """
    watched = sys.stdin.isatty() and sys.stdout.isatty()
    with show.stage() as stage:
        if picture is not None:
            show.draw(stage, picture)
        report = show.visit(stage, plain=plain)
        if as_json:
            print_json(table.as_json(report))
        else:
            wide = Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else table.WIDTH)
            table.show(report, wide)
            if watched and not plain and window.screen():
                wide.print(_("A browser window shows the filtered network. Close it, or press Ctrl-C, to end."))
                if not show.look(stage):
                    wide.print(_("No browser of the Chromium family is installed, so there is no window; the table says it all."))
            wide.print(report.last_line, soft_wrap=True)
    raise SystemExit(1 if report.missed else 0)
