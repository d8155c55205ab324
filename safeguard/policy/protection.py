"""Which sites are protected, partly, or not as they should be, and why: what `safeguard status` and the parents' page both say. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from safeguard.formats.sites.model import OnError, Opaque, SiteProfile
from safeguard.policy.drift import Drift, reduced_since
from safeguard.policy.partly import Partly


class State(StrEnum):
    """From good to bad."""

    PROTECTED = "protected"
    PARTLY = "partly"
    REDUCED = "reduced"
    """Its answers no longer look as its profile expects."""
    WAITING = "waiting"
    """The certificate is not for all of its domains: closed to filtered browsers until the parent's yes."""


class Gap(StrEnum):
    """What of a site is not read, by its profile."""

    NOT_COVERED = "not_covered"
    DOM_GUARD = "dom_guard"
    NOT_PROTECTED = "not_protected"
    PASS_LISTED = "pass_listed"


@dataclass(frozen=True, slots=True)
class Protection:
    """One site. not_covered: the profile's own line on what stays unread; since: when its protection was reduced, milliseconds, else None;

    met: where the guard could not be added; waiting: those of its domains that the certificate is not for.
    """

    site: str
    title: str
    state: State
    gaps: tuple[Gap, ...] = ()
    not_covered: str = ""
    since: int | None = None
    met: tuple[Partly, ...] = ()
    waiting: tuple[str, ...] = ()


def of_sites(profiles: Iterable[SiteProfile], runs: Iterable[Drift], met: Sequence[Partly], missing: Collection[str]) -> list[Protection]:
    """Every site, in the order of the profiles. missing: domains that the certificate is not for."""
    since = reduced_since(runs)
    return [
        _of_site(p, since.get(p.name), tuple(m for m in met if m.site == p.name), tuple(d for d in p.domains if d in missing))
        for p in profiles
    ]


def _of_site(profile: SiteProfile, since: int | None, met: tuple[Partly, ...], waiting: tuple[str, ...]) -> Protection:
    gaps = [Gap.NOT_COVERED] if profile.not_covered else []
    if profile.opaque is not Opaque.BLOCK:
        gaps.append(Gap(profile.opaque.value))
    if profile.on_error is OnError.PASS_LISTED:
        gaps.append(Gap.PASS_LISTED)
    state = State.WAITING if waiting else State.REDUCED if since is not None else State.PARTLY if gaps or met else State.PROTECTED
    return Protection(profile.name, profile.title, state, tuple(gaps), profile.not_covered, since, met, waiting)
