"""What changes on disk or in the log reaches the running filter without a restart; what is broken changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.policy.allowance import Scope
from safeguard.system.paths import Paths
from safeguard.watches import AllowanceWatch, RuleWatch
from tests.cli.conftest import ship as ship
from tests.cli.test_rule_preview import SMALL
from tests.formats.fake import pipeline

BROKEN = "kind: frames\nframes: [\n"
HARMLESS = "kind: frames\nframes: []\n"


@pytest.fixture
def watched(paths: Paths) -> tuple[RuleWatch, Path]:
    paths.rules.mkdir(parents=True)
    pipeline = wiring.build_pipeline(Settings(), code_key=b"k")
    return RuleWatch(Settings(), pipeline), paths.rules / "own.yaml"


def test_rules_reload(watched: tuple[RuleWatch, Path]) -> None:
    watch, file = watched
    before = watch.pipeline.engine
    assert watch.poll() == ""
    file.write_text(HARMLESS)
    assert "read again" in watch.poll()
    assert watch.pipeline.engine is not before
    assert watch.poll() == ""


def test_broken_rules_keep_the_last_good(watched: tuple[RuleWatch, Path]) -> None:
    watch, file = watched
    before = watch.pipeline.engine
    file.write_text(BROKEN)
    said = watch.poll()
    assert "the last good ones stay in force" in said
    assert f"{file}:" in said
    assert watch.pipeline.engine is before
    assert watch.poll() == ""  # said once
    file.write_text(HARMLESS)
    assert "read again" in watch.poll()


def test_what_ends_ends_at_midnight_in_the_running_filter(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, ship: Callable[[dict[str, str]], None]
) -> None:
    """Nothing is written that night: the day alone switches off an entry, a list and a rule; on a day without an end nothing is swapped."""
    ship(SMALL)  # rules that are compiled in no time
    paths.rules.mkdir(parents=True)
    today = [date(2030, 1, 30)]

    class Day(date):
        @classmethod
        def today(cls) -> date:
            return today[0]

    for where in ("safeguard.watches.date", "safeguard.wiring.date"):
        monkeypatch.setattr(where, Day)
    last = "2030-01-31"
    (paths.rules / "a.yaml").write_text(f"kind: list\nid: a\nexpires: {last}\nwords: [zorblat]\n")
    (paths.rules / "b.yaml").write_text("kind: list\nid: b\nwords: [frobnicator]\n")
    (paths.rules / "c.yaml").write_text(f"kind: overrides\nexpires: {{list.b: {last}, some.rule: {last}}}\n")
    watch = RuleWatch(Settings(), wiring.build_pipeline(Settings(), code_key=b"k"), day=today[0])
    (paths.rules / "d.yaml").write_text(HARMLESS)
    assert "read again" in watch.poll()

    def held() -> tuple[set[str], bool]:
        rules = watch.pipeline.engine.rules
        return {e.value for e in rules.lists}, "some.rule" in {f.id for f in rules.findings}

    everything = ({"zorblat", "frobnicator"}, True)
    assert held() == everything
    today[0] = date(2030, 1, 31)  # its last day
    before = watch.pipeline.engine
    assert watch.poll() == ""
    assert watch.pipeline.engine is before
    today[0] = date(2030, 2, 1)
    assert watch.poll() == "rules: what has had its last day holds no longer"
    assert held() == (set(), False)
    assert watch.poll() == ""
    today[0] = date(2030, 1, 31)  # the clock was wrong and is set back
    watch.poll()
    assert held() == everything


def test_a_filter_that_began_before_midnight(watched: tuple[RuleWatch, Path]) -> None:
    """The rules were read on the day before: the first look reads them again."""
    watch, _ = watched
    old = RuleWatch(Settings(), watch.pipeline, day=date(2020, 1, 1))
    assert old.poll() == ""
    assert old._day == date.today()


def test_the_watch_runs_and_stops(watched: tuple[RuleWatch, Path]) -> None:
    watch, file = watched
    stop, heard = threading.Event(), threading.Event()
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        heard.set()

    thread = threading.Thread(target=watch.run, args=(stop, say, 0.01))
    thread.start()
    file.write_text(HARMLESS)
    assert heard.wait(30)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert len(lines) == 1


def test_what_the_parent_allows_reaches_the_running_pipeline_within_a_second(paths: Paths) -> None:
    running, parent = (wiring.open_store(Settings(), paths=paths) for _ in range(2))
    filter_ = pipeline()
    stop, said = threading.Event(), []
    watch = threading.Thread(target=AllowanceWatch(running, filter_).run, args=(stop, said.append))
    watch.start()
    try:
        made = parent.allowances.add(Scope.SITE, "x").allowance
        assert _within(1.0, lambda: filter_.allowances == (made,))
        parent.allowances.undo(made.id)
        assert _within(1.0, lambda: filter_.allowances == ())
    finally:
        stop.set()
        watch.join(10)
        running.close()
        parent.close()
    assert said == []


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()
