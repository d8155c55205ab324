"""Raw answers in the log: once each, bounded, gone with their entries and from the file; none where evidence is switched off."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from safeguard.policy.incident import Body
from safeguard.store import Entry, Store, bodies, writer
from safeguard.store.migrations import STEPS, migrate
from tests.store.conftest import Clock, incident

NEEDLE = b"a needle in the raw answer "
BODY = Body("text/html; charset=utf-8", 5_000, 7, NEEDLE + bytes(range(256)))


def add(store: Store, *codes: str, body: Body | None = BODY) -> None:
    for code in codes:
        store.add(incident(code, body=body))
    assert store.flush()


def entry(store: Store, code: str) -> Entry:
    found = store.show(code)
    assert found is not None
    return found


def rows(store: Store) -> int:
    with store._access.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM body")).scalar_one())


def test_it_comes_back_as_it_was(store: Store) -> None:
    add(store, "A")
    found = entry(store, "A")
    assert found.incident.body is None  # a list of entries does not carry them
    assert store.exhibits.body(found) == BODY


def test_an_entry_without_one(store: Store) -> None:
    add(store, "A", body=None)
    assert entry(store, "A").body == ""
    assert store.exhibits.body(entry(store, "A")) is None


def test_one_answer_behind_many_entries_is_kept_once(store: Store) -> None:
    add(store, "A", "B", "A")
    add(store, "C", body=Body(BODY.media, BODY.whole, BODY.start, bytes(BODY.data)))
    assert entry(store, "A").body == entry(store, "B").body == entry(store, "C").body
    assert rows(store) == 1


def test_a_text_met_again_keeps_its_first(store: Store) -> None:
    add(store, "A")
    add(store, "A", body=Body("text/plain", 1, 0, b"y"))
    assert store.exhibits.body(entry(store, "A")) == BODY
    assert rows(store) == 1


def test_switched_off(tmp_path: Path) -> None:
    store = Store(tmp_path / "log.sqlite", evidence=False)
    add(store, "A")
    assert (entry(store, "A").body, rows(store)) == ("", 0)
    store.close()


def test_it_goes_with_the_last_entry_that_names_it_and_from_every_file(store: Store, clock: Clock, tmp_path: Path) -> None:
    noise = Body("text/html", 1, 0, os.urandom(200_000))
    packed = zlib.compress(noise.data)[1000:1100]
    add(store, "A", body=noise)
    clock.now += 5 * 86_400
    add(store, "B", body=noise)
    store.review.forget(3)
    assert store.show("A") is None
    assert store.exhibits.body(entry(store, "B")) == noise
    assert any(packed in p.read_bytes() for p in tmp_path.iterdir()) or not list(tmp_path.glob("*.sqlite"))
    store.review.forget(0)
    assert rows(store) == 0
    if store.review.traces.clear():  # SQLite's files; what a server keeps is another matter
        assert not any(packed in p.read_bytes() for p in tmp_path.iterdir())


def test_daily_purge_takes_it_too(store: Store, clock: Clock) -> None:
    add(store, "A")
    clock.now += 31 * 86_400
    store.purge()
    assert rows(store) == 0


def test_bounded_in_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_ALL", 5_000)
    for number in range(5):
        add(store, f"A{number}", body=Body("text/html", 1, 0, os.urandom(2_000)))
    kept = [n for n in range(5) if entry(store, f"A{n}").body]
    assert kept == [0, 1]


def test_bounded_while_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HELD", 2_500)
    written: list[Body | None] = []

    def write(incidents: object) -> int:
        assert isinstance(incidents, list)
        written.extend(i.incident.body for i in incidents)
        return 0

    slow = writer.Writer(write, lambda line: None)
    with slow._lock:
        held = slow._held = 2_000
    one = Body("text/html", 1, 0, b"x" * 400)
    slow.add(incident("A", body=one))
    slow.add(incident("B", body=one))  # the same value: held once
    slow.add(incident("C", body=Body("text/html", 1, 0, b"y" * 400)))
    slow.add(incident("D", body=Body("text/html", 1, 0, b"z" * 50)))
    assert slow.flush(10)
    assert written == [one, one, None, Body("text/html", 1, 0, b"z" * 50)]
    assert slow._held == held
    slow.close(10)


def test_what_is_over_the_bound_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HELD", 100)
    written: list[Body | None] = []

    def write(incidents: object) -> int:
        assert isinstance(incidents, list)
        written.extend(i.incident.body for i in incidents)
        return 0

    slow = writer.Writer(write, lambda line: None)
    slow.add(incident("A", body=Body("text/html", 1, 0, b"x" * 101)))
    assert slow.flush(10)
    assert written == [None]
    slow.close(10)


def test_a_damaged_one_is_none(store: Store) -> None:
    add(store, "A")
    with store._access.write() as connection:
        connection.execute(text("UPDATE body SET data = :data"), {"data": b"no zlib"})
    assert store.exhibits.body(entry(store, "A")) is None


def test_a_log_from_before_is_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = next(n for n, step in enumerate(STEPS) if any("CREATE TABLE body" in s for s in step))
    engine = create_engine(f"sqlite:///{tmp_path / 'log.sqlite'}")
    monkeypatch.setattr("safeguard.store.migrations.STEPS", STEPS[:before])
    with engine.begin() as connection:
        migrate(connection)
        connection.execute(
            text(
                "INSERT INTO incident VALUES ('OLD','unit','x','u','block','slur',1,1.0,NULL,'r','','post','e','[]',NULL,"
                "9999999999999,9999999999999,1,'','')"
            )
        )
    engine.dispose()
    monkeypatch.undo()
    store = Store(tmp_path / "log.sqlite")
    assert (entry(store, "OLD").incident.rules, entry(store, "OLD").body) == ("", "")
    add(store, "NEW")
    assert store.exhibits.body(entry(store, "NEW")) == BODY
    store.close()
