"""Builds the rooms from the settings: rule files -> Engine and Sites -> Pipeline, and the log. The proxy's side is joined in cli/.

Imports stand inside the functions where a command should not pay for rooms it does not use.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from safeguard import collector
from safeguard.config import AUTO, Settings
from safeguard.errors import ConfigError, InputError, Problem, RuleError, StoreError
from safeguard.language import LANGS, _, spoken
from safeguard.matching.engine import Engine
from safeguard.system import compiled_cache, everyday, private, rule_files, settings_file
from safeguard.system.packs import Base, Packs
from safeguard.system.paths import Paths

if TYPE_CHECKING:
    from safeguard.alerts.desktop import Show
    from safeguard.alerts.plan import Pace
    from safeguard.alerts.sender import Sender
    from safeguard.alerts.teller import Teller
    from safeguard.evidence import Recipient, Told
    from safeguard.formats.sites.model import SiteProfile, Sites
    from safeguard.pipeline import Pipeline
    from safeguard.policy.help import Help
    from safeguard.policy.incident import Incident
    from safeguard.policy.profile import Profile
    from safeguard.policy.profiles import Profiles
    from safeguard.ruleset.model import CompiledRules
    from safeguard.store import Entry, Store
    from safeguard.system.channels import Channel, Channels
    from safeguard.system.door import Door
    from safeguard.system.health import HealthWatch
    from safeguard.system.memory import Memory
    from safeguard.system.pack import Pack
    from safeguard.system.quiet_hours import Quiet


def choices() -> dict[str, tuple[str, ...]]:
    """Settings with a choice of words, each with these."""
    from safeguard.policy.notice import NOTICES
    from safeguard.policy.profile import PROFILES

    return {"profile": tuple(PROFILES), "language": (AUTO, *LANGS), "notice.lang": (AUTO, *NOTICES)}


def load_settings(paths: Paths | None = None) -> Settings:
    """The account's settings. Raises ConfigError with every problem."""
    return settings_file.read(paths or Paths.of_user(), choices())


def own_rules(settings: Settings, paths: Paths | None = None) -> Path:
    """The folder with the family's own rules; may be missing."""
    return Path(settings.rules_folder).expanduser() if settings.rules_folder else (paths or Paths.of_user()).rules


def base_rules(paths: Paths | None = None) -> Base:
    """What the rules begin with: the newest pack of `safeguard update`, or the shipped ones."""
    return Packs((paths or Paths.of_user()).packs).base()


def load_rule_files(settings: Settings, paths: Paths | None = None, base: Base | None = None) -> rule_files.RuleFiles:
    """Every rule file, shipped (or of the pack in force, or of `base`) and own. Raises RuleError with those that cannot be read."""
    return rule_files.gather(own_rules(settings, paths), (base or base_rules(paths)).pack)


def compiled_rules(settings: Settings, *, paths: Paths | None = None, base: Base | None = None) -> CompiledRules:
    """The rules, shipped (or of the pack in force, or of `base`) and own, compiled. Raises RuleError with every problem in them."""
    return _compiled(load_rule_files(settings, paths, base).rules, (paths or Paths.of_user()).cache)


def _compiled(files: Sequence[tuple[str, bytes]], folder: Path) -> CompiledRules:
    """These rule files compiled; folder: of the cache. Raises RuleError with every problem in them."""
    from safeguard.ruleset.model import CompiledRules

    # Lists are added to what all other files compile to, so that an entry more does not cost compiling everything.
    lists = [(name, data) for name, data in files if not name.startswith(rule_files.SHIPPED) and rule_files.is_list(data)]
    others = [file for file in files if file not in lists] if lists else files
    # only rules with an expiry date compile to something else tomorrow
    day = date.today().isoformat()
    today = day if any(b"expires" in data for name, data in files) else ""
    of_others = today if today and any(b"expires" in data for name, data in others) else ""

    def compiled() -> CompiledRules:
        from safeguard.ruleset.compiler import compile_rules

        return compile_rules(others, today=of_others, everyday=everyday.every())

    shaping = everyday.files()  # they compile to nothing, but tell which words come often

    def unlisted() -> CompiledRules:
        return compiled_cache.load_or_make(folder, compiled_cache.key([*others, *shaping], of_others), CompiledRules, compiled)

    def with_lists() -> CompiledRules:
        from safeguard.ruleset.compiler import add_lists, compile_rules

        try:
            return add_lists(unlisted(), lists, today=today)
        except RuleError:
            return compile_rules(files, today=today)  # says every problem of all files at once

    if not lists:
        return unlisted()
    return compiled_cache.load_or_make(
        folder, compiled_cache.key([*files, *shaping], today), CompiledRules, with_lists, compiled_cache.LISTED
    )


