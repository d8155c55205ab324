"""After a purge no file beside the log holds a byte of what was deleted: with others at the log, after kills, in copies set aside."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from safeguard.store import Store, database
from safeguard.store.store import DAY
from tests.store.conftest import Clock, incident

NEEDLE = b"needle-in-the-log"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")


def found(folder: Path) -> list[str]:
    """The files with the text of a purged entry in them."""
    return [f.name for f in folder.rglob("*") if f.is_file() and NEEDLE in f.read_bytes()]


def fill(store: Store, count: int = 300) -> None:
    """Entries of all sizes: small ones share a page, large ones have pages of their own."""
    size = random.Random(1)
    for n in range(count):
        text = NEEDLE.decode() + "x" * size.choice((0, 30, 280))
        whole = text * size.choice((0, 1, 200))
        store.add(incident(f"N{size.random():.6f}", excerpt=text, author=f"@{NEEDLE.decode()}{n}", whole=whole or None))
        if n % 20 == 0:
            assert store.flush(60)
    assert store.flush(60)


def test_forgotten_texts_are_gone_while_the_filter_has_the_log_open(file_store: Store, tmp_path: Path, clock: Clock) -> None:
    fill(file_store)
    assert found(tmp_path)
    clock.now += 86_400
    file_store.add(incident("NEW", excerpt="stays"))
    assert file_store.flush(60)
    parent = Store(tmp_path / "log.sqlite", clock=clock)
    assert parent.review.forget(1) == 300
    end = time.monotonic() + 60
    while not parent.review.traces.clear():  # the running filter may be about it in the same moment
        assert time.monotonic() < end
    assert found(tmp_path) == []
    parent.close()
    assert found(tmp_path) == []
    assert [e.incident.excerpt for e in file_store.entries()] == ["stays"]


def test_no_copy_stays_that_a_move_between_pages_made(file_store: Store, tmp_path: Path) -> None:
    """Rows that grow and pages that are emptied by and by move other rows; what secure_delete overwrites is only their last place."""
    order = random.Random(2)
    ages = {}
    for n in range(2000):
        stays = n % 7 == 0
        code = f"{'S' if stays else 'N'}{n}"
        ages[code] = 0 if stays else order.randrange(1, 20)
        file_store.add(incident(code, excerpt=("stays" if stays else NEEDLE.decode()) + "y" * order.randrange(250), author=""))
    assert file_store.flush(60)
    for code in order.sample([c for c in ages if c[0] == "N"], 300):
        file_store.add(incident(code, whole=NEEDLE.decode() * 20))
    assert file_store.flush(60)
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as other, other:
        other.executemany("UPDATE incident SET last_seen = last_seen - ? WHERE code = ?", ((a * DAY, c) for c, a in ages.items()))
    for day in range(20, 0, -1):
        file_store.review.forget(day)
    assert file_store.review.traces.clear()
    assert {e.incident.code[0] for e in file_store.review.all()} == {"S"}
    assert found(tmp_path) == []


def test_the_daily_purge_clears_the_files_too(file_store: Store, tmp_path: Path, clock: Clock) -> None:
    fill(file_store, 40)
    clock.now += 31 * DAY / 1000
    file_store.add(incident("NEW", excerpt="stays"))
    assert file_store.flush(60)
    file_store.close()  # its thread has done its other work
    assert found(tmp_path) == []


def test_a_reader_in_the_middle_is_said_and_the_running_filter_finishes(
    file_store: Store, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(file_store, 40)
    with closing(sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM incident").fetchone() == (40,)
        monkeypatch.setattr(database, "PRAGMAS", (*database.PRAGMAS, "busy_timeout=200"))
        parent = Store(tmp_path / "log.sqlite", clock=clock)
        assert parent.review.forget(0) == 40
        assert not parent.review.traces.clear()
        assert found(tmp_path)  # what the reader may still ask for
        reader.execute("COMMIT")
    parent.close()
    file_store.add(incident("NEXT", excerpt="stays"))
    assert file_store.flush(60)
    file_store.close()
    assert found(tmp_path) == []


PURGE = """
import sys
from pathlib import Path
from safeguard.store import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
store.review.forget(0)
store.review.traces.clear()
print("done", flush=True)
"""


@POSIX
@pytest.mark.parametrize("others", [False, True], ids=["alone", "beside a running filter"])
def test_a_purge_killed_at_any_moment_is_finished_by_the_next_start(tmp_path: Path, clock: Clock, others: bool) -> None:
    log, moment = tmp_path / "log.sqlite", random.Random(3)
    cut = 0
    for _ in range(8):
        running = Store(log, clock=clock)
        fill(running, 150)
        if not others:
            running.close()
        with subprocess.Popen([sys.executable, "-c", PURGE, str(log)], stdout=subprocess.PIPE, text=True) as purge:
            assert purge.stdout
            assert purge.stdout.readline() == "ready\n"
            time.sleep(moment.uniform(0, 0.03))  # no event to wait for: any moment is meant
            purge.send_signal(signal.SIGKILL)
            cut += purge.stdout.read() != "done\n"
        running.close()
        filter_ = Store(log, mend=True, clock=clock)
        if filter_.review.count() == 0:  # what was deleted for good before the kill
            filter_.start()
            filter_.close()
            assert found(tmp_path) == []
        else:
            assert filter_.review.forget(0) == 150  # all or nothing
            filter_.review.traces.clear()
            filter_.close()
            assert found(tmp_path) == []
    assert cut


STOPS = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA user_version=0", "COMMIT")
KILLED = """
import os, sys
from pathlib import Path
from sqlalchemy import event
from safeguard.store import Store
store = Store(Path(sys.argv[1]))
store.review.forget(0)
import sqlite3
raw = store._engine.raw_connection()
raw.driver_connection.set_trace_callback(lambda said: os.kill(os.getpid(), 9) if said == sys.argv[2] else None)
raw.close()
store.review.traces.clear()
"""


@POSIX
@pytest.mark.parametrize("step", STOPS)
def test_a_kill_before_each_step_is_made_good_by_the_next_start(tmp_path: Path, clock: Clock, step: str) -> None:
    log = tmp_path / "log.sqlite"
    store = Store(log, clock=clock)
    fill(store, 100)
    store.close()
    done = subprocess.run([sys.executable, "-c", KILLED, str(log), step], timeout=60)
    assert done.returncode == -signal.SIGKILL
    filter_ = Store(log, mend=True, clock=clock)
    assert filter_.review.count() == 0
    filter_.start()
    filter_.close()
    assert found(tmp_path) == []


def test_damaged_copies_go_when_all_in_them_is_too_old(tmp_path: Path) -> None:
    log = tmp_path / "log.sqlite"
    Store(log).close()
    now = time.time()
    names = {}
    for days in (40, 10):
        stamp = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(now - days * 86_400))
        names[days] = f"log.sqlite.damaged-{stamp}"
        for side in database.SIDE_FILES:
            (tmp_path / (names[days] + side)).write_bytes(NEEDLE)
    store = Store(log)
    store.start()  # 30 days
    assert [p.name for p in store.review.traces.asides()] == [names[10]]
    store.review.forget(11)
    assert [p.name for p in store.review.traces.asides()] == [names[10]]
    store.review.forget(10)
    assert store.review.traces.asides() == []
    store.close()
    assert found(tmp_path) == []


def test_no_temporary_file_is_used(file_store: Store) -> None:
    with file_store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
