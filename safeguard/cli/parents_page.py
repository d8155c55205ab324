"""Serves the parents' page beside the filter: gives it the running filter's log, PIN and words."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

from safeguard import wiring
from safeguard.cli import ca_facts
from safeguard.config import Settings
from safeguard.pipeline import Pipeline
from safeguard.policy import protection
from safeguard.policy.protection import Protection
from safeguard.store import Store
from safeguard.system import peer, private
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.system.profiles_file import FamilyFile


def serve(until: ExitStack, settings: Settings, store: Store, pipeline: Pipeline, tell: Callable[[str], None]) -> str:
    """Its address, "" where it cannot be served, which is told; it ends with the stack."""
    from safeguard.web import create_app
    from safeguard.web.deps import Deps, Words
    from safeguard.web.server import PageError, Server

    def words() -> Words:
        rules = pipeline.engine.rules
        return Words(rules.whys, rules.titles, {p.name: p.title for p in pipeline.sites.profiles})

    def sites() -> Sequence[Protection]:
        domains = pipeline.sites.domains
        missing = ca_facts.gather(Paths.of_user().state / "ca", domains)["missing"]
        return protection.of_sites(pipeline.sites.profiles, store.drift.list(), store.partly.list(), missing)

    def deps(port: int) -> Deps:
        return Deps(
            PinStore(Paths.of_user().pin, store.add),
            store,
            OwnRules(wiring.own_rules(settings)),
            port,
            settings.idle_minutes,
            settings.parents,
            words,
            lambda: pipeline.engine,
            lambda: wiring.load_rule_files(settings).rules,
            sites=sites,
            say=tell,
            settings=settings,
            family=FamilyFile(Paths.of_user(), settings.profile),
            people=lambda: sorted({*peer.people(), *(account for account, _ in settings.accounts)}),
            countries=lambda: sorted(pipeline.help.countries),
        )

    try:
        server = Server(lambda port: create_app(deps(port)), settings.page_port)
    except PageError as e:
        tell(str(e))
        return ""
    until.callback(server.close)
    _tell_port(until, Paths.of_user(), server.port)
    return server.address


def _tell_port(until: ExitStack, place: Paths, port: int) -> None:
    """Where the settings are the service's alone, `safeguard open` in a parent's session learns the port from here."""
    if place.page.parent.is_dir() and os.access(place.page.parent, os.W_OK):
        with suppress(OSError):
            private.put(place.page, f"{port}\n".encode(), 0o644)
            until.callback(place.page.unlink, missing_ok=True)