def rules_say(paths: Paths | None = None) -> Callable[[str], str]:
    """What says a rule's reason, a group's title or what a site's profile leaves out, in the language spoken here."""
    from safeguard.system import rule_words

    said = rule_words.words(spoken(), Packs((paths or Paths.of_user()).packs))
    return lambda text: said.get(text, text)


def told_by_rules(settings: Settings) -> Told:
    """What the rules in force say of themselves. Raises RuleError with every problem in them."""
    from safeguard.evidence import Told

    rules = compiled_rules(settings)
    return Told(rules.whys, rules.titles, rules_say())


def pack_alone(settings: Settings, pack: Pack) -> CompiledRules:
    """The rules of a pack without the family's own, compiled. Raises RuleError with every problem in them, warnings left out."""
    from safeguard.ruleset.compiler import compile_rules

    files = rule_files.of_pack(pack)
    if problems := [p for p in lint_named(files.rules) if not p.warning]:
        raise RuleError(problems)
    if files == load_rule_files(settings, base=Base(pack)):
        return compiled_rules(settings, base=Base(pack))  # kept for the filter, which will want it soon
    return compile_rules(files.rules, today=date.today().isoformat(), everyday=everyday.every())


def lint_rules(settings: Settings, named: Sequence[Path] = ()) -> tuple[list[Problem], int]:
    """(every problem, number of files looked at) in the named files, else in all, shipped and own. Raises RuleError for unreadable ones."""
    if named:
        files = rule_files.named(named)
        return lint_named(files), len(files)
    found = load_rule_files(settings)
    problems = lint_named(found.rules)
    try:
        load_help(settings)
    except RuleError as e:
        problems += e.problems
    return problems, len(found.rules) + len(found.help)


def lint_named(files: Sequence[tuple[str, bytes]]) -> list[Problem]:
    """Every problem in these files (name, bytes). Only shipped rules need examples in five languages, not a family's own."""
    from safeguard.ruleset.lint import lint

    with collector.paused():
        return lint(files, need_examples=lambda file: file.startswith(rule_files.SHIPPED))


def engine_of(rules: CompiledRules) -> Engine:
    """The engine that judges by these rules."""
    return Engine(rules)


def in_force(rules: CompiledRules) -> tuple[object, ...]:
    """What of the rules a date can switch off: ids of rules and contexts, and the entries of lists."""
    return {r.id for r in rules.findings}, {c.id for c in rules.contexts}, rules.lists


def build_engine(settings: Settings, *, paths: Paths | None = None) -> Engine:
    """A new engine from the rule files as they are now. Raises RuleError with every problem in them."""
    return engine_of(compiled_rules(settings, paths=paths))


def load_sites(settings: Settings, *, paths: Paths | None = None, base: Base | None = None) -> Sites:
    """The site profiles, shipped (or of the pack in force, or of `base`) and own. Raises RuleError with every problem in them."""
    return _sites(load_rule_files(settings, paths, base))


def _sites(read: rule_files.RuleFiles) -> Sites:
    from safeguard.formats.sites import parser
    from safeguard.formats.sites.model import Sites

    profiles: list[SiteProfile] = []
    files: list[str] = []
    problems: list[Problem] = []
    for name, data in read.sites:
        try:
            profiles.append(parser.parse(name, data))
        except RuleError as e:
            problems += e.problems
        else:
            files.append(name)
    known = {p.name for p in profiles if not p.like}
    problems += [
        Problem(name, 1, _("like %(like)s: no such site; there are: %(known)s", like=repr(p.like), known=", ".join(sorted(known))))
        for name, p in zip(files, profiles, strict=True)
        if p.like and p.like not in known
    ]
    if problems:
        raise RuleError(problems)
    return Sites.of(profiles)


def load_help(settings: Settings, *, paths: Paths | None = None, base: Base | None = None) -> Help:
    """The help lines, shipped (or of the pack in force, or of `base`) and own. Raises RuleError with every problem in them."""
    return _help(load_rule_files(settings, paths, base), settings, paths)


def _help(read: rule_files.RuleFiles, settings: Settings, paths: Paths | None) -> Help:
    from safeguard.policy import help as lines

    files = read.help
    if not any(name.startswith(rule_files.SHIPPED) for name, data in files):  # a pack of before there were any
        files = load_rule_files(settings, paths, Base(None)).help
    return lines.parse(files)


