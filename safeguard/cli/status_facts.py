"""What `safeguard status` says, gathered as a value for scripts: one part that is broken does not hide the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from safeguard import __version__, wiring
from safeguard.cli import ca_facts, status_computer
from safeguard.cli.log_entry import iso
from safeguard.config import Settings
from safeguard.errors import RuleError, SafeguardError
from safeguard.formats.sites.model import SiteProfile
from safeguard.language import N_, _
from safeguard.policy import protection
from safeguard.policy.drift import Drift
from safeguard.policy.partly import Partly
from safeguard.policy.protection import Gap, Protection
from safeguard.store import Store, database
from safeguard.system import reveal
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths

DAYS = 7
NEWEST = 5
GAPS = {
    Gap.DOM_GUARD: N_("answers in binary form are read in the page only, by the guard"),
    Gap.NOT_PROTECTED: N_("answers in binary form pass unread"),
    Gap.PASS_LISTED: N_("live messages that cannot be read pass"),
}


def gather(settings: Settings) -> dict[str, Any]:
    """All of it. Raises ConfigError where the settings or profiles cannot be read."""
    paths = Paths.of_user()
    family = wiring.load_profiles(settings)
    log, runs, met = _log(settings, paths)
    rules = _rules(settings)
    profiles = _profiles(settings)
    domains = tuple(d for p in profiles for d in p.domains)
    certificate = ca_facts.gather(paths.state / "ca", domains)
    sites = protection.of_sites(profiles, runs, met, certificate["missing"])
    tell = wiring.rules_say()
    running = reveal.running(paths.state)
    return {
        "running": [{"pid": r.pid, "since": iso(r.since)} for r in running],
        "profile": family.default,
        "accounts": dict(sorted(family.accounts.items())),
        "rules": rules,
        "log": log,
        "certificate": certificate,
        "computer": status_computer.gather(family, settings.port, domains),
        "sites": [_site(p, tell) for p in sites],
        "ok": bool(running) and not any(part["error"] for part in (log, rules, certificate)) and not certificate["over"],
    }


def _rules(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {"safeguard": __version__, "version": "", "files": 0, "rules": 0, "contexts": 0, "groups": 0, "own": 0}
    base = wiring.base_rules()
    found |= {"pack": base.pack.version if base.pack else "", "pack_unused": base.said}
    found |= {"switched_off": [], "error": ""}
    try:
        files = wiring.load_rule_files(settings)
        found["files"] = len(files.rules) + len(files.sites)
        compiled = wiring.compiled_rules(settings)
        wiring.load_sites(settings)
        found |= {"version": compiled.version[:12], "rules": len(compiled.findings), "contexts": len(compiled.contexts)}
        found |= {"groups": len(compiled.groups), "own": len(compiled.lists)}
        found["switched_off"] = list(OwnRules(wiring.own_rules(settings)).disabled())
    except RuleError as e:
        found["error"] = f"{len(e.problems)} problem(s), see `safeguard rules lint`; a running filter keeps the last good rules"
    except SafeguardError as e:
        found["error"] = str(e)
    return found


def _log(settings: Settings, paths: Paths) -> tuple[dict[str, Any], Sequence[Drift], Sequence[Partly]]:
    """What is said of the log, runs of answers that did not look as expected, and where the guard could not be added."""
    place = "the database of store.url" if settings.store_url else str(paths.log)
    aside = [] if settings.store_url else [p.name for p in database.asides(paths.log)]
    found: dict[str, Any] = {"place": place, "entries": 0, "damaged": aside, "alerts_waiting": 0, "alerts_to": []}
    found |= {"unchecked": {"days": DAYS, "answers": 0, "newest": []}, "error": ""}
    store: Store | None = None
    try:
        store = wiring.open_store(settings)
        found["entries"] = store.review.count()
        found["alerts_waiting"] = len(store.alerts.pending())
        failing = {t.channel: t for t in store.troubles.list()}
        for c in wiring.channels(paths).list():
            t = failing.get(c.id)
            found["alerts_to"].append(
                {
                    "id": c.id,
                    "service": c.kind,
                    "waiting": len(store.alerts_for(c.id, c.since).pending()),
                    "failing_since": iso(t.since) if t else None,
                    "why": t.why if t else "",
                }
            )
        count, newest = store.review.unchecked(DAYS, NEWEST)
        found["unchecked"] |= {"answers": count}
        found["unchecked"]["newest"] = [
            {"code": e.incident.code, "site": e.incident.site, "last_seen": iso(e.last_seen), "seen": e.seen, "why": e.incident.excerpt}
            for e in newest
        ]
        return found, store.drift.list(), store.partly.list()
    except SafeguardError as e:
        found["error"] = str(e)
        return found, (), ()
    finally:
        if store is not None:
            store.close()


def _profiles(settings: Settings) -> Sequence[SiteProfile]:
    try:
        return wiring.load_sites(settings).profiles
    except SafeguardError:
        return ()  # said under rules


def _site(p: Protection, tell: Callable[[str], str]) -> dict[str, Any]:
    why = [_("not read: %(what)s", what=tell(p.not_covered)) if gap is Gap.NOT_COVERED else _(GAPS[gap]) for gap in p.gaps]
    if p.waiting:
        why.append(_("waits for `safeguard ca renew`: %(domains)s", domains=", ".join(p.waiting)))
    return {
        "site": p.site,
        "title": p.title,
        "state": p.state.value,
        "why": why,
        "since": None if p.since is None else iso(p.since),
        "without_guard": [{"why": m.why, "since": iso(m.first), "last": iso(m.last)} for m in p.met],
    }
