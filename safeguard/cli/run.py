"""`safeguard run`: the filter in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from safeguard import wiring
from safeguard.cli import parents_page
from safeguard.cli.common import config_option, port_option, say, settings_of, until_told
from safeguard.config import Settings
from safeguard.errors import ProxyError, StoreError
from safeguard.formats.sites.model import Opaque, Sites
from safeguard.language import _
from safeguard.pipeline import Pipeline
from safeguard.proxy import ca_store, master
from safeguard.proxy.before import Before
from safeguard.proxy.ca import Authority
from safeguard.proxy.ca_watch import AuthorityWatch
from safeguard.proxy.checking import PipelineChecker
from safeguard.system import reveal
from safeguard.system.cleared import Cleared
from safeguard.system.partly import PartlyWatch
from safeguard.system.paths import Paths
from safeguard.system.server_clock import ServerClock
from safeguard.watches import AllowanceWatch, ProfileWatch, RuleWatch


@dataclass(frozen=True, slots=True)
class Running:
    """A filter at work. page: address of the parents' page, "" where none is served."""

    handle: master.Handle
    pipeline: Pipeline
    authority: Authority
    page: str = ""


@contextmanager
def serving(
    settings: Settings, port: int, tell: Callable[[str], None] = say, *, alerts: bool = False, page: bool = False
) -> Iterator[Running]:
    """The filter with log and hot reload, stopped in order at the end; port 0: any free one. Raises SafeguardError.

    alerts: show desktop alerts in this session; only where it is the parent's.
    page:   serve the parents' page too; where it cannot be served, that is told and the filter runs all the same.
    """
    paths = Paths.of_user()
    logging.getLogger("mitmproxy").setLevel(logging.ERROR)  # its warnings name what the child visits
    store = wiring.open_store(settings, mend=True, say=tell)
    done = threading.Event()
    try:
        store.start()
        day = date.today()
        pipeline = wiring.build_pipeline(settings, sink=store.add)
        memory = wiring.for_children(pipeline, settings)
        kept = ca_store.open_authority(paths.state / "ca", pipeline.sites.domains)
        if kept.told:
            tell(kept.told)
        waiting = AuthorityWatch(kept.authority, lambda: pipeline.sites.domains, pipeline.certificate)
        if said := waiting.poll():
            tell(said)
        allowances = AllowanceWatch(store, pipeline)
        with suppress(StoreError):  # a server that is away; the thread below says it and goes on asking
            allowances.poll()
        watches = [
            ("rules", RuleWatch(settings, pipeline, day=day).run),
            ("profiles", ProfileWatch(settings, pipeline).run),
            ("allowances", allowances.run),
            ("authority", waiting.run),
            ("health", wiring.watch_health(pipeline, settings, store).run),
        ]
        if alerts and settings.alerts:
            watches.append(("alerts", wiring.build_teller(settings, store).run))
        watches.append(("sender", wiring.build_sender(settings, store).run))
        handle = master.start_in_thread(
            PipelineChecker(pipeline),
            kept.authority,
            private=settings.private_hosts,
            port=port,
            accounts={number: account for account, number in settings.accounts} if port else {},
            before=Before(Cleared(paths.cleared, pipeline.code_key)),
            clock=ServerClock(paths.clock),
        )
        watches.append(("partly", PartlyWatch(handle.take_partly, store.partly).run))
        threads = [threading.Thread(target=work, args=(done, tell), name=f"safeguard-{name}", daemon=True) for name, work in watches]
        for thread in threads:
            thread.start()
        try:
            with (
                reveal.Service(paths.state, memory.original, memory.sweep),
                wiring.open_door(settings, store) or nullcontext(),
                ExitStack() as served,
            ):
                at = parents_page.serve(served, settings, store, pipeline, tell) if page and settings.page else ""
                yield Running(handle, pipeline, kept.authority, at)
        finally:
            done.set()
            handle.stop()
            for thread in threads:
                thread.join(10)
    finally:
        store.close()


def guarded(sites: Sites) -> list[str]:
    """Titles of the sites that also send what cannot be read, and whose pages carry the guard for it."""
    return [p.title for p in sites.profiles if p.opaque is Opaque.DOM_GUARD]


def partly_protected(sites: Sites) -> list[str]:
    """Titles of the sites whose profile lets binary answers and messages pass unread."""
    return [p.title for p in sites.profiles if p.passes_unread]


@click.command()
@port_option
@config_option
def run(port: int | None, file: Path | None) -> None:
    """Run the filter until Ctrl-C. Changed rule files are taken up at once; broken ones are named and the last good rules stay.

    \b
    Example:
      safeguard run
      safeguard run --port 9000
    """
    settings = settings_of(file, port)
    with until_told() as stop, serving(settings, settings.port, alerts=True, page=True) as on:
        sites = on.pipeline.sites
        watched = _("%(sites)s sites, %(domains)s domains", sites=len(sites.profiles), domains=len(sites.domains))
        assert on.pipeline.profiles is not None
        click.echo(
            _(
                "SafeGuard listens on %(address)s: %(watched)s, profile %(profile)s.",
                address=on.handle.address,
                watched=watched,
                profile=on.pipeline.profiles.default,
            )
        )
        if on.page:
            click.echo(_("The parents' page: %(page)s (safeguard open)", page=on.page))
        if guards := guarded(sites):
            click.echo(
                _("Read in the page too, because they also send what cannot be read on the way: %(sites)s.", sites=", ".join(guards))
            )
        if open_sites := partly_protected(sites):
            click.echo(_("Only partly protected, because they also send what cannot be read: %(sites)s.", sites=", ".join(open_sites)))
        click.echo(_("Browsers that are to be filtered: `safeguard browse`. Stop with Ctrl-C."))
        told: dict[str, str] = {}
        while not stop.wait(1.0):
            reduced = on.handle.partly_protected()
            for name in sorted(reduced.keys() - told.keys()):
                say(_("%(name)s is only partly protected: %(why)s", name=name, why=reduced[name]))
            told |= reduced
            if not on.handle.alive:
                raise ProxyError(_("the filter ended by itself; start it again and report it, please"))
    click.echo(_("SafeGuard stopped."))
