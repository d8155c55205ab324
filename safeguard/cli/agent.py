"""`safeguard agent`: desktop alerts in the parent's session, where the filter itself runs elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from safeguard import wiring
from safeguard.alerts import desktop
from safeguard.cli.common import config_option, of_service, say, settings_of, until_told
from safeguard.config import Settings
from safeguard.errors import AlertError, StoreError
from safeguard.language import _
from safeguard.polling import repeat
from safeguard.system import door
from safeguard.system.paths import Paths


@click.command()
@click.option("--once", is_flag=True, help="Show what is due now and end; for a timer of your own.")
@config_option
def agent(once: bool, file: Path | None) -> None:
    """Show desktop alerts in this session until Ctrl-C; start it in the parent's session only, never in the child's.

    An alert names site, kind of find and code, never the text. Personal threats come at once, all else a few times an hour.

    \b
    Example:
      safeguard agent
    """
    place = Paths.of_user()
    if file is None and of_service(place):
        _of_service(place.door, once)
        return
    settings = settings_of(file, None)
    if not settings.alerts:
        click.echo(_("Alerts are switched off by the setting alerts.enabled."))
        return
    store = wiring.open_store(settings)
    try:
        teller = wiring.build_teller(settings, store)
        if once:
            click.echo(_("%(count)s shown", count=teller.tell()))
            return
        with until_told() as stop:
            click.echo(_("Alerts are shown in this session. Stop with Ctrl-C."))
            repeat(teller.tell, stop, say, 1.0, passing=StoreError, about=_("alerts"), at_once=True)
    finally:
        store.close()


def _of_service(place: Path, once: bool) -> None:
    """What the service of an installed SafeGuard has for this session."""
    lang = wiring.parents_language(Settings())
    if once:
        click.echo(_("%(count)s shown", count=door.fetch(place, lang, desktop.show)))
        return
    with until_told() as stop:
        click.echo(_("Alerts are shown in this session. Stop with Ctrl-C."))
        broken = False
        while not stop.is_set():
            if not place.parent.is_dir():
                click.echo(_("SafeGuard was removed."))
                return
            try:
                door.fetch(place, lang, desktop.show)
                broken = False
            except AlertError as e:  # a filter that is started again comes back
                if isinstance(e, door.Refused) or desktop.why_not():
                    raise
                if not broken:
                    say(str(e))
                broken = True
            stop.wait(2.0)
