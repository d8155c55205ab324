"""The settings as one frozen value, read from (name, bytes). Pure; system/settings_file.py finds the file.

SETTINGS is the only list of settings: the parser, `safeguard --help`, the README's table and its test all follow it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from safeguard import strict_yaml
from safeguard.errors import ConfigError, Problem, RuleError
from safeguard.language import _

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a parent can set.

    port:          loopback port of the proxy.
    profile:       name of the child's profile.
    language:      of what the parent reads (ISO 639-1), or `auto`: that of the session, and on the page the browser's.
    lang:          language of the notices, or `auto`: that of the page, else the parent's.
    rules_folder:  folder with the family's own rules, "" for `rules` in the settings' folder.
    body_bytes:    largest body that is checked, bytes; a larger one on a watched host is not shown.
    private_hosts: (host, port) of the family's own servers that may be reached although their address is private.
    store_url:     address of the log on a PostgreSQL server, "" for a SQLite file in the state folder.
    keep_days:     days an entry stays in the log.
    evidence:      keep the whole text of personal threats and of the highest severity.
    accounts:      (account, loopback port) of children whose account the system does not tell (all but Linux).
    alerts:        show desktop alerts in the session of `safeguard run` and `safeguard agent`.
    per_hour:      alerts an hour at most on each way, threats not counted.
    digest:        minutes that alerts to phone or mail are gathered, threats not.
    quiet:         minutes of the local day [from, until) without alerts, over midnight where from is the later; None for none.
    quiet_threats: personal threats come in quiet hours too.
    name_account:  alerts to phone or mail name the child's account.
    page:          serve the parents' page.
    page_port:     loopback port of the parents' page.
    idle_minutes:  minutes after which an unused session of the page ends.
    """

    port: int = 8877
    profile: str = "young-child"
    lang: str = AUTO
    rules_folder: str = ""
    body_bytes: int = 32 * 2**20
    private_hosts: tuple[tuple[str, int], ...] = ()
    store_url: str = field(default="", repr=False)  # may hold a password
    keep_days: int = 30
    evidence: bool = True
    accounts: tuple[tuple[str, int], ...] = ()
    alerts: bool = True
    per_hour: int = 4
    page: bool = True
    page_port: int = 8876
    idle_minutes: int = 10
    digest: int = 60
    quiet: tuple[int, int] | None = None
    quiet_threats: bool = True
    name_account: bool = False
    language: str = AUTO

    @property
    def parents(self) -> str:
        """The language that was chosen for the parent: `language`, else that of the notices; or `auto`."""
        return self.language if self.language != AUTO else self.lang


class _Wrong(ValueError):
    """A value is wrong; the text says how to mend it."""


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise _Wrong(_("must be a whole number from %(low)s to %(high)s", low=low, high=high))
        return value

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(_("must be a text"))
    return value


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(_("must be true or false"))
    return value


_TIMES = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ?- ?([01]\d|2[0-3]):([0-5]\d)")


def times(value: Any) -> tuple[int, int] | None:
    """Minutes of the day of such as "22:00-07:00"; "" for none. Raises ValueError."""
    if value == "":
        return None
    found = _TIMES.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong(_('must be two times of the day, such as "22:00-07:00"'))
    hour, minute, until_hour, until_minute = map(int, found.groups())
    if (start := 60 * hour + minute) == (until := 60 * until_hour + until_minute):
        raise _Wrong(_("must be two different times; these are no hours"))
    return start, until


_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def _hosts(value: Any) -> tuple[tuple[str, int], ...]:
    """Exact `host:port` items; no patterns, so that one line opens one door."""
    if not isinstance(value, list):
        raise _Wrong(_("must be a list of host:port"))
    out = []
    for item in value:
        host, __, port = str(item).rpartition(":")
        host = host.strip("[]").lower()
        try:
            known = bool(_HOST.fullmatch(host)) or bool(ipaddress.ip_address(host))
        except ValueError:
            known = False
        if not known or not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65536:
            raise _Wrong(_("must be host:port, such as family.example:8443, not %(item)s", item=repr(str(item)[:80])))
        out.append((host, int(port)))
    return tuple(out)


