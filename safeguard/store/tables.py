"""The tables as they are now; migrations.py says how they came to be. Portable types only: SQLite at home, PostgreSQL elsewhere."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, LargeBinary, MetaData, Table, Text

metadata = MetaData()

incident = Table(
    "incident",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("severity", BigInteger, nullable=False),
    Column("score", Double, nullable=False),
    Column("target", Text),  # the group attacked; `group` is a word of SQL
    Column("rule", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON
    Column("whole", Text),
    Column("first_seen", BigInteger, nullable=False),  # milliseconds since 1970, UTC
    Column("last_seen", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("review", Text, nullable=False),  # "", "right" or "wrong": what the parent said of it
    Column("rules", Text, nullable=False),
    Column("body", Text),  # id of the raw answer it stood in
    Column("computer", Text, nullable=False),  # the PC that met it last
)

body = Table(
    "body",
    metadata,
    Column("id", Text, primary_key=True),
    Column("media", Text, nullable=False),
    Column("whole", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),  # of data
    Column("data", LargeBinary, nullable=False),  # packed by zlib
)

allowance = Table(
    "allowance",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("scope", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("code", Text, nullable=False),  # the entry it was made from
    Column("made", BigInteger, nullable=False),
    Column("undone", BigInteger),  # kept for a while, so that a number is never given twice
)

alert = Table(
    "alert",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("urgent", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("alert", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),  # "desktop", or an address of the parent by its number
    Column("at", BigInteger, nullable=False),  # when it was claimed; alerts of one message share it
    Column("done", BigInteger, nullable=False),  # 0 while who claimed it is still at it
)

trouble = Table(
    "trouble",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("tries", BigInteger, nullable=False),
    Column("again", BigInteger, nullable=False),  # not tried before that
    Column("why", Text, nullable=False),
)

drift = Table(
    "drift",
    metadata,
    Column("site", Text, primary_key=True),
    Column("part", Text, primary_key=True),  # which line of the profile's `healthy`
    Column("misses", BigInteger, nullable=False),
    Column("first_miss", BigInteger, nullable=False),
    Column("last_miss", BigInteger, nullable=False),
)

partly = Table(
    "partly",
    metadata,
    Column("site", Text, primary_key=True),
    Column("why", Text, primary_key=True),
    Column("first_met", BigInteger, nullable=False),
    Column("last_met", BigInteger, nullable=False),
)
