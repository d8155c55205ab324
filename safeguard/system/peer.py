"""Whose socket is at the other end of a loopback connection: the account of the browser that talks to the proxy. Linux only."""

from __future__ import annotations

import ipaddress
import re
import struct
import sys
from pathlib import Path

PROC = Path("/proc/net")
_UID = re.compile(rb" [0-9A-F]{2} [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(\d+) +\d+ +(\d+) ")

Address = tuple[str, int]


def uid(client: Address, server: Address, proc: Path = PROC) -> int | None:
    """The uid that owns the socket which is bound to `client` and connected to `server` (host, port), None where nobody can tell.

    A socket that its owner has closed already is listed under uid 0 with inode 0 (Linux, tcp4_seq_show): nobody can tell.
    """
    for name, version in (("tcp", 4), ("tcp6", 6)):
        ends = _hex(client, version), _hex(server, version)
        if not all(ends):
            continue
        try:
            table = (proc / name).read_bytes()
        except OSError:
            continue
        at = table.find(b" %s %s " % ends)
        if at < 0:
            continue
        found = _UID.match(table, at + len(ends[0]) + len(ends[1]) + 2)
        if found and found[2] != b"0":
            return int(found[1])
    return None


def account(client: Address, server: Address, proc: Path = PROC) -> str:
    """The login name behind the connection, the uid as a text where it has no name, "" where nobody can tell."""
    number = uid(client, server, proc) if sys.platform == "linux" else None
    return "" if number is None else name_of(number)


def name_of(number: int) -> str:
    """The login name of a uid, or the uid itself as a text."""
    import pwd  # not on Windows

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def number_of(account: str) -> int | None:
    """The uid of a login name, or of a uid written as a text; None where this computer has none of that name."""
    import pwd

    try:
        return pwd.getpwnam(account).pw_uid
    except KeyError:
        return int(account) if account.isascii() and account.isdigit() else None


def known(account: str) -> bool:
    """Whether this computer has an account of that name or number; True where it cannot be asked."""
    try:
        import pwd
    except ImportError:
        return True
    try:
        pwd.getpwnam(account)
    except KeyError:
        return account.isascii() and account.isdigit()
    return True


def _hex(address: Address, version: int) -> bytes:
    """As /proc/net/tcp and tcp6 write it: words of 32 bits in this computer's byte order; "" where the family does not fit."""
    try:
        ip = ipaddress.ip_address(address[0].partition("%")[0])
    except ValueError:
        return b""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if version == 4 and ip.version == 6:
        return b""
    packed = ip.packed if ip.version == version else bytes(10) + b"\xff\xff" + ip.packed
    words = struct.unpack(f">{len(packed) // 4}I", packed)
    native = struct.unpack(f"<{len(words)}I", packed) if sys.byteorder == "little" else words
    return b"%s:%04X" % (b"".join(b"%08X" % w for w in native), address[1])


def people() -> list[str]:
    """Names of the accounts that a person can sign in with; none where the system does not tell."""
    if sys.platform == "win32":
        return []
    import pwd

    return sorted(p.pw_name for p in pwd.getpwall() if 1000 <= p.pw_uid < 60000 and not p.pw_shell.endswith(("nologin", "false")))