def load_profiles(settings: Settings, paths: Paths | None = None) -> Profiles:
    """The family's profiles; the settings name the default where `safeguard profile default` did not. Raises ConfigError."""
    from safeguard.system import profiles_file

    return profiles_file.read(paths or Paths.of_user(), settings.profile)


def profile_of(settings: Settings, name: str | None = None, paths: Paths | None = None) -> Profile:
    """The profile by name, else the default. Raises InputError where there is none of that name, ConfigError."""
    family = load_profiles(settings, paths)
    return family.named(name or family.default)


def parents_language(settings: Settings) -> str:
    """Language of what the parent reads."""
    from safeguard.system import catalogue

    return catalogue.of_parent(settings)


def notice_language(settings: Settings) -> str:
    """Language of the notices where the page does not say its own."""
    return settings.lang if settings.lang != AUTO else parents_language(settings)


def judging(settings: Settings, paths: Paths) -> tuple[Engine, Sites, Help]:
    """What the rule files come to as they are now, of one pack. Raises RuleError with every problem in the first kind that has some."""
    read = load_rule_files(settings, paths)
    return engine_of(_compiled(read.rules, paths.cache)), _sites(read), _help(read, settings, paths)


def build_pipeline(
    settings: Settings,
    *,
    sink: Callable[[Incident], None] | None = None,
    profile: Profile | None = None,
    paths: Paths | None = None,
    code_key: bytes | None = None,
) -> Pipeline:
    """The pipeline with rules, sites and profile in it.

    sink:     takes every incident (the log's `Store.add`); nothing is kept without it.
    code_key: secret behind the codes; the one of this account unless given. Raises NotPrivate where others can read it.
    """
    from safeguard.pipeline import Pipeline

    place = paths or Paths.of_user()
    engine, sites, lines = judging(settings, place)
    pipeline = Pipeline(
        engine=engine,
        sites=sites,
        code_key=code_key if code_key is not None else private.secret(place.code_key),
        profile=profile or profile_of(settings, paths=place),
        lang=notice_language(settings),
        limit=settings.body_bytes,
        help=lines,
    )
    if sink is not None:
        pipeline.sink = sink
    return pipeline


def for_children(pipeline: Pipeline, settings: Settings, *, paths: Paths | None = None) -> Memory:
    """Make it the pipeline of a running filter: each account's own profile and hours, a memory of what is hidden. Raises ConfigError."""
    from safeguard.system.memory import Memory
    from safeguard.system.wall_clock import WallClock

    memory = Memory()
    pipeline.profiles = load_profiles(settings, paths)
    pipeline.wall = WallClock()
    pipeline.memory = memory
    collector.settle()
    return memory


def open_store(settings: Settings, *, paths: Paths | None = None, mend: bool = False, say: Callable[[str], None] | None = None) -> Store:
    """The log of this account, or the one at store.url.

    mend: for `run`, the process that writes: sets a damaged file aside, waits for a server that is away. Raises StoreError or NotPrivate.
    """
    import platform

    from safeguard.store import Store

    where: Path | str = settings.store_url
    if not where:
        file = (paths or Paths.of_user()).log
        private.folder(file.parent)
        where = file
    return Store(where, keep_days=settings.keep_days, evidence=settings.evidence, mend=mend, say=say, computer=platform.node())


def evidence_package(
    settings: Settings,
    store: Store,
    entries: Sequence[Entry],
    *,
    bodies: bool = True,
    recipient: Recipient | None = None,
    told: Told | None = None,
) -> dict[str, bytes]:
    """The files of a package of these entries, made now. Raises StoreError, or InputError where it is too much for one.

    told: what the rules say, where who asks has them already.
    """
    from safeguard import evidence

    def moment(ms: int) -> evidence.Moment:
        seconds, utc = time.localtime(ms / 1000), time.gmtime(ms / 1000)
        return evidence.Moment(
            time.strftime("%Y-%m-%dT%H:%M:%S", utc) + f".{ms % 1000:03d}Z", time.strftime("%Y-%m-%d %H:%M:%S %z (%Z)", seconds)
        )

    if told is None:
        try:
            told = told_by_rules(settings)
        except RuleError:  # an entry can be proved even while the rules are broken
            told = evidence.Told()
    now = int(time.time() * 1000)
    return evidence.build(entries, store.exhibits.body, moment(now), moment, told=told, bodies=bodies, recipient=recipient)


def quiet(settings: Settings, paths: Paths | None = None) -> Quiet:
    """The hours without alerts: those set on the parents' page, else those of the settings."""
    from safeguard.system import quiet_hours
    from safeguard.system.quiet_hours import Quiet

    try:
        chosen = quiet_hours.read((paths or Paths.of_user()).quiet)
    except InputError:  # the page says so; an alert too many is better than none
        chosen = None
    return chosen or Quiet(settings.quiet, settings.quiet_threats)


