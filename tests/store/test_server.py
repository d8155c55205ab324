"""One log on PostgreSQL for many PCs: begun by several at once, the server gone and back, TLS on the way, no password in any message."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from safeguard.demo import certificate
from safeguard.errors import StoreError
from safeguard.policy.allowance import Scope
from safeguard.policy.drift import Drift
from safeguard.store import Store, migrations, server, writer
from tests.live.process import LOOPBACK
from tests.postgres import OWNER, Postgres, missing
from tests.store.conftest import Clock, incident, new_database

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(missing()), reason=missing() or "-"), pytest.mark.timeout(180)]
NAME = "db.school.test"
PASSWORD = "secret/of@a test"


@pytest.fixture
def own() -> Iterator[Postgres]:
    """A server of its own, which the test may end."""
    with Postgres() as running:
        yield running


def wait(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def at_once(*work: Callable[[], object]) -> list[object]:
    """What each returned or raised, all begun in the same moment."""
    gate, results = threading.Barrier(len(work)), [None] * len(work)

    def run(n: int) -> None:
        gate.wait(20)
        try:
            results[n] = work[n]()  # type: ignore[call-overload]
        except Exception as e:
            results[n] = e  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(work))]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    return list(results)


BEGIN = "import sys; from safeguard.store import Store; s = Store(sys.argv[1]); print(s.review.count()); s.close()"


def test_pcs_that_begin_the_log_at_once_make_its_tables_once(address: str) -> None:
    pipe = subprocess.PIPE
    begun = [subprocess.Popen([sys.executable, "-c", BEGIN, address], stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    assert [p.communicate(timeout=60) for p in begun] == [("0\n", "")] * 4
    engine = server.connect(address)
    with engine.connect() as connection:
        steps = connection.exec_driver_sql("SELECT number FROM migration ORDER BY number").scalars().all()
    engine.dispose()
    assert steps == list(range(1, len(migrations.STEPS) + 1))


def test_many_pcs_write_at_once(address: str) -> None:
    pcs = [Store(address, computer=f"pc{n}") for n in range(4)]

    def day(n: int) -> None:
        for i in range(40):
            pcs[n].add(incident(f"own-{n}-{i}"))
            pcs[n].add(incident(f"shared-{i}"))  # PCs made from one image give one text one code
            if i % 10 == 0:
                pcs[n].flush()
            pcs[n].drift.save([Drift("x", "json /a", i, 1, i)], [])
            pcs[n].partly.met([("x", "sandbox")])
            pcs[n].allowances.add(Scope.TEXT, f"T{n}-{i}")
        assert pcs[n].flush()

    assert at_once(*(lambda n=n: day(n) for n in range(4))) == [None] * 4  # type: ignore[misc]
    entries = {e.incident.code: e for e in pcs[0].review.all()}
    assert len(entries) == 4 * 40 + 40
    assert {e.seen for c, e in entries.items() if c.startswith("shared")} == {4}
    assert {entries[f"own-{n}-0"].computer for n in range(4)} == {"pc0", "pc1", "pc2", "pc3"}
    assert sorted(a.id for a in pcs[1].alerts.pending()) == list(range(1, 201))
    assert len({m.allowance.id for m in pcs[2].allowances.list()}) == 160
    assert (
        [e.computer for e in pcs[3].entries(1000, "PC2")].count("pc2") == pcs[3].review.count("pc2") == len(list(pcs[3].review.all("pc2")))
    )
    for pc in pcs:
        pc.close()


def test_each_alert_is_claimed_by_one_pc(address: str) -> None:
    pcs = [Store(address) for _ in range(4)]
    for n in range(30):
        pcs[0].add(incident(f"C{n}"))
    assert pcs[0].flush()
    pending = pcs[0].alerts.pending()
    claimed = at_once(*(lambda pc=pc: [a for one in pending for a in pc.alerts.claim([one])] for pc in pcs))  # type: ignore[misc]
    assert sorted(a.id for some in claimed for a in some) == [a.id for a in pending]  # type: ignore[attr-defined]
    for pc in pcs:
        pc.close()


def test_the_server_gone_in_the_middle_of_the_day(own: Postgres, clock: Clock, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_S", 0.1)
    store = Store(new_database(own), mend=True, clock=clock, say=said.append, queue_size=20)
    store.add(incident("BEFORE"))
    assert store.flush()
    own.crash()
    begun = time.monotonic()
    store.add(incident("LOST-NOT"))
    wait(lambda: len(said) == 1)
    clock.now += 3600
    for n in range(30):
        store.add(incident(f"W{n}"))
    assert time.monotonic() - begun < 15
    assert "entries wait, filtering goes on" in said[0]
    assert store.dropped == 10
    with pytest.raises(StoreError, match="cannot be read"):
        store.entries()
    own.again()
    clock.now += 3600
    assert store.flush(30)
    assert said[1:] == ["log: can be written again", "log: entries that could not be kept: 10; filtering goes on"]
    entries = {e.incident.code: e for e in store.entries(100)}
    assert entries.keys() == {"BEFORE", "LOST-NOT", *(f"W{n}" for n in range(20))}
    assert entries["W0"].first_seen - entries["LOST-NOT"].first_seen == 3_600_000  # when it was met, not when it could be written
    store.close()


def test_a_start_while_the_server_is_away(own: Postgres, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_S", 0.1)
    address = new_database(own)
    own.crash()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(address)
    store = Store(address, mend=True, say=said.append)
    store.start()
    store.add(incident())
    assert not store.flush(0.5)
    assert len(said) == 1
    own.again()
    assert store.flush(30)
    assert [e.incident.code for e in store.entries()] == ["AB12"]
    assert said[1:] == ["log: can be written again"]
    store.close()


def test_an_end_while_the_server_is_away_says_what_is_lost(own: Postgres, said: list[str]) -> None:
    store = Store(new_database(own), mend=True, say=said.append)
    store.start()
    own.crash()
    for n in range(5):
        store.add(incident(f"C{n}"))
    store.close(1)
    assert said[-1].startswith("log: entries that could not be kept: ")
    assert store.dropped == 0  # of a log that is closed


def test_what_a_purge_leaves_is_what_the_command_says(own: Postgres) -> None:
    store = Store(new_database(own))
    store.add(incident(excerpt="needle-in-the-log"))
    assert store.flush()

    def run(*commands: str) -> None:
        with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for command in commands:
                connection.exec_driver_sql(command)

    def found(part: str) -> bool:
        return any(b"needle-in-the-log" in f.read_bytes() for f in (own.data / part).rglob("*") if f.is_file())

    store.review._now = lambda: int(time.time() * 1000) + 1000
    assert store.review.forget(0) == 1
    assert store.review.traces.clear()
    assert store.review.traces.asides() == []
    run("CHECKPOINT")
    assert found("base")
    assert found("pg_wal")
    run("VACUUM FULL incident", "CHECKPOINT")
    assert not found("base")
    store.close()


@pytest.fixture(scope="module")
def distant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, Path]]:
    """A server that is reached by its name and TLS alone, as one in a school's network is; and its authority's certificate."""
    identity = certificate.make(NAME)
    ca = tmp_path_factory.mktemp("ca") / "school.pem"
    ca.write_bytes(identity.ca)
    with Postgres(tls=(identity.certificate, identity.key)) as running:
        new_database(running, "school")
        import psycopg

        with psycopg.connect(host=str(running.folder), port=running.port, user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {OWNER} PASSWORD '{PASSWORD}'")
        yield running, ca


def at(distant: tuple[Postgres, Path], more: str, *, host: str = NAME, password: str = "secret%2Fof%40a%20test") -> str:
    return f"postgresql://{OWNER}:{password}@{host}:{distant[0].port}/school?hostaddr={LOOPBACK}{more}"


def test_a_server_elsewhere_is_spoken_to_with_tls_without_being_asked(distant: tuple[Postgres, Path]) -> None:
    store = Store(at(distant, f"&sslrootcert={distant[1]}"))
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").scalar_one() is True
    store.close()


@pytest.mark.parametrize(
    ("host", "more", "says"),
    [
        pytest.param(NAME, "", "certificate", id="its authority is not known"),
        pytest.param("other.school.test", "&sslrootcert={ca}", "other.school.test", id="another server's name"),
        pytest.param(NAME, "&sslmode=disable", "unencrypted", id="without TLS"),
        pytest.param(NAME, "&sslmode=prefer", "unencrypted", id="TLS only where offered"),
    ],
)
def test_a_server_that_cannot_be_trusted_gets_nothing(distant: tuple[Postgres, Path], host: str, more: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        Store(at(distant, more.format(ca=distant[1]), host=host))
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_not_repeated(distant: tuple[Postgres, Path], said: list[str]) -> None:
    address = at(distant, f"&sslrootcert={distant[1]}", password="other-secret")
    with pytest.raises(StoreError, match="password authentication failed") as caught:
        Store(address)
    assert "other-secret" not in str(caught.value)
    Store(address, mend=True, say=said.append).close()
    assert "other-secret" not in "".join(said)


def test_what_a_driver_says_is_cut_free_of_the_password() -> None:
    address = "postgresql://u:p%2Fw@h/db?sslpassword=key"
    assert server.without_password("no p/w, p%2Fw, or key", address) == "no …, …, or …"
    assert server.named(address) == "store.url (PostgreSQL at h)"


def test_a_missing_driver_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'safeguard\[postgres\]'"):
        server.connect("postgresql://u@h/db")
