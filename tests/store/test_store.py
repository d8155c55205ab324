"""The log keeps what was added, counts repetitions, forgets in time, and survives damage, a full queue and kill -9."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from safeguard.errors import StoreError
from safeguard.matching.verdict import Level
from safeguard.policy.incident import EXCERPT
from safeguard.store import Store, database, migrations
from safeguard.store.store import DAY
from safeguard.store.writer import Met, Writer
from tests.store.conftest import REASON, Clock, incident

OFF = replace(REASON, rule="other-rule", level=Level.CLEAN, suppressed_by="some-context", group=None)


def test_what_was_added_comes_back_whole(store: Store, clock: Clock) -> None:
    given_ = incident(reasons=(REASON, OFF), whole="the whole text")
    store.add(given_)
    assert store.flush()
    [entry] = store.entries()
    assert entry.incident == given_
    assert (entry.seen, entry.first_seen, entry.last_seen) == (1, 1_700_000_000_000, 1_700_000_000_000)


def test_the_same_code_counts_up(store: Store, clock: Clock) -> None:
    store.add(incident())
    store.flush()
    clock.now += 60
    store.add(incident(action="log", whole="now evidence"))
    store.add(incident("CD34"))
    store.flush()
    entry = store.show("AB12")
    assert entry is not None
    assert (entry.seen, entry.last_seen - entry.first_seen) == (2, 60_000)
    assert (entry.incident.action, entry.incident.whole) == ("log", "now evidence")
    assert len(store.entries()) == 2


@pytest.mark.parametrize("typed", ["AB12", "ab12", " ab12\n"])
def test_show_takes_a_code_as_people_type_it(store: Store, typed: str) -> None:
    store.add(incident())
    store.flush()
    assert store.show(typed)
    assert store.show("ZZZZ") is None


def test_newest_first_and_limited(store: Store, clock: Clock) -> None:
    for code in ("A", "B", "C"):
        store.add(incident(code))
        store.flush()
        clock.now += 1
    assert [e.incident.code for e in store.entries(2)] == ["C", "B"]


def test_purge_forgets_what_is_too_old(store: Store, clock: Clock) -> None:
    store.add(incident("OLD"))
    store.flush()
    clock.now += 30 * DAY / 1000 - 1
    store.add(incident("NEW"))
    store.flush()
    assert store.purge() == 0
    clock.now += 2
    assert store.purge() == 1
    assert [e.incident.code for e in store.entries()] == ["NEW"]


def test_purged_text_is_gone_from_the_files(tmp_path: Path, clock: Clock) -> None:
    store = Store(tmp_path / "log.sqlite", clock=clock)
    store.add(incident(excerpt="needle-in-the-log"))
    store.flush()
    store.close()
    assert any(b"needle-in-the-log" in f.read_bytes() for f in tmp_path.iterdir())
    clock.now += 31 * DAY / 1000
    store = Store(tmp_path / "log.sqlite", clock=clock)
    store.start()
    store.close()
    assert not any(b"needle-in-the-log" in f.read_bytes() for f in tmp_path.iterdir())


def test_without_evidence_the_whole_text_stays_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "log.sqlite", evidence=False)
    store.add(incident(whole="the whole text"))
    store.flush()
    assert store.entries()[0].incident.whole is None
    store.close()


def test_an_excerpt_is_cut(store: Store) -> None:
    store.add(incident(excerpt="x" * 10_000))
    store.flush()
    assert len(store.entries()[0].incident.excerpt) == EXCERPT


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile=st.text(st.characters(exclude_categories=[]), max_size=80))
def test_any_text_can_be_logged(store: Store, hostile: str) -> None:
    code = f"C{len(store.entries(1000))}"
    store.add(incident(code, author=hostile, excerpt=hostile, url=hostile, whole=hostile, reasons=(replace(REASON, words=(hostile,)),)))
    assert store.flush()
    assert store.dropped == 0
    entry = store.show(code)
    assert entry
    assert entry.incident.reasons[0].words == (hostile,)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_owner_can_read_the_files(file_store: Store, tmp_path: Path) -> None:
    store = file_store
    store.add(incident())
    store.flush()
    modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in tmp_path.iterdir()}
    assert modes == {"log.sqlite": 0o600, "log.sqlite-wal": 0o600, "log.sqlite-shm": 0o600}


def test_no_committed_entry_is_lost_by_a_kill(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from safeguard.policy.incident import Incident
from safeguard.store import Store
store = Store(Path(sys.argv[1]))
for n in range(10**6):
    store.add(Incident(f"C{n}", "unit", "x", "u", "block", "slur", 1, 1.0, None, "r", "", "post", "e"))
    store.flush()
    print(n, flush=True)
"""
    log = tmp_path / "log.sqlite"
    with subprocess.Popen([sys.executable, "-c", program, str(log)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        committed = [int(process.stdout.readline()) for _ in range(30)]
        process.send_signal(signal.SIGKILL)
        committed += [int(line) for line in process.stdout if line.endswith("\n")]
    said: list[str] = []
    store = Store(log, mend=True, say=said.append)
    assert {f"C{n}" for n in committed} <= {e.incident.code for e in store.entries(10**6)}
    assert said == []
    store.close()


def _damage(path: Path) -> None:
    path.write_bytes(b"this is no database, " * 1000)


def test_a_damaged_log_is_set_aside_once_and_said(tmp_path: Path) -> None:
    log = tmp_path / "log.sqlite"
    _damage(log)
    with pytest.raises(StoreError, match=r"log\.sqlite: the log is damaged"):
        Store(log)
    said: list[str] = []
    store = Store(log, mend=True, say=said.append)
    store.add(incident())
    store.flush()
    assert len(store.entries()) == 1
    store.close()
    [aside] = tmp_path.glob("log.sqlite.damaged-*[0-9]")
    assert aside.read_bytes().startswith(b"this is no database")
    assert len(said) == 1
    assert aside.name in said[0]


def test_a_page_gone_bad_inside_the_log_is_noticed(tmp_path: Path) -> None:
    log = tmp_path / "log.sqlite"
    store = Store(log)
    for n in range(200):
        store.add(incident(f"C{n}"))
    store.flush()
    store.close()
    data = bytearray(log.read_bytes())
    data[8192:16384] = b"\xff" * 8192
    log.write_bytes(data)
    said: list[str] = []
    Store(log, mend=True, say=said.append).close()
    assert len(said) == 1


def test_damage_while_running_begins_anew(file_store: Store, tmp_path: Path, said: list[str]) -> None:
    store = file_store
    store.add(incident("A"))
    store.flush()
    store._engine.dispose()  # the next write opens the file again
    for side in database.SIDE_FILES[1:]:
        (tmp_path / f"log.sqlite{side}").unlink(missing_ok=True)
    _damage(tmp_path / "log.sqlite")
    store.add(incident("B"))
    store.flush()
    assert [e.incident.code for e in store.entries()] == ["B"]
    assert store.dropped == 0
    assert len(said) == 1


def test_a_full_disk_drops_and_says_so(file_store: Store, said: list[str]) -> None:
    store = file_store
    store.start()
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # holds for this pooled connection, the only one
    store.add(incident(excerpt="x" * 300, url="u" * 2000, whole="y" * 100_000))
    store.flush()
    assert store.dropped == 1
    assert [line.split(" (")[0] for line in said] == ["log: cannot be written", "log: entries that could not be kept: 1; filtering goes on"]
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=100000")
    store.add(incident("LATER"))
    store.flush()
    assert store.show("LATER")


def test_a_full_queue_never_waits() -> None:
    started, go_on = threading.Event(), threading.Event()
    written: list[Met] = []
    said: list[str] = []

    def write(batch: Sequence[Met]) -> int:
        started.set()
        go_on.wait(10)
        written.extend(batch)
        return 0

    writer = Writer(write, said.append, size=3)
    writer.add(incident("first"))
    assert started.wait(10)
    for n in range(10):
        writer.add(incident(f"C{n}"))  # three fit
    assert writer.dropped == 7
    go_on.set()
    assert writer.flush(10)
    assert [m.incident.code for m in written] == ["first", "C0", "C1", "C2"]
    assert said == ["log: entries that could not be kept: 7; filtering goes on"]
    writer.close(10)


def test_threads_add_at_once(store: Store) -> None:
    store.start()
    threads = [threading.Thread(target=lambda n=n: [store.add(incident(f"{n}-{i % 5}")) for i in range(50)]) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert store.flush()
    assert sorted(e.seen for e in store.entries(100)) == [10] * 20


def test_migrations_are_numbered_and_run_once(tmp_path: Path) -> None:
    log = tmp_path / "log.sqlite"
    Store(log).close()
    Store(log).close()
    with create_engine(f"sqlite:///{log}").connect() as connection:
        assert [n for (n,) in connection.execute(text("SELECT number FROM migration"))] == list(range(1, len(migrations.STEPS) + 1))


def test_a_log_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log.sqlite"
    Store(log).close()
    engine = create_engine(f"sqlite:///{log}")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO migration VALUES (999)"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer SafeGuard"):
        Store(log, mend=True)
    assert not list(tmp_path.glob("*.damaged-*"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not a database address"),
        ("nosuch://host/db", "must be PostgreSQL"),
        ("sqlite:////tmp/log", "must be PostgreSQL"),
        ("postgresql+asyncpg://u:secret@localhost/db", "must be PostgreSQL"),
        ("postgresql://u:secret/db", "not a database address"),
        ("postgresql://u:se@secret@localhost/db", "write @"),
        ("postgresql://u:secret@db.school.test/db?sslmode=prefer", "sslmode"),
        ("postgresql://u:secret@localhost/db?hostaddr=192.0.2.1&sslmode=disable", "sslmode"),
        ("postgresql://u:secret@127.0.0.1:1/db?password=secret", "cannot be opened"),
    ],
)
def test_a_wrong_address_is_one_clear_line_without_the_password(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        Store(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None  # which a traceback would print


def test_the_tables_match_the_migrations(tmp_path: Path) -> None:
    from safeguard.store.tables import metadata

    log = tmp_path / "log.sqlite"
    Store(log).close()
    with create_engine(f"sqlite:///{log}").connect() as connection:
        for table in metadata.tables.values():
            columns = {row[1] for row in connection.execute(text(f"PRAGMA table_info({table.name})"))}
            assert columns == set(table.columns.keys())
