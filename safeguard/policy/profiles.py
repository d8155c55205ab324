"""A family's profiles: the shipped ones as the parents changed them, which is the default, and which account has which. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.policy import hours
from safeguard.policy import profile as shipped
from safeguard.policy.hours import Shut, Wall, Window
from safeguard.policy.place import Place
from safeguard.policy.profile import Action, Profile

NAME = re.compile(r"(?!(?:true|false|null)\Z)[a-z][a-z0-9-]{0,39}")
ACCOUNT = re.compile(r"[^\s:\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]{1,64}")
"""What a login name may be, on any system; a profile or account of any other form is a typing error."""
SITE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
"""What the name of a site may be: that of its profile's file."""
MOST_HELP = 10
LONGEST_HELP = 60
_Settings = Mapping[str, Profile]


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every profile there is, and who has which.

    profiles: name -> profile, the shipped ones first.
    default:  name of the profile of an account without its own.
    accounts: account -> name of its profile.
    country:  whose help lines the children are shown (rules/help), "" where it is to be guessed.
    help:     the family's own, each as it is to be read: "Grandma: 010 123456".
    """

    profiles: _Settings = field(default_factory=lambda: MappingProxyType(dict(shipped.PROFILES)))
    default: str = shipped.DEFAULT.name
    accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    country: str = ""
    help: tuple[str, ...] = ()

    def of(self, account: str) -> Profile:
        """The profile of that account; of an unknown one ("") the strictest of those in use, the default and that of any account."""
        return shipped.strictest(self._asked(account))

    def shut(self, account: str, site: str, now: Wall) -> Shut | None:
        """Whether that site is off for that account now; for an unknown one, where it is off for any."""
        return hours.strictest(p.hours.shut(site, now) for p in self._asked(account))

    def _asked(self, account: str) -> list[Profile]:
        """The profiles that decide for that account."""
        names = (self.accounts.get(account, self.default),) if account else (self.default, *self.accounts.values())
        return [self.profiles[n] for n in dict.fromkeys(names)]

    def named(self, name: str) -> Profile:
        """Raises InputError where there is none of that name."""
        if name not in self.profiles:
            raise InputError(_("no profile %(name)s; there are: %(known)s", name=repr(name[:60]), known=", ".join(self.profiles)))
        return self.profiles[name]

    def with_profile(self, profile: Profile) -> Profiles:
        """With that profile in place of the one of its name, or added."""
        return replace(self, profiles=MappingProxyType({**self.profiles, profile.name: profile}))

    def with_default(self, name: str) -> Profiles:
        """Raises InputError where there is no profile of that name."""
        return replace(self, default=self.named(name).name)

    def with_account(self, account: str, name: str | None) -> Profiles:
        """The account has that profile, or the default where name is None. Raises InputError for a wrong name or account."""
        rest = {a: n for a, n in self.accounts.items() if a != account}
        if name is not None:
            if not ACCOUNT.fullmatch(account):
                raise InputError(_("%(name)s cannot be the name of an account", name=repr(account[:60])))
            rest[account] = self.named(name).name
        return replace(self, accounts=MappingProxyType(rest))


def changed(profile: Profile, severity: int | None, action: Action | None, suspect: Action | None, reveal: bool | None = None) -> Profile:
    """The profile with another action for one severity (None: for every one), for what is suspect, another right (None: as it was)."""
    harmful = profile.harmful
    if action is not None:
        chosen = range(4) if severity is None else (severity,)
        a, b, c, d = (action if n in chosen else was for n, was in enumerate(harmful))
        harmful = (a, b, c, d)
    return replace(profile, harmful=harmful, suspect=suspect or profile.suspect, reveal=profile.reveal if reveal is None else reveal)


def with_hours(profile: Profile, site: str = "", off: bool | None = None, times: tuple[Window, ...] | None = None) -> Profile:
    """The profile with other hours (None: as they were). site: only that one is off, always, or never."""
    was = profile.hours
    if site and off is not None:
        was = replace(was, sites=MappingProxyType({**was.sites, site: off}))
    elif off is not None:
        was = replace(was, off=off)
    return replace(profile, hours=was if times is None else replace(was, times=times))


def with_place(profile: Profile, site: str, place: Place, action: Action | None) -> Profile:
    """The profile with that action for what is harmful in that place, whatever its severity; None: as everywhere. site "": every one."""
    rest = {where: harmful for where, harmful in profile.places.items() if where != (site, place)}
    if action is not None:
        rest[site, place] = (action,) * 4
    return replace(profile, places=MappingProxyType(rest))


def without_site(profile: Profile, site: str) -> Profile:
    """The profile with nothing said of that site."""
    places = {where: harmful for where, harmful in profile.places.items() if where[0] != site}
    sites = {name: off for name, off in profile.hours.sites.items() if name != site}
    return replace(profile, places=MappingProxyType(places), hours=replace(profile.hours, sites=MappingProxyType(sites)))


def own_help(line: str) -> str:
    """A help line of the family's own. Raises InputError for one that cannot be shown in a notice."""
    line = " ".join(line.split())
    if not line or len(line) > LONGEST_HELP or not line.isprintable() or set(line) & set("[]<>{}"):
        raise InputError(
            _(
                "%(line)s cannot be a help line; write whom and how, such as 'Grandma: 010 123456', at most %(most)s letters",
                line=repr(line[:60]),
                most=LONGEST_HELP,
            )
        )
    return line


def check_site(name: str) -> str:
    """The name of a site. Raises InputError for what cannot be one."""
    if not SITE.fullmatch(name):
        raise InputError(_("%(name)s cannot be the name of a site; `safeguard sites list` has them", name=repr(name[:60])))
    return name


def check_name(name: str) -> str:
    """The name of a new profile. Raises InputError for one that cannot be typed or kept."""
    if not NAME.fullmatch(name):
        said = _("%(name)s cannot be the name of a profile; use small letters, digits and dashes, such as big-sister", name=repr(name[:60]))
        raise InputError(said)
    return name
