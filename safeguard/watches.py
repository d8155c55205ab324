"""What a running filter takes up while it runs: the parent's allowances, the children's profiles, the rules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from safeguard import collector, wiring
from safeguard.config import Settings
from safeguard.errors import ConfigError, RuleError, StoreError
from safeguard.pipeline import Pipeline
from safeguard.polling import repeat
from safeguard.store import Store
from safeguard.system import profiles_file, rule_files
from safeguard.system.packs import Packs
from safeguard.system.paths import Paths


class AllowanceWatch:
    """Takes what the parent allows or takes back into the running pipeline, within half a second."""

    def __init__(self, store: Store, pipeline: Pipeline) -> None:
        self._store = store
        self._pipeline = pipeline

    def poll(self) -> None:
        """Reads them once; a small table, so reading it costs less than asking whether it changed. Raises StoreError."""
        found = self._store.allowances.in_force()
        if found != self._pipeline.allowances:
            self._pipeline.allowances = found

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 0.5) -> None:
        """Polls each `every` seconds until stop is set; while the log cannot be read, the last ones stay."""
        repeat(self.poll, stop, say, every, passing=StoreError, about="allowances", at_once=True)


class ProfileWatch:
    """Takes what `safeguard profile` writes into the running pipeline; a broken file changes nothing."""

    def __init__(self, settings: Settings, pipeline: Pipeline, *, paths: Paths | None = None) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._paths = paths or Paths.of_user()
        self._seen = profiles_file.look(self._paths)

    def poll(self) -> str:
        """What the parent should read, "" where nothing changed."""
        seen = profiles_file.look(self._paths)
        if seen == self._seen:
            return ""
        self._seen = seen
        try:
            self._pipeline.profiles = wiring.load_profiles(self._settings, self._paths)
        except ConfigError as e:
            return f"profiles: the last good ones stay in force:\n{e}"
        return "profiles: read again"

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 0.5) -> None:
        """Polls each `every` seconds until stop is set; for a thread of its own."""
        repeat(self.poll, stop, say, every)


class RuleWatch:
    """Hot reload: looks at the rule files and swaps a new engine and new sites into the pipeline; broken files change nothing.

    On each new day too: a list, an entry or a rule may have had its last one. day: on which the pipeline's rules were read.
    The swap is one assignment each, so a response in work goes on with what it began with.
    """

    def __init__(self, settings: Settings, pipeline: Pipeline, *, paths: Paths | None = None, day: date | None = None) -> None:
        self._settings = settings
        self.pipeline = pipeline
        self._paths = paths or Paths.of_user()
        self._packs = Packs(self._paths.packs)
        self._seen = self._look()
        self._day = day or date.today()
        self._told: set[str] = set()
        self._pack_looked: rule_files.Snapshot | None = None

    def _look(self) -> rule_files.Snapshot:
        return rule_files.snapshot(wiring.own_rules(self._settings, self._paths)) + self._packs.look()

    def _unused(self) -> str:
        """A line where an installed pack is not in force, at the start and after each change of packs."""
        looked = self._packs.look()
        if looked == self._pack_looked:
            return ""
        self._pack_looked = looked
        said = self._packs.base().said
        return f"rules: {said}" if said else ""

    def _slow(self) -> str:
        """A line for each pattern of a list that took too long on some text since the last look, once a pattern."""
        new = self.pipeline.engine.cut_off - self._told
        self._told |= new
        return "\n".join(
            f"rules: the pattern {p!r} of a list of yours takes too long on some texts, where it is cut off" for p in sorted(new)
        )

    def poll(self) -> str:
        """What the parent should read in one or more lines, "" for nothing new. Off the proxy's thread: it may take seconds."""
        return "\n".join(said for said in (self._slow(), self._unused(), self._read_again()) if said)

    def _read_again(self) -> str:
        seen, day = self._look(), date.today()
        changed = seen != self._seen
        if not changed and day == self._day:
            return ""
        self._seen, self._day = seen, day  # before reading: a change in the middle of it is seen by the next look
        try:
            engine, sites, lines = wiring.judging(self._settings, self._paths)
        except RuleError as e:
            return f"rules: the last good ones stay in force, because of {len(e.problems)} problem(s):\n{e}"
        if not changed and wiring.in_force(engine.rules) == wiring.in_force(self.pipeline.engine.rules):
            return ""  # a day on which nothing ended
        self.pipeline.engine = engine
        self.pipeline.sites = sites
        self.pipeline.help = lines
        collector.settle()
        return f"rules: {len(seen)} files read again" if changed else "rules: what has had its last day holds no longer"

    def run(self, stop: threading.Event, say: Callable[[str], None], every: float = 1.0) -> None:
        """Polls each `every` seconds until stop is set; for a thread of its own."""
        repeat(self.poll, stop, say, every)
