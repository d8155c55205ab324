"""profiles.yaml: reader and writer. Pure.

Only what differs from the shipped profiles is written down, so that a better shipped profile reaches those who changed nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from safeguard import strict_yaml
from safeguard.errors import ConfigError, InputError, Problem, RuleError
from safeguard.language import _
from safeguard.policy import hours, profiles
from safeguard.policy import profile as shipped
from safeguard.policy.place import Place
from safeguard.policy.profile import ORDER, Action, Profile
from safeguard.policy.profiles import ACCOUNT, MOST_HELP, NAME, Profiles, changed, with_hours, with_place

YES_NO = {"yes": True, "no": False}
SEVERITIES = ("0", "1", "2", "3")
_KEYS = ("default", "accounts", "profiles", "country", "help")
_OF_PROFILE = ("severity", "suspect", "reveal", "off", "times", "places", "sites")
_PLACES = tuple(p.value for p in Place)
_COUNTRY = re.compile(r"[a-z]{2}")


class _Reading:
    """One file; problems are gathered, so that a parent sees them all at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []

    def wrong(self, line: int, what: str) -> None:
        self.problems.append(Problem(self.name, line, what))

    def map(self, doc: strict_yaml.Map, key: str) -> strict_yaml.Map:
        value = doc.get(key)
        if isinstance(value, strict_yaml.Map):
            return value
        if value is not None:
            self.wrong(doc.lines[key], _("%(key)s must hold names, one a line below it, indented", key=key))
        return strict_yaml.Map()

    def action(self, value: Any, line: int, what: str) -> Action | None:
        if isinstance(value, str) and value in ORDER:
            return Action(value)
        self.wrong(line, _("%(key)s must be one of %(known)s", key=what, known=", ".join(ORDER)))
        return None

    def yes(self, value: Any, line: int, what: str) -> bool | None:
        if isinstance(value, str) and value in YES_NO:
            return YES_NO[value]
        self.wrong(line, _("%(key)s must be yes or no", key=what))
        return None

    def each[T](self, doc: strict_yaml.Map, key: str, most: int, read: Callable[[str], T]) -> list[T]:
        """The lines of a list of texts; read raises InputError."""
        value = doc[key]
        if not isinstance(value, strict_yaml.Seq) or not all(isinstance(v, str) for v in value) or len(value) > most:
            said = _(
                "%(key)s must hold a list of at most %(most)s texts, each on a line of its own that begins with a dash", key=key, most=most
            )
            self.wrong(doc.lines[key], said)
            return []
        out = []
        for text, line in zip(value, value.lines, strict=True):
            try:
                out.append(read(text))
            except InputError as e:
                self.wrong(line, str(e))
        return out

    def profile(self, name: str, told: Any, line: int) -> Profile | None:
        if not NAME.fullmatch(name):
            self.wrong(line, _("%(name)s cannot be the name of a profile", name=repr(name[:60])))
            return None
        if not isinstance(told, strict_yaml.Map):
            self.wrong(line, _("%(name)s must hold severity and suspect, one a line below it, indented", name=name))
            return None
        made = replace(shipped.PROFILES.get(name, shipped.DEFAULT), name=name)
        for key, value in told.items():
            if key == "suspect":
                made = changed(made, None, None, self.action(value, told.lines[key], key))
            elif key == "reveal":
                made = changed(made, None, None, None, self.yes(value, told.lines[key], key))
            elif key == "off":
                made = with_hours(made, off=self.yes(value, told.lines[key], key))
            elif key == "times":
                made = with_hours(made, times=tuple(self.each(told, key, hours.MOST, hours.window)))
            elif key == "places":
                places = self.map(told, key)
                for place in places:
                    made = self.at(made, "", places, place)
            elif key == "sites":
                made = self.sites(made, self.map(told, key))
            elif key == "severity":
                severities = self.map(told, key)
                for n, wanted in severities.items():
                    if n not in SEVERITIES:
                        self.wrong(severities.lines[n], _("unknown severity %(level)s; there are 0, 1, 2 and 3", level=repr(n[:20])))
                    elif action := self.action(wanted, severities.lines[n], f"severity {n}"):
                        made = changed(made, int(n), action, None)
            else:
                self.wrong(told.lines[key], _("unknown key %(key)s; known: %(known)s", key=repr(key[:60]), known=", ".join(_OF_PROFILE)))
        return made

    def sites(self, made: Profile, sites: strict_yaml.Map) -> Profile:
        for site in sites:
            if not profiles.SITE.fullmatch(site):
                self.wrong(sites.lines[site], _("%(name)s cannot be the name of a site", name=repr(site[:60])))
                continue
            told = self.map(sites, site)
            for key in told:
                if key == "off":
                    made = with_hours(made, site, self.yes(told[key], told.lines[key], key))
                else:
                    made = self.at(made, site, told, key, "off, ")
        return made

    def at(self, made: Profile, site: str, told: strict_yaml.Map, place: str, more: str = "") -> Profile:
        if place not in _PLACES:
            known = more + ", ".join(_PLACES)
            self.wrong(told.lines[place], _("unknown place %(place)s; known: %(known)s", place=repr(place[:60]), known=known))
            return made
        action = self.action(told[place], told.lines[place], place)
        return made if action is None else with_place(made, site, Place(place), action)


