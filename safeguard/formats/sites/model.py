"""A site profile as a value, and the list of all of them.

CONTRACT: `Sites.for_host` and `Sites.domains` are what proxy/, the certificate authority and pipeline.py rely on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """name: short id; title: for people; domains: registrable domains, each with all its subdomains, lower case ASCII."""

    name: str
    title: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    """All profiles, looked up by host."""

    profiles: tuple[SiteProfile, ...]
    by_domain: dict[str, SiteProfile] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, profiles: Iterable[SiteProfile]) -> Sites:
        """The collection; the first profile that names a domain owns it."""
        kept = tuple(profiles)
        table: dict[str, SiteProfile] = {}
        for p in kept:
            for d in p.domains:
                table.setdefault(d, p)
        return cls(kept, table)

    @property
    def domains(self) -> tuple[str, ...]:
        """Every watched domain, in order of the profiles."""
        return tuple(self.by_domain)

    def for_host(self, host: str) -> SiteProfile | None:
        """The profile of a host name (any case, trailing dot allowed), or None where it is not watched."""
        name = host.rstrip(".").lower()
        while name:
            if name in self.by_domain:
                return self.by_domain[name]
            _, _, name = name.partition(".")
        return None
