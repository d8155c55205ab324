"""Builds the rooms from the settings: rule files -> Engine and Sites -> Pipeline, and the log. The proxy's side is joined in cli/.

Imports stand inside the functions where a command should not pay for rooms it does not use.
"""

from __future__ import annotations

import locale
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from safeguard.config import AUTO, Settings
from safeguard.errors import InputError, Problem, RuleError
from safeguard.matching.engine import Engine
from safeguard.policy.notice import NOTICES, language
from safeguard.policy.profile import PROFILES, Profile
from safeguard.system import private, rule_files, settings_file
from safeguard.system.paths import Paths

if TYPE_CHECKING:
    from safeguard.formats.sites.model import SiteProfile, Sites
    from safeguard.pipeline import Pipeline
    from safeguard.policy.incident import Incident
    from safeguard.store import Store

CHOICES = {"profile": tuple(PROFILES), "notice.lang": (AUTO, *NOTICES)}


def load_settings(paths: Paths | None = None) -> Settings:
    """The account's settings. Raises ConfigError with every problem."""
    return settings_file.read(paths or Paths.of_user(), CHOICES)


def own_rules(settings: Settings, paths: Paths | None = None) -> Path:
    """The folder with the family's own rules; may be missing."""
    return Path(settings.rules_folder).expanduser() if settings.rules_folder else (paths or Paths.of_user()).rules


def load_rule_files(settings: Settings, paths: Paths | None = None) -> rule_files.RuleFiles:
    """Every rule file, shipped and own. Raises RuleError with those that cannot be read."""
    return rule_files.gather(own_rules(settings, paths))


def build_engine(settings: Settings, *, paths: Paths | None = None) -> Engine:
    """A new engine from the rule files as they are now. Raises RuleError with every problem in them."""
    load_rule_files(settings, paths)
    return Engine()


def load_sites(settings: Settings, *, paths: Paths | None = None) -> Sites:
    """The site profiles, shipped and own. Raises RuleError with every problem in them."""
    from safeguard.formats.sites import parser
    from safeguard.formats.sites.model import Sites

    profiles: list[SiteProfile] = []
    problems: list[Problem] = []
    for name, data in load_rule_files(settings, paths).sites:
        try:
            profiles.append(parser.parse(name, data))
        except RuleError as e:
            problems += e.problems
    if problems:
        raise RuleError(problems)
    return Sites.of(profiles)


def profile_of(settings: Settings, name: str | None = None) -> Profile:
    """The profile by name, else the one of the settings. Raises InputError where there is none of that name."""
    wanted = name or settings.profile
    if wanted not in PROFILES:
        raise InputError(f"no profile {wanted!r}; there are: {', '.join(PROFILES)}")
    return PROFILES[wanted]


def notice_language(settings: Settings) -> str:
    """Language of the notices where the page does not say its own."""
    return language((locale.getlocale()[0] or "en") if settings.lang == AUTO else settings.lang)


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
    pipeline = Pipeline(
        engine=build_engine(settings, paths=place),
        sites=load_sites(settings, paths=place),
        code_key=code_key if code_key is not None else private.secret(place.code_key),
        profile=profile or profile_of(settings),
        lang=notice_language(settings),
        limit=settings.body_bytes,
    )
    if sink is not None:
        pipeline.sink = sink
    return pipeline


def open_store(settings: Settings, *, paths: Paths | None = None, mend: bool = False, say: Callable[[str], None] | None = None) -> Store:
    """The log of this account, or the one at store.url.

    mend: for `run`, the process that writes: a damaged file is set aside. Raises StoreError or NotPrivate.
    """
    from safeguard.store import Store

    where: Path | str = settings.store_url
    if not where:
        file = (paths or Paths.of_user()).log
        private.folder(file.parent)
        where = file
    return Store(where, keep_days=settings.keep_days, evidence=settings.evidence, mend=mend, say=say)
