"""A site profile as a value, and the list of all of them.

CONTRACT: `Sites.for_host` and `Sites.domains` are what proxy/, the certificate authority and pipeline/ rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from safeguard.text.unit import Role


class Opaque(StrEnum):
    """What becomes of bodies that cannot be read (protobuf, binary frames)."""

    BLOCK = "block"
    DOM_GUARD = "dom_guard"
    NOT_PROTECTED = "not_protected"


class OnError(StrEnum):
    """What becomes of a message of a live connection that should be read and cannot be."""

    BLOCK = "block"
    """It is left out, the connection goes on."""
    CLOSE = "close"
    """The connection is ended."""
    PASS_LISTED = "pass_listed"
    """It passes, and the site is listed as partly protected."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What a profile says of one JSON key (lower case), wherever it stands."""

    role: Role | None = None
    author: bool = False
    join: bool = False
    ignore: bool = False
    unit: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector of one element: `tag`, `.class`, `#id`, `[attr]`, `[attr=value]`, alone or together; "" and None match anything."""

    tag: str = ""
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str | None], ...] = ()

    def matches(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element of that name (lower case) with those attributes is meant."""
        if self.tag and self.tag != tag:
            return False
        if self.classes and not ("class" in attributes and self.classes <= set(attributes["class"].split())):
            return False
        return not self.attributes or all(n in attributes and (v is None or attributes[n] == v) for n, v in self.attributes)


@dataclass(frozen=True, slots=True)
class Healthy:
    """What some healthy answers of a site have in them: any one of the keys and selectors.

    where: the line as the profile has it. html: pages, else answers to scripts. parts: one must stand in the address; none: any address.
    """

    where: str
    html: bool
    parts: tuple[str, ...]
    keys: tuple[str, ...] = ()
    selectors: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """name: short id; title: for people; domains: registrable domains, each with all its subdomains, lower case ASCII.

    keys:      what single JSON keys mean here.
    paths:     last key -> (path suffix, role), longest first.
    selectors: roles of HTML elements; units: elements a unit begins with.
    scripts:   URL parts of scripts that carry people's text (JSONP, state) and are read though asked for as scripts.
    opaque:    what becomes of bodies nobody can read on the way.
    opaque_sockets: URL parts of live connections in a binary protocol of the site's own, for which `opaque` counts too.
    on_error:  what becomes of a live connection's message that cannot be read and is of no such protocol.
    not_covered: one line for people: what of the site stays unread.
    healthy:   by what an answer of the site shows that this profile still fits; the first that is about an answer counts.
    like:      name of the site whose software runs here too: these domains are its own, and nothing else is said here.
    met:       worked out of the above as bodies come (formats/keys.py); says nothing of its own.
    """

    name: str
    title: str
    domains: tuple[str, ...]
    keys: Mapping[str, KeyRule] = field(default_factory=lambda: MappingProxyType({}))
    paths: Mapping[str, tuple[tuple[tuple[str, ...], Role], ...]] = field(default_factory=lambda: MappingProxyType({}))
    selectors: tuple[tuple[Selector, Role], ...] = ()
    units: tuple[Selector, ...] = ()
    scripts: tuple[str, ...] = ()
    opaque: Opaque = Opaque.BLOCK
    not_covered: str = ""
    opaque_sockets: tuple[str, ...] = ()
    on_error: OnError = OnError.BLOCK
    healthy: tuple[Healthy, ...] = ()
    like: str = ""
    met: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def passes_unread(self) -> bool:
        """Whether something of the site goes to the child unread, so that parents are to be told."""
        return self.opaque is Opaque.NOT_PROTECTED or self.on_error is OnError.PASS_LISTED


@dataclass(frozen=True, slots=True)
class Sites:
    """All profiles, looked up by host."""

    profiles: tuple[SiteProfile, ...]
    by_domain: dict[str, SiteProfile] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, profiles: Iterable[SiteProfile]) -> Sites:
        """The collection; the first profile that names a domain owns it. Domains of a site like another one are that one's."""
        given = tuple(profiles)
        more: dict[str, tuple[str, ...]] = {}
        for p in given:
            if p.like:
                more[p.like] = more.get(p.like, ()) + p.domains
        kept = tuple(replace(p, domains=p.domains + more[p.name]) if p.name in more else p for p in given if not p.like)
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
