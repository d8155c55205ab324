"""Numbered steps from an empty database to today's tables. A step that was released is never edited; add the next one."""

from __future__ import annotations

from sqlalchemy import Connection, text

from safeguard.errors import StoreError
from safeguard.language import _

# Plain SQL that SQLite and PostgreSQL both read.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE incident (
            code TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, site TEXT NOT NULL, url TEXT NOT NULL, action TEXT NOT NULL,
            category TEXT NOT NULL, severity BIGINT NOT NULL, score DOUBLE PRECISION NOT NULL, target TEXT, rule TEXT NOT NULL,
            author TEXT NOT NULL, role TEXT NOT NULL, excerpt TEXT NOT NULL, reasons TEXT NOT NULL, whole TEXT,
            first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, seen BIGINT NOT NULL)""",
        "CREATE INDEX incident_last_seen ON incident (last_seen)",
    ),
    (
        "ALTER TABLE incident ADD COLUMN account TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE incident ADD COLUMN review TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE allowance (
            id BIGINT NOT NULL PRIMARY KEY, scope TEXT NOT NULL, value TEXT NOT NULL, site TEXT NOT NULL, account TEXT NOT NULL,
            code TEXT NOT NULL, made BIGINT NOT NULL, undone BIGINT)""",
        """CREATE TABLE alert (
            id BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, code TEXT NOT NULL, category TEXT NOT NULL, site TEXT NOT NULL,
            urgent BIGINT NOT NULL, shown BIGINT)""",
    ),
    (
        """CREATE TABLE drift (
            site TEXT NOT NULL, part TEXT NOT NULL, misses BIGINT NOT NULL, first_miss BIGINT NOT NULL, last_miss BIGINT NOT NULL,
            PRIMARY KEY (site, part))""",
    ),
    (
        """CREATE TABLE partly (
            site TEXT NOT NULL, why TEXT NOT NULL, first_met BIGINT NOT NULL, last_met BIGINT NOT NULL, PRIMARY KEY (site, why))""",
    ),
    (
        "ALTER TABLE incident ADD COLUMN rules TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE incident ADD COLUMN body TEXT",
        # SQLite keeps bytes in a column of any type
        """CREATE TABLE body (
            id TEXT NOT NULL PRIMARY KEY, media TEXT NOT NULL, whole BIGINT NOT NULL, start BIGINT NOT NULL, size BIGINT NOT NULL,
            data BYTEA NOT NULL)""",
    ),
    ("ALTER TABLE incident ADD COLUMN computer TEXT NOT NULL DEFAULT ''",),
    (
        "ALTER TABLE alert ADD COLUMN account TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE delivery (
            alert BIGINT NOT NULL, channel TEXT NOT NULL, at BIGINT NOT NULL, done BIGINT NOT NULL, PRIMARY KEY (alert, channel))""",
        "INSERT INTO delivery (alert, channel, at, done) SELECT id, 'desktop', shown, 1 FROM alert WHERE shown IS NOT NULL",
        "ALTER TABLE alert DROP COLUMN shown",
        """CREATE TABLE trouble (
            channel TEXT NOT NULL PRIMARY KEY, since BIGINT NOT NULL, tries BIGINT NOT NULL, again BIGINT NOT NULL, why TEXT NOT NULL)""",
    ),
)


def migrate(connection: Connection) -> None:
    """Brings the database to today's tables, inside the caller's transaction.

    Raises StoreError where a newer SafeGuard has written it.
    """
    connection.execute(text("CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY)"))
    done = connection.execute(text("SELECT coalesce(max(number), 0) FROM migration")).scalar_one()
    if done > len(STEPS):
        raise StoreError(
            _("the log was written by a newer SafeGuard (its step %(its)s, ours %(ours)s); update SafeGuard", its=done, ours=len(STEPS))
        )
    for number, step in enumerate(STEPS[done:], done + 1):
        for statement in step:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO migration (number) VALUES (:number)"), {"number": number})
