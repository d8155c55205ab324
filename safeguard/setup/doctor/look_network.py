"""Looks who stands between this computer and the sites: certificates they show, tunnels, the time they tell."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import certifi
from cryptography import x509
from cryptography.x509.oid import NameOID

from safeguard.setup.doctor.facts import Seen, Shown, Tunnel
from safeguard.system import server_clock

Connect = Callable[[str], socket.socket]
"""Opens a plain connection to port 443 of a host. Raises OSError."""
PATIENCE_S = 5.0
_EXPIRED, _NOT_YET = 10, 9
"""OpenSSL's codes for a certificate that is good at another time."""
_MOST_HEAD = 16_384
_PPP = "512"


def direct(host: str) -> socket.socket:
    """Straight to the site, past every proxy that is only set somewhere."""
    return socket.create_connection((host, 443), PATIENCE_S)


def shown(
    hosts: Iterable[str], connect: Connect = direct, public: str | None = None, local: ssl.SSLContext | None = None
) -> tuple[Shown, ...]:
    """What each host shows; after one that cannot be reached no further is asked.

    public: file of the authorities that every browser knows; local: whom this computer trusts.
    """
    out: list[Shown] = []
    for host in hosts:
        out.append(_shown(host, connect, public or certifi.where(), local or ssl.create_default_context()))
        if out[-1].seen is Seen.UNREACHED:
            break
    return tuple(out)


def shown_within(seconds: float, hosts: Sequence[str], connect: Connect = direct) -> Callable[[], tuple[Shown, ...]]:
    """The same, begun now in a thread and waited for by whoever calls what comes back: looking up a name has no timeout of its own."""
    found: list[tuple[Shown, ...]] = []
    thread = threading.Thread(target=lambda: found.append(shown(hosts, connect)), name="safeguard-doctor", daemon=True)
    thread.start()

    def wait() -> tuple[Shown, ...]:
        thread.join(seconds)
        return found[0] if found else tuple(Shown(host, Seen.UNREACHED) for host in hosts)

    return wait


def _shown(host: str, connect: Connect, public: str, local: ssl.SSLContext) -> Shown:
    dated = False
    try:
        for seen, context in ((Seen.PUBLIC, ssl.create_default_context(cafile=public)), (Seen.LOCAL, local)):
            try:
                return replace(_ask(host, connect, context), seen=seen)
            except ssl.SSLCertVerificationError as e:
                dated = dated or e.verify_code in (_EXPIRED, _NOT_YET)
        found = _ask(host, connect, _trusting())
        return replace(found, seen=Seen.DATED if dated else Seen.UNKNOWN)
    except (OSError, ValueError):
        return Shown(host, Seen.UNREACHED)


def _trusting() -> ssl.SSLContext:
    """Only to see what is shown: nothing is asked or believed but a name and a time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _ask(host: str, connect: Connect, context: ssl.SSLContext) -> Shown:
    with connect(host) as plain:
        plain.settimeout(PATIENCE_S)
        with context.wrap_socket(plain, server_hostname=host) as secured:
            issuer = _issuer(secured.getpeercert(True) or b"")
            return Shown(host, Seen.UNKNOWN, issuer, _time(secured, host))


def _issuer(der: bytes) -> str:
    name = x509.load_der_x509_certificate(der).issuer
    parts = [str(a.value) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME) for a in name.get_attributes_for_oid(oid)]
    return ", ".join(dict.fromkeys(parts))[:200] or "nobody named"


def _time(secured: ssl.SSLSocket, host: str) -> datetime | None:
    """What the site says the time is."""
    try:
        secured.sendall(f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD:
            more = secured.recv(4096)
            if not more:
                break
            head += more
    except OSError:
        return None
    return date_of(head)


def date_of(head: bytes) -> datetime | None:
    """The `Date` in the head of an answer; None where an answer out of a store says how old it is."""
    lines = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    }
    if lines.get("age", "0") != "0":
        return None
    return server_clock.parsed(lines.get("date", ""))


def tunnels(root: Path = Path("/"), routes: Callable[[], list[dict[str, Any]]] | None = None) -> tuple[Tunnel, ...]:
    """Interfaces that are a VPN's."""
    default = {str(r.get("dev", "")) for r in (routes or _routes)() if _takes_all(str(r.get("dst", "")))}
    out = []
    for folder in sorted((root / "sys/class/net").glob("*")):
        if kind := _kind(folder):
            out.append(Tunnel(folder.name, kind, folder.name in default))
    return tuple(out)


def _kind(folder: Path) -> str:
    if "DEVTYPE=wireguard" in _line(folder / "uevent"):
        return "wireguard"
    if (folder / "tun_flags").exists():
        return "tun"
    return "ppp" if _line(folder / "type").strip() == _PPP else ""


def _takes_all(destination: str) -> bool:
    """A default route, or the halves that OpenVPN and WireGuard set beside it so as to leave it alone."""
    return destination in ("default", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::/1", "8000::/1")


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _routes() -> list[dict[str, Any]]:
    """Routes of all tables: wg-quick has its default route in one of its own."""
    tool = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
    out: list[dict[str, Any]] = []
    for family in ("-4", "-6") if tool else ():
        done = subprocess.run([str(tool), "-json", family, "route", "show", "table", "all"], capture_output=True, timeout=10, check=False)
        try:
            out += [r for r in json.loads(done.stdout or b"[]") if isinstance(r, dict)]
        except ValueError:
            continue
    return out
