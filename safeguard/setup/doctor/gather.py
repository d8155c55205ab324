"""Gathers the facts: the one place where the doctor looks at files, programs and the network. What is broken hides nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from safeguard import RELEASED, wiring
from safeguard.alerts import desktop
from safeguard.config import Settings
from safeguard.errors import SafeguardError
from safeguard.formats.sites.model import Sites
from safeguard.policy.drift import reduced_since
from safeguard.proxy import ca, ca_due, ca_store
from safeguard.setup.doctor import look_accounts, look_browsers, look_network, look_packed, look_port, look_proxies, look_service
from safeguard.setup.doctor.facts import BrowserThere, Facts, Holder, Policy, Port, ProxySet
from safeguard.store import database
from safeguard.system import browser_probe, reveal, server_clock
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.system.wall_clock import local

WELL_KNOWN = ("www.youtube.com", "www.instagram.com", "www.reddit.com")
"""Asked whose certificate they show, those that are watched."""
ROOT = Path("/")
PATIENCE_S = 10.0


def gather(
    settings: Settings,
    settings_error: str = "",
    *,
    offline: bool = False,
    root: Path = ROOT,
    environment: Mapping[str, str] = os.environ,
    connect: look_network.Connect = look_network.direct,
    paths: Paths | None = None,
    become: Callable[[], None] = lambda: None,
) -> Facts:
    """All of it. Never raises SafeguardError for what is broken.

    settings_error: why these are not the family's own settings, "" where they are.
    become: gives root's rights up for the account of the filter; called before its log is opened, which root must not write to.
    """
    place = paths or Paths.of_user()
    root_looks = _is_root()
    accounts, error = _accounts(settings, place)
    sites = _or_none(lambda: wiring.load_sites(settings, paths=place)) or Sites.of([])
    watched = [host for host in WELL_KNOWN if sites.for_host(host) is not None and not offline]
    shown = look_network.shown_within(PATIENCE_S, watched, connect)
    facts, authority = _computer(settings, accounts, sites, place, root, environment)
    become()
    facts = _family(settings, sites, place, facts)
    return replace(
        facts,
        root=root_looks,
        now=datetime.now(UTC),
        released=date.fromisoformat(RELEASED),
        settings_error=settings_error or error,
        port=_port(settings.port, facts.port.holder, authority, sites),
        shown=shown(),
    )


def _computer(
    settings: Settings, accounts: Sequence[str], sites: Sites, paths: Paths, root: Path, environment: Mapping[str, str]
) -> tuple[Facts, ca.Authority | None]:
    """What is other accounts' and the system's; where root looks, nothing of it is written."""
    authority, facts = _authority(paths, sites, Facts())
    homes = [(name, home) for name in accounts or look_accounts.people() if (home := look_accounts.home(name)) is not None]
    browsers = (*look_browsers.there(root, settings.port, sites.domains), *look_packed.there(root, homes))
    proxies = [*look_proxies.in_environment(environment), *look_proxies.of_system(root)]
    proxies += [_heeds(found, browsers) for name, home in homes for found in look_proxies.of_home(home, name)]
    return replace(
        facts,
        children=tuple(look_accounts.child(name, root) for name in accounts),
        tunnels=look_network.tunnels(root),
        proxies=tuple(proxies),
        browsers=browsers,
        stores=look_browsers.stores(root, authority.root_pem, homes) if authority else (),
        port=Port(settings.port, holder=look_port.holder(settings.port)),
        service=look_service.service(root),
        strict=look_service.strict_mode(root),
        strict_holds=look_service.strict_holds(),
    ), authority


def _family(settings: Settings, sites: Sites, paths: Paths, facts: Facts) -> Facts:
    """What is the filter's own."""
    return replace(
        _log(settings, paths, sites, facts),
        rules_error=_rules(settings, paths),
        pack_unused=wiring.base_rules(paths).said,
        clock=server_clock.noted(paths.clock),
        running=len(reveal.running(paths.state)),
        alerts=desktop.why_not() if settings.alerts else "",
        pin=_or_none(PinStore(paths.pin).is_set),
    )


def _is_root() -> bool:
    return not hasattr(os, "geteuid") or os.geteuid() == 0


def _accounts(settings: Settings, paths: Paths) -> tuple[list[str], str]:
    """(the children's accounts, why they could not be read)."""
    named = [account for account, _ in settings.accounts]
    try:
        return sorted({*named, *wiring.load_profiles(settings, paths).accounts}), ""
    except SafeguardError as e:
        return sorted(named), str(e)


def _rules(settings: Settings, paths: Paths) -> str:
    """Why they cannot be used, "" where they can."""
    try:
        wiring.compiled_rules(settings, paths=paths)
        wiring.load_sites(settings, paths=paths)
    except SafeguardError as e:
        return _first(str(e))
    return ""


def _log(settings: Settings, paths: Paths, sites: Sites, facts: Facts) -> Facts:
    asides = () if settings.store_url else tuple(str(p) for p in database.asides(paths.log))
    titles = {p.name: p.title for p in sites.profiles}
    try:
        store = wiring.open_store(settings, paths=paths)
    except SafeguardError as e:
        return replace(facts, log_error=_first(str(e)), asides=asides)
    try:
        store.review.count()
        since = reduced_since(store.drift.list())
        names = {c.id: c.name for c in wiring.channels(paths).list()}
        unsent = tuple((names[t.channel], local(t.since), t.why) for t in store.troubles.list() if t.channel in names)
    except SafeguardError as e:
        return replace(facts, log_error=_first(str(e)), asides=asides)
    finally:
        store.close()
    reduced = tuple((titles.get(site, site), local(ms)) for site, ms in sorted(since.items()))
    return replace(facts, asides=asides, reduced=reduced, unsent=unsent)


def _authority(paths: Paths, sites: Sites, facts: Facts) -> tuple[ca.Authority | None, Facts]:
    file = paths.state / "ca" / ca_store.FILE
    try:
        found = ca.Authority.from_pem(file.read_bytes())
    except FileNotFoundError:
        return None, facts  # it is made at the filter's first start
    except OSError as e:
        return None, replace(facts, ca_error=f"{file}: cannot be read ({e.strerror})")
    except SafeguardError as e:
        return None, replace(facts, ca_error=f"{file}: {e}")
    due = ca_due.due(found, sites.domains, datetime.now(UTC))
    return found, replace(facts, ca_ends=due.ends, ca_missing=due.missing)


def _port(number: int, holder: Holder | None, authority: ca.Authority | None, sites: Sites) -> Port:
    domain = next((d for d in sites.domains if authority and authority.covers([d])), "")
    ours = bool(holder and authority and domain and browser_probe.answers(number, authority.root_pem, domain))
    return Port(number, holder is not None, ours, holder)


def _heeds(found: ProxySet, browsers: Sequence[BrowserThere]) -> ProxySet:
    """A browser's own proxy counts for nothing where every browser of this computer is under our policy."""
    of_browser = found.where.startswith(look_proxies.OF_BROWSER)
    return replace(found, policy=of_browser and bool(browsers) and all(b.policy is Policy.OURS for b in browsers))


def _or_none[T](look: Callable[[], T]) -> T | None:
    try:
        return look()
    except SafeguardError:
        return None


def _first(text: str) -> str:
    """The first line, and how many more there are."""
    lines = text.splitlines() or [""]
    return lines[0] + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")