def parse(name: str, data: bytes, default: str = shipped.DEFAULT.name) -> Profiles:
    """The profiles in a file's bytes; default: name of the default where the file has none.

    Raises ConfigError with every problem, each with file:line.
    """
    try:
        doc = strict_yaml.load(name, data)
    except RuleError as e:
        raise ConfigError(str(e)) from e
    if doc is None:
        doc = strict_yaml.Map()
    if not isinstance(doc, strict_yaml.Map):
        raise ConfigError(f"{name}:1: {_('must hold default, accounts or profiles')}")
    r = _Reading(name)
    for key in doc:
        if key not in _KEYS:
            r.wrong(doc.lines[key], _("unknown key %(key)s; known: %(known)s", key=repr(key[:60]), known=", ".join(_KEYS)))
    own = r.map(doc, "profiles")
    made = dict(shipped.PROFILES)
    for key, told in own.items():
        if (one := r.profile(key, told, own.lines[key])) is not None:
            made[key] = one
    chosen = doc.get("default", default)
    if not isinstance(chosen, str) or chosen not in made:
        r.wrong(doc.lines.get("default", 0), _("%(key)s must be one of %(known)s", key="default", known=", ".join(made)))
    accounts = r.map(doc, "accounts")
    for account, given in accounts.items():
        if not ACCOUNT.fullmatch(account) or not isinstance(given, str) or given not in made:
            r.wrong(accounts.lines[account], _("%(name)s must have one of %(known)s", name=repr(account[:60]), known=", ".join(made)))
    country = doc.get("country", "")
    if not isinstance(country, str) or (country and not _COUNTRY.fullmatch(country)):
        r.wrong(doc.lines["country"], _("country must be two small letters, such as am"))
    help_lines = tuple(r.each(doc, "help", MOST_HELP, profiles.own_help)) if "help" in doc else ()
    if r.problems:
        raise ConfigError("\n".join(map(str, sorted(r.problems, key=lambda p: p.line))))
    return Profiles(MappingProxyType(made), chosen, MappingProxyType(dict(accounts)), country, help_lines)


def render(family: Profiles) -> bytes:
    """The file that parse reads back as the same profiles."""
    lines = ["# Written by `safeguard profile`; read again by a running SafeGuard as soon as it changes.", f"default: {family.default}"]
    if family.accounts:
        lines += ["accounts:", *(f"  {_quoted(a)}: {n}" for a, n in sorted(family.accounts.items()))]
    if family.country:
        lines.append(f"country: {_quoted(family.country)}")
    if family.help:
        lines += ["help:", *(f"  - {_quoted(h)}" for h in family.help)]
    own = [p for p in family.profiles.values() if p != shipped.PROFILES.get(p.name)]
    if own:
        lines.append("profiles:")
    for p in own:
        lines += [f"  {p.name}:", "    severity:", *(f"      {n}: {a}" for n, a in enumerate(p.harmful)), f"    suspect: {p.suspect}"]
        if p.reveal != shipped.PROFILES.get(p.name, shipped.DEFAULT).reveal:
            lines.append(f"    reveal: {_yes(p.reveal)}")
        lines += _hours_and_places(p)
    return ("\n".join(lines) + "\n").encode()


def _hours_and_places(p: Profile) -> list[str]:
    lines = ["    off: yes"] if p.hours.off else []
    if p.hours.times:
        lines += ["    times:", *(f"      - {w}" for w in p.hours.times)]
    said = {site: [f"        off: {_yes(off)}"] for site, off in p.hours.sites.items()}
    for (site, place), actions in p.places.items():
        said.setdefault(site, []).append(f"{'        ' if site else '      '}{place}: {actions[0]}")
    if everywhere := said.pop("", None):
        lines += ["    places:", *everywhere]
    if said:
        lines.append("    sites:")
    for site, what in sorted(said.items()):
        lines += [f"      {_quoted(site)}:", *what]
    return lines


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _quoted(account: str) -> str:
    """A YAML text that stays a text whatever it looks like."""
    return "'" + account.replace("'", "''") + "'"
