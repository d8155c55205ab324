"""The log under kill -9 at any moment, on a full disk, and when it comes from an older SafeGuard."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from safeguard.store import Store, migrations
from tests.store.conftest import incident

ROUNDS = 20
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and limits are POSIX")
WRITER = """
import sys
from pathlib import Path
from safeguard.policy.incident import Incident
from safeguard.store import Store
store = Store(Path(sys.argv[1]), mend=True)
at = int(sys.argv[2])
while True:
    codes = [f"C{n}" for n in range(at, at + 7)]
    for code in codes:
        store.add(Incident(code, "unit", "x", "u" * 500, "block", "slur", 1, 1.0, None, "r", "", "post", "e" * 300, (), "w" * 3000))
    store.flush()
    print(at + 7, flush=True)
    at += 7
"""


@POSIX
def test_twenty_kills_at_any_moment_lose_no_committed_entry_and_damage_nothing(tmp_path: Path) -> None:
    log, moment, at = tmp_path / "log.sqlite", random.Random(7), 0
    for _ in range(ROUNDS):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(log), str(at)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            at = int(process.stdout.readline())
            time.sleep(moment.uniform(0, 0.03))  # no event to wait for: any moment is meant
            process.send_signal(signal.SIGKILL)
            at = max([at, *(int(line) for line in process.stdout if line.endswith("\n"))])
        said: list[str] = []
        store = Store(log, mend=True, say=said.append)
        assert said == []
        with store._engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        kept = {e.incident.code for e in store.review.all()}
        assert {f"C{n}" for n in range(at)} <= kept
        assert {a.code for a in store.alerts.pending()} == kept  # written together or not at all
        store.close()
        at = len(kept)
    assert not list(tmp_path.glob("*.damaged-*"))


FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from safeguard import pipeline
from safeguard.store import Store
from tests.formats.fake import BAD, pipeline as filter_
said = []
store = Store(Path(sys.argv[1]), mend=True, say=said.append)
p = filter_()
p.sink = store.add
exchange = pipeline.Exchange("https://www.site.test/api", "www.site.test", "application/json", dest="empty")
def met(n):
    return p.check_body(exchange, ('{"text": "%s %s", "n": 1}' % (BAD, "x" * n)).encode()).hidden
assert met(1) == 1
assert store.flush()
assert (store.dropped, len(store.entries()), said) == (0, 1, [])
room = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (Path(sys.argv[1] + "-wal").stat().st_size, room[1]))
assert [met(n) for n in range(2, 40)] == [1] * 38
assert store.flush()
assert store.dropped == 38, store.dropped
assert sum("cannot be written" in line and "filtering goes on" in line for line in said) == 1, said
resource.setrlimit(resource.RLIMIT_FSIZE, room)
assert met(50) == 1
assert store.flush()
assert len(store.entries()) == 2
assert said[-1] == "log: can be written again", said
store.close()
print("done")
"""


@POSIX
def test_on_a_full_disk_the_filter_goes_on_the_parent_is_told_and_the_log_comes_back(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "log.sqlite")], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.stdout == "done\n", done.stderr


@pytest.mark.parametrize("steps", range(1, len(migrations.STEPS)), ids=lambda n: f"from step {n}")
def test_a_log_of_an_older_version_is_brought_up_and_keeps_its_entries(tmp_path: Path, steps: int) -> None:
    log = tmp_path / "log.sqlite"
    engine = create_engine(f"sqlite:///{log}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE migration (number BIGINT NOT NULL PRIMARY KEY)"))
        for number, step in enumerate(migrations.STEPS[:steps], 1):
            for statement in step:
                connection.execute(text(statement))
            connection.execute(text("INSERT INTO migration VALUES (:n)"), {"n": number})
        connection.execute(
            text(
                "INSERT INTO incident"
                " (code, kind, site, url, action, category, severity, score, rule, author, role, excerpt, reasons,"
                " first_seen, last_seen, seen)"
                " VALUES ('OLD1', 'unit', 'x', 'u', 'block', 'slur', 1, 1.0, 'r', '@a', 'post', 'e', '[]', 1, 2, 3)"
            )
        )
    engine.dispose()
    log.chmod(0o600)
    said: list[str] = []
    store = Store(log, keep_days=3650, clock=lambda: 1.0, mend=True, say=said.append)
    old = store.show("OLD1")
    assert old
    assert (old.seen, old.incident.account, old.review, said) == (3, "", "", [])
    store.add(incident("NEW1"))
    assert store.flush()
    assert {e.incident.code for e in store.entries()} == {"OLD1", "NEW1"}
    assert store.review.mark("OLD1", "right")
    store.close()
