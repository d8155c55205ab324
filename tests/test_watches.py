"""What changes on disk or in the log reaches the running filter without a restart; what is broken changes nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.policy.allowance import Scope
from safeguard.system.paths import Paths
from safeguard.watches import AllowanceWatch, RuleWatch
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