def pace(settings: Settings, paths: Paths | None = None) -> Pace:
    """How often the parent wants to be told on the desktop."""
    from safeguard.alerts.plan import Pace

    now = quiet(settings, paths)
    return Pace(settings.per_hour, quiet=now.hours, quiet_threats=now.threats)


def build_teller(settings: Settings, store: Store, show: Show | None = None, lang: str = "") -> Teller:
    """What shows the store's alerts on this session's desktop, or by `show`; lang: of the session, where the settings name none."""
    from safeguard.alerts import desktop
    from safeguard.alerts.teller import Teller
    from safeguard.policy.notice import NOTICES

    said = lang if lang in NOTICES and settings.parents == AUTO else parents_language(settings)
    return Teller(store.alerts, show or desktop.show, pace=lambda: pace(settings), lang=said, clock=time.time)


def channels(paths: Paths | None = None) -> Channels:
    """The parent's addresses for alerts."""
    from safeguard.system.channels import Channels

    return Channels((paths or Paths.of_user()).channels)


def add_channel(url: str, paths: Paths | None = None) -> Channel:
    """Alerts of what is met from now on go to this address too. Raises AlertError or InputError, never with the address."""
    from safeguard.alerts import remote

    return channels(paths).add(url, int(time.time() * 1000), remote.check)


def remove_channel(number: str, store: Store, paths: Paths | None = None) -> Channel:
    """No alerts go there any more. Raises InputError or StoreError."""
    gone = channels(paths).remove(number)
    store.troubles.over(gone.id)
    return gone


def try_channel(channel: Channel, settings: Settings) -> None:
    """Sends a message that says it is a test. Raises AlertError with why it could not."""
    from safeguard.alerts import remote, words

    remote.send(channel.url, words.TITLE, words.TRIAL[parents_language(settings)])


def build_sender(settings: Settings, store: Store, paths: Paths | None = None) -> Sender[Channel]:
    """What sends the store's alerts to the parent's addresses, as they are at each moment."""
    from safeguard.alerts import remote
    from safeguard.alerts.sender import Sender
    from safeguard.alerts.teller import Teller

    def gathered() -> Pace:
        return replace(pace(settings, paths), digest=60_000 * settings.digest)

    def teller(channel: Channel) -> Teller:
        return Teller(
            store.alerts_for(channel.id, channel.since),
            lambda title, text: remote.send(channel.url, title, text),
            pace=gathered,
            lang=parents_language(settings),
            clock=time.time,
            accounts=settings.name_account,
        )

    return Sender(channels(paths).list, teller, store.troubles)


def is_parent(uid: int, settings: Settings, paths: Paths | None = None) -> bool:
    """Whether the service gives alerts to a session of that uid: one that setup was told of, and no child's, whatever stands there."""
    from safeguard.system.peer import number_of

    place = paths or Paths.of_user()
    try:
        parents = {number_of(name) for name in place.parents.read_text("utf-8", "surrogateescape").splitlines()}
        children = {number_of(name) for name in load_profiles(settings, place).accounts}
    except (OSError, ConfigError):
        return False  # who is a child's cannot be told
    return uid in parents and uid not in children


def open_door(settings: Settings, store: Store, paths: Paths | None = None) -> Door | None:
    """Where an installed filter gives alerts to the parents' sessions; None where setup has made no place for it."""
    from safeguard.system import door

    place = (paths or Paths.of_user()).door
    if not (door.possible() and settings.alerts and place.parent.is_dir() and os.access(place.parent, os.W_OK)):
        return None
    return door.Door(
        place, lambda uid: is_parent(uid, settings, paths), lambda show, lang: build_teller(settings, store, show, lang).tell()
    )


def watch_health(pipeline: Pipeline, settings: Settings, store: Store) -> HealthWatch:
    """Let the pipeline note whether the sites' answers still fit their profiles; what comes back keeps it and tells."""
    from safeguard.system.health import HealthWatch, SiteHealth

    try:
        noted = SiteHealth(store.drift.list())
    except StoreError:  # a server that is away, as the store said: counted from here on
        noted = SiteHealth([])
    pipeline.health = noted
    return HealthWatch(
        noted,
        store.drift,
        lang=parents_language(settings),
        lines=lambda: {(p.name, h.where) for p in pipeline.sites.profiles for h in p.healthy},
        title=lambda name: next((p.title for p in pipeline.sites.profiles if p.name == name), name),
        record=pipeline.reduced,
    )
