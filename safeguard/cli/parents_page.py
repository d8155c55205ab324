"""Serves the parents' page beside the filter: gives it the running filter's log, PIN and words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from safeguard import wiring
from safeguard.config import Settings
from safeguard.pipeline import Pipeline
from safeguard.store import Store
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore


def serve(until: ExitStack, settings: Settings, store: Store, pipeline: Pipeline, tell: Callable[[str], None]) -> str:
    """Its address, "" where it cannot be served, which is told; it ends with the stack."""
    from safeguard.web import create_app
    from safeguard.web.deps import Deps, Words
    from safeguard.web.server import PageError, Server

    def words() -> Words:
        rules = pipeline.engine.rules
        return Words(rules.whys, {name: g.title for name, g in rules.groups.items()}, {p.name: p.title for p in pipeline.sites.profiles})

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
            say=tell,
        )

    try:
        server = Server(lambda port: create_app(deps(port)), settings.page_port)
    except PageError as e:
        tell(str(e))
        return ""
    until.callback(server.close)
    return server.address
