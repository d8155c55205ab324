"""A log on a PostgreSQL server that many PCs share: its address, TLS on the way, and one writer at a time among all of them."""

from __future__ import annotations

import ipaddress
import os
from typing import Any
from urllib.parse import quote_plus

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from safeguard.errors import StoreError
from safeguard.language import _

EXAMPLE = "postgresql+psycopg://user@host/safeguard"
ENCRYPTED = ("require", "verify-ca", "verify-full")
_SECRETS = ("password", "sslpassword")
_LOCK = 0x5AFE61A2D
"""Whose number the PCs' transactions that write wait for; PostgreSQL's advisory locks are known by numbers."""
_WAITS = {  # a server that went without a word is noticed in seconds, and who vanished holds no lock for long
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_SESSION = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; SET application_name = 'safeguard'"


def connect(address: str) -> Engine:
    """The engine for that address; nothing is connected yet. Raises StoreError."""
    url = _secured(_parsed(address))
    missing = {name: value for name, value in _WAITS.items() if name not in url.query}
    try:
        # pre_ping: a connection that the server closed meanwhile is replaced unnoticed; parameters are texts of children
        engine = create_engine(url, connect_args=missing, pool_pre_ping=True, pool_timeout=10, hide_parameters=True)
    except ImportError as e:
        raise StoreError(_("store.url: PostgreSQL's driver is missing; %(command)s", command="pip install 'safeguard[postgres]'")) from e

    @event.listens_for(engine, "connect")
    def setup(connection: Any, record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SESSION)
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return engine


def named(address: str) -> str:
    """The server, for a message: without user, password and options."""
    url = _parsed(address)
    return _("store.url (PostgreSQL at %(host)s)", host=", ".join(_hosts(url)) or _("this computer"))


def without_password(said: str, address: str) -> str:
    """What a driver said, with the password cut out should it ever name it."""
    url = _parsed(address)
    for secret in (url.password, *(url.query.get(name) for name in _SECRETS)):
        if isinstance(secret, str) and secret:
            said = said.replace(secret, "…").replace(quote_plus(secret), "…")
    return said


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # `from None`: its text may hold the password
        raise StoreError(_("store.url: not a database address, such as %(example)s", example=EXAMPLE)) from None
    if url.get_backend_name() != "postgresql" or url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise StoreError(
            _("store.url: must be PostgreSQL through psycopg, such as %(example)s; leave it out for a file of your own", example=EXAMPLE)
        )
    if "@" in (url.host or ""):
        raise StoreError(
            _("store.url: write %(signs)s in the password as %(written)s", signs="@ : / ? # %", written="%40 %3A %2F %3F %23 %25")
        )
    return url.set(drivername="postgresql+psycopg")


def _hosts(url: URL) -> list[str]:
    """The names and addresses of the servers; none: the socket of this computer, or what the environment says."""
    found = [url.host or ""]
    for value in (url.query.get("host", ""), url.query.get("hostaddr", "")):
        found += [value] if isinstance(value, str) else value
    return [part for item in found for part in item.split(",") if part]


def _is_local(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secured(url: URL) -> URL:
    """With TLS and a server that proves its name, unless it is this computer or the address asks for less, but still encrypted."""
    hosts = _hosts(url)
    elsewhere = "service" in url.query or any(os.environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE"))
    if all(map(_is_local, hosts)) and (hosts or not elsewhere):
        return url
    mode = url.query.get("sslmode")
    if mode is None:
        return url.update_query_dict({"sslmode": "verify-full"})
    if mode not in ENCRYPTED:
        raise StoreError(
            _("store.url: sslmode may be verify-full (as if left out), verify-ca or require; else the log could go unencrypted")
        )
    return url
