"""`safeguard alerts`: alerts to the parent's phone or mail, set up and tried."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from safeguard import wiring
from safeguard.cli.common import config_option, json_option, print_json, say, settings_of
from safeguard.cli.guarded import guarded, typed
from safeguard.cli.log_entry import iso
from safeguard.errors import AlertError, InputError
from safeguard.language import _
from safeguard.store.troubles import Trouble


@click.group()
def alerts() -> None:
    """Alerts to your phone or mail, besides those on your desktop.

    Through the services that apprise knows (github.com/caronc/apprise/wiki), such as ntfys://ntfy.sh/TOPIC, tgram://TOKEN/CHAT
    or mailtos://USER:PASSWORD@example.org. An alert names site, kind of find and code, never the text.

    \b
    Example:
      safeguard alerts add
      safeguard alerts test
    """


@alerts.command("list")
@config_option
@json_option
def list_(file: Path | None, as_json: bool) -> None:
    """List your addresses: number, service, and whether it works. The rest of an address is a secret and never shown.

    \b
    Example:
      safeguard alerts list
    """
    kept = wiring.channels().list()
    store = wiring.open_store(settings_of(file, None))
    try:
        failing = {t.channel: t for t in store.troubles.list()}
    finally:
        store.close()
    if as_json:
        print_json([{"id": c.id, "service": c.kind, "since": iso(c.since), "failing": _failing(failing.get(c.id))} for c in kept])
        return
    for c in kept:
        trouble = failing.get(c.id)
        state = _("does not work since %(since)s: %(why)s", since=_local(trouble.since), why=trouble.why) if trouble else _("in order")
        click.echo(_("%(id)s  %(kind)s, added %(since)s, %(state)s", id=c.id, kind=c.kind, since=_local(c.since), state=state))
    if not kept:
        click.echo(_("Alerts go to no address. Add one with: safeguard alerts add"))


@alerts.command()
@click.option("--url-file", metavar="FILE|-", help="Read the address from the first line of FILE (- is standard input).")
@guarded()
def add(url_file: str | None) -> None:
    """Send alerts to one more address, which is asked for and not shown: it holds your token or password.

    From standard input the PIN stands in the first line where both are read from there, the address in the next.

    \b
    Example:
      safeguard alerts add
    """
    made = wiring.add_channel(typed(_("address"), url_file, "--url-file").strip())
    click.echo(_("Alerts go to %(name)s from now on. Try it: safeguard alerts test %(id)s", name=made.name, id=made.id))


@alerts.command()
@click.argument("number")
@guarded()
@config_option
def remove(number: str, file: Path | None) -> None:
    """Send no more alerts to the address of that NUMBER (`safeguard alerts list`).

    \b
    Example:
      safeguard alerts remove 3f9a1c
    """
    store = wiring.open_store(settings_of(file, None))
    try:
        click.echo(_("Alerts go to %(name)s no more.", name=wiring.remove_channel(number, store).name))
    finally:
        store.close()


@alerts.command()
@click.argument("number", required=False)
@config_option
def test(number: str | None, file: Path | None) -> None:
    """Send a test to the address of that NUMBER, or to all. Exit code 1 where one could not be sent.

    \b
    Example:
      safeguard alerts test
    """
    settings = settings_of(file, None)
    kept = [c for c in wiring.channels().list() if number in (None, c.id)]
    if not kept:
        raise InputError(_("there is no such address; see: safeguard alerts list"))
    failed = False
    for c in kept:
        try:
            wiring.try_channel(c, settings)
            click.echo(_("%(name)s: sent; look whether it has come", name=c.name))
        except AlertError as e:
            say(f"{c.name}: {e}")
            failed = True
    if failed:
        raise SystemExit(1)


def _failing(trouble: Trouble | None) -> dict[str, object] | None:
    return {"since": iso(trouble.since), "tries": trouble.tries, "why": trouble.why} if trouble else None


def _local(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000):%Y-%m-%d %H:%M}"
