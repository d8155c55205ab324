"""`safeguard ca`: the family's certificate authority: what of it waits for the parent, and the parent's yes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from safeguard import wiring
from safeguard.cli import ca_facts
from safeguard.cli.common import config_option, console, json_option, outside, print_json, settings_of
from safeguard.errors import InputError
from safeguard.language import N_, _
from safeguard.proxy import ca_due, ca_store
from safeguard.system.paths import Paths

NONE_YET = N_("there is no certificate yet; `safeguard run` makes one at its first start")


@click.group()
def ca() -> None:
    """Look at the certificate that browsers trust for the watched sites, and renew it.

    \b
    Example:
      safeguard ca show
    """


@ca.command()
@config_option
@json_option
def show(file: Path | None, as_json: bool) -> None:
    """Say for which sites the certificate is and until when, what waits for you, and what a new one would change.

    Exit code 1 where there is none, or where it cannot be used.

    \b
    Example:
      safeguard ca show
    """
    found = ca_facts.gather(Paths.of_user().state / "ca", wiring.load_sites(settings_of(file, None)).domains)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if found["error"] or not found["made"]:
        raise SystemExit(1)


@ca.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
@config_option
def renew(yes: bool, file: Path | None) -> None:
    """Make a new certificate for the sites watched now, after showing what changes and asking. The old key is deleted.

    Exit code 1 where the answer is no; then nothing changes.

    \b
    Example:
      safeguard ca renew
    """
    folder = Paths.of_user().state / "ca"
    domains = wiring.load_sites(settings_of(file, None)).domains
    if not ca_store.exists(folder):
        raise InputError(_(NONE_YET))
    _print(ca_facts.gather(folder, domains))
    if not yes and not click.confirm(_("Make a new certificate?")):
        raise SystemExit(1)
    roots = ca_store.renew(folder, domains)
    click.echo(_("New certificate: %(file)s, fingerprint %(mark)s.", file=folder / ca_store.PUBLIC, mark=ca_store.fingerprint(roots.new)))
    click.echo(_("Start the filter again, then the browsers. Those of `safeguard browse` trust the new one by themselves."))


def _print(found: dict[str, Any]) -> None:
    if found["error"] or not found["made"]:
        console().print(outside(found["error"] or _(NONE_YET)))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    renewal = found["renewal"]
    for name, said in (
        (_("certificate"), found["file"]),
        (_("fingerprint"), found["fingerprint"]),
        (_("valid until"), found["ends"]),
        (_("for the sites"), f"{len(found['domains'])}: {ca_due.named(found['domains'])}"),
        (_("waits for you"), "\n".join(found["waits"]) or _("nothing")),
        (
            _("a new one"),
            _("would be valid until %(ends)s; browsers must be told to trust it in place of this one", ends=renewal["ends"]),
        ),
        (_("also for"), ca_due.named(renewal["added"]) or _("no other site")),
        (_("no more for"), ca_due.named(renewal["removed"]) or _("no site less")),
        (_("replaced"), "\n".join(_("%(mark)s: a browser that still trusts it should not", mark=mark) for mark in found["replaced"])),
    ):
        if said:
            table.add_row(name, outside(said))
    console().print(table)