def _accounts(value: Any) -> tuple[tuple[str, int], ...]:
    """`account: port` pairs, each port once."""
    if not isinstance(value, dict):
        raise _Wrong(_("must hold accounts, one a line below it, such as `anna: 8878`"))
    read = _whole(1, 65535)
    out = []
    for account, port in value.items():
        if not account.strip() or len(account) > 64 or not account.isprintable():
            raise _Wrong(_("%(name)s cannot be the name of an account", name=repr(account[:60])))
        out.append((account, read(port)))
    if len({port for __, port in out}) < len(out):
        raise _Wrong(_("must give each account a port of its own"))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key in the file, its field in Settings, what it means, and how its value is read."""

    key: str
    field: str
    help: str
    read: Callable[[Any], Any]


SETTINGS = (
    Setting("listen.port", "port", "port on 127.0.0.1 where the proxy listens", _whole(1, 65535)),
    Setting(
        "listen.accounts",
        "accounts",
        "a further port for each child's account, where the system does not tell whose browser it is",
        _accounts,
    ),
    Setting("profile", "profile", "the default profile: young-child, teen or trial; `safeguard profile default` comes before it", _text),
    Setting("language", "language", "language of commands, the parents' page, alerts and reports: en, hy, az, ru, tr, or auto", _text),
    Setting("notice.lang", "lang", "language of the notices: en, ru, tr, az, hy, or auto", _text),
    Setting("rules.folder", "rules_folder", "folder with your own rules", _text),
    Setting("limits.body_bytes", "body_bytes", "largest answer that is checked, in bytes; a larger one is not shown", _whole(2**16, 2**30)),
    Setting("upstream.private_hosts", "private_hosts", "your own servers at home, as a list of host:port", _hosts),
    Setting("store.url", "store_url", "PostgreSQL address of a log that many PCs share; a file of your own account unless set", _text),
    Setting("store.keep_days", "keep_days", "days an entry stays in the log", _whole(1, 3650)),
    Setting("store.evidence", "evidence", "true keeps threats and the worst hate whole, as evidence", _yes_no),
    Setting("alerts.enabled", "alerts", "true shows desktop alerts in the session of `safeguard run` and `safeguard agent`", _yes_no),
    Setting("alerts.per_hour", "per_hour", "alerts an hour at most; then a digest; threats come at once", _whole(1, 60)),
    Setting("alerts.digest_minutes", "digest", "minutes that alerts to phone or mail are gathered; threats come at once", _whole(0, 10080)),
    Setting("alerts.quiet", "quiet", "hours without alerts, local time, such as 22:00-07:00", times),
    Setting("alerts.quiet_threats", "quiet_threats", "true lets personal threats come in quiet hours too", _yes_no),
    Setting("alerts.name_account", "name_account", "true names the child's account in alerts to phone or mail", _yes_no),
    Setting("page.enabled", "page", "true serves the parents' page while the filter runs; `safeguard open` opens it", _yes_no),
    Setting("page.port", "page_port", "port on 127.0.0.1 of the parents' page", _whole(1, 65535)),
    Setting("page.idle_minutes", "idle_minutes", "minutes after which an unused session of the parents' page ends", _whole(1, 240)),
)
_BY_KEY = {s.key: s for s in SETTINGS}
_SECTIONS = {s.key.partition(".")[0] for s in SETTINGS if "." in s.key}


def defaults() -> dict[str, Any]:
    """Setting key -> its default value."""
    of = {f.name: f.default for f in fields(Settings)}
    return {s.key: of[s.field] for s in SETTINGS}


_LANGUAGE = re.compile(rb"^language:.*\n?", re.M)


def with_language(data: bytes, language: str) -> bytes:
    """A settings file's bytes with that language, and everything else as it stands."""
    kept = _LANGUAGE.sub(b"", data)
    return kept + (b"" if kept.endswith(b"\n") or not kept else b"\n") + f"language: {language}\n".encode()


def _flat(doc: strict_yaml.Map, problems: list[Problem], name: str) -> list[tuple[str, Any, int]]:
    """(dotted key, value, line) of every setting in the document."""
    out = []
    for key, value in doc.items():
        if key not in _SECTIONS:
            out.append((key, value, doc.lines[key]))
        elif isinstance(value, strict_yaml.Map):
            out += [(f"{key}.{k}", v, value.lines[k]) for k, v in value.items()]
        elif value is not None:
            problems.append(Problem(name, doc.lines[key], _("%(key)s must hold settings, one a line below it, indented", key=key)))
    return out


def parse(name: str, data: bytes, choices: Mapping[str, Sequence[str]] | None = None) -> Settings:
    """Settings from a file's bytes; what the file does not name keeps its default.

    choices: setting key -> allowed values, from rooms that config does not know (profiles, notice languages).
    Raises ConfigError with every problem, one a line, each with file:line.
    """
    try:
        doc = strict_yaml.load(name, data)
    except RuleError as e:
        raise ConfigError(str(e)) from e
    if doc is None:
        return Settings()
    if not isinstance(doc, strict_yaml.Map):
        raise ConfigError(f"{name}:1: {_('must hold settings, such as `profile: teen`')}")
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for key, value, line in _flat(doc, problems, name):
        setting = _BY_KEY.get(key)
        if setting is None:
            problems.append(Problem(name, line, _("unknown setting %(key)s; known: %(known)s", key=repr(key), known=", ".join(_BY_KEY))))
            continue
        try:
            found[setting.field] = setting.read(value)
        except _Wrong as e:
            problems.append(Problem(name, line, f"{key} {e}"))
            continue
        allowed = (choices or {}).get(key)
        if allowed and value not in allowed:
            said = _("%(key)s must be one of %(known)s, not %(value)s", key=key, known=", ".join(allowed), value=repr(value))
            problems.append(Problem(name, line, said))
    if problems:
        raise ConfigError("\n".join(map(str, sorted(problems, key=lambda p: p.line))))
    return Settings(**found)
