"""The certificate authority on disk: one private file with the key, one public file with the certificate to trust."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safeguard.errors import ProxyError
from safeguard.proxy import ca
from safeguard.system import private

FILE = "authority.pem"
PUBLIC = "safeguard-root.crt"
ANEW = ", so a new certificate authority was made; browsers must trust it anew"


@dataclass(frozen=True, slots=True)
class Kept:
    """told: why a new authority was made, "" where the old one serves on; browsers that trusted the old one must be told of the new."""

    authority: ca.Authority
    told: str


def open_authority(folder: Path, domains: Sequence[str], now: dt.datetime | None = None) -> Kept:
    """The authority in that folder, made anew where there is none, where it ends soon or where it misses a watched domain.

    Raises NotPrivate where others could read the key, ProxyError where the file is broken; it is never replaced silently.
    """
    at = now or dt.datetime.now(dt.UTC)
    private.folder(folder)
    path = folder / FILE
    if not path.exists():
        return Kept(_make(folder, domains, at), "a certificate authority was made for this account")
    private.check(path)
    try:
        kept = ca.Authority.from_pem(path.read_bytes())
    except ProxyError as e:
        raise ProxyError(f"{path}: {e}; remove it, a new one is made at the next start") from e
    if not kept.usable(at):
        return Kept(_make(folder, domains, at), f"the certificate authority was ending{ANEW}")
    if not kept.covers(domains):
        return Kept(
            _make(folder, domains, at),
            f"the list of watched sites grew{ANEW}",
        )
    return Kept(kept, "")


def _make(folder: Path, domains: Sequence[str], at: dt.datetime) -> ca.Authority:
    made = ca.issue(domains, at)
    _write(folder / FILE, made.to_pem(), 0o600)
    _write(folder / PUBLIC, made.root_pem, 0o644)
    return made


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        draft.replace(path)
    except OSError as e:
        draft.unlink(missing_ok=True)
        raise ProxyError(f"{path}: cannot be written ({e.strerror})") from e
