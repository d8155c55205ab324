"""A family's profiles: the shipped ones as the parents changed them, which is the default, and which account has which. Pure.

Only what differs from the shipped profiles is written down, so that a better shipped profile reaches those who changed nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from safeguard import strict_yaml
from safeguard.errors import ConfigError, InputError, Problem, RuleError
from safeguard.policy import profile as shipped
from safeguard.policy.profile import ORDER, Action, Profile

NAME = re.compile(r"(?!(?:true|false|null)\Z)[a-z][a-z0-9-]{0,39}")
ACCOUNT = re.compile(r"[^\s:\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]{1,64}")
"""What a login name may be, on any system; a profile or account of any other form is a typing error."""
REVEAL = {"yes": True, "no": False}
SEVERITIES = ("0", "1", "2", "3")
_KEYS = ("default", "accounts", "profiles")
_Settings = Mapping[str, Profile]


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every profile there is, and who has which.

    profiles: name -> profile, the shipped ones first.
    default:  name of the profile of an account without its own.
    accounts: account -> name of its profile.
    """

    profiles: _Settings = field(default_factory=lambda: MappingProxyType(dict(shipped.PROFILES)))
    default: str = shipped.DEFAULT.name
    accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, account: str) -> Profile:
        """The profile of that account; of an unknown one ("") the strictest of those in use, the default and that of any account."""
        if account:
            return self.profiles[self.accounts.get(account, self.default)]
        return shipped.strictest(self.profiles[n] for n in dict.fromkeys((self.default, *self.accounts.values())))

    def named(self, name: str) -> Profile:
        """Raises InputError where there is none of that name."""
        if name not in self.profiles:
            raise InputError(f"no profile {name[:60]!r}; there are: {', '.join(self.profiles)}")
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
                raise InputError(f"{account[:60]!r} cannot be the name of an account")
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


def check_name(name: str) -> str:
    """The name of a new profile. Raises InputError for one that cannot be typed or kept."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name[:60]!r} cannot be the name of a profile; use small letters, digits and dashes, such as big-sister")
    return name


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
            self.wrong(doc.lines[key], f"{key} must hold names, one a line below it, indented")
        return strict_yaml.Map()

    def action(self, value: Any, line: int, what: str) -> Action | None:
        if isinstance(value, str) and value in ORDER:
            return Action(value)
        self.wrong(line, f"{what} must be one of {', '.join(ORDER)}")
        return None

    def profile(self, name: str, told: Any, line: int) -> Profile | None:
        if not NAME.fullmatch(name):
            self.wrong(line, f"{name[:60]!r} cannot be the name of a profile")
            return None
        if not isinstance(told, strict_yaml.Map):
            self.wrong(line, f"{name} must hold severity and suspect, one a line below it, indented")
            return None
        made = replace(shipped.PROFILES.get(name, shipped.DEFAULT), name=name)
        for key, value in told.items():
            if key == "suspect":
                made = changed(made, None, None, self.action(value, told.lines[key], key))
            elif key == "reveal":
                if value in REVEAL:
                    made = changed(made, None, None, None, REVEAL[value])
                else:
                    self.wrong(told.lines[key], "reveal must be yes or no")
            elif key == "severity":
                severities = self.map(told, key)
                for n, wanted in severities.items():
                    if n not in SEVERITIES:
                        self.wrong(severities.lines[n], f"unknown severity {n[:20]!r}; there are 0, 1, 2 and 3")
                    elif action := self.action(wanted, severities.lines[n], f"severity {n}"):
                        made = changed(made, int(n), action, None)
            else:
                self.wrong(told.lines[key], f"unknown key {key[:60]!r}; known: severity, suspect, reveal")
        return made


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
        raise ConfigError(f"{name}:1: must hold default, accounts or profiles")
    r = _Reading(name)
    for key in doc:
        if key not in _KEYS:
            r.wrong(doc.lines[key], f"unknown key {key[:60]!r}; known: {', '.join(_KEYS)}")
    own = r.map(doc, "profiles")
    made = dict(shipped.PROFILES)
    for key, told in own.items():
        if (one := r.profile(key, told, own.lines[key])) is not None:
            made[key] = one
    chosen = doc.get("default", default)
    if not isinstance(chosen, str) or chosen not in made:
        r.wrong(doc.lines.get("default", 0), f"default must be one of {', '.join(made)}")
    accounts = r.map(doc, "accounts")
    for account, given in accounts.items():
        if not ACCOUNT.fullmatch(account) or not isinstance(given, str) or given not in made:
            r.wrong(accounts.lines[account], f"{account[:60]!r} must have one of {', '.join(made)}")
    if r.problems:
        raise ConfigError("\n".join(map(str, sorted(r.problems, key=lambda p: p.line))))
    return Profiles(MappingProxyType(made), chosen, MappingProxyType(dict(accounts)))


def render(profiles: Profiles) -> bytes:
    """The file that parse reads back as the same profiles."""
    lines = ["# Written by `safeguard profile`; read again by a running SafeGuard as soon as it changes.", f"default: {profiles.default}"]
    if profiles.accounts:
        lines += ["accounts:", *(f"  {_quoted(a)}: {n}" for a, n in sorted(profiles.accounts.items()))]
    own = [p for p in profiles.profiles.values() if p != shipped.PROFILES.get(p.name)]
    if own:
        lines.append("profiles:")
    for p in own:
        lines += [f"  {p.name}:", "    severity:", *(f"      {n}: {a}" for n, a in enumerate(p.harmful)), f"    suspect: {p.suspect}"]
        if p.reveal != shipped.PROFILES.get(p.name, shipped.DEFAULT).reveal:
            lines.append(f"    reveal: {'yes' if p.reveal else 'no'}")
    return ("\n".join(lines) + "\n").encode()


def _quoted(account: str) -> str:
    """A YAML key that stays a text whatever it looks like."""
    return "'" + account.replace("'", "''") + "'"
