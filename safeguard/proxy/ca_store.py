"""The certificate authority on disk: one private file with the key, one public file with the certificate to trust.

Beside them, after a renewal, the certificates that browsers may still trust and should not (`Roots.old`), until somebody has seen to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from safeguard.errors import ProxyError
from safeguard.language import _
from safeguard.proxy import ca
from safeguard.system import private

FILE = "authority.pem"
PUBLIC = "safeguard-root.crt"
_REPLACED = "replaced-"


@dataclass(frozen=True, slots=True)
class Kept:
    """told: that a first authority was made, "" where there was one."""

    authority: ca.Authority
    told: str


@dataclass(frozen=True, slots=True)
class Roots:
    """Which certificate browsers are to trust, and which older ones of ours they may still trust and should not; PEM.

    For whoever fills the stores: take `old` out, put `new` in, then `forget(folder, old)`.
    """

    new: bytes
    old: tuple[bytes, ...]


def open_authority(folder: Path, domains: Sequence[str], now: dt.datetime | None = None) -> Kept:
    """The authority in that folder, made where there is none; whatever waits for the parent's yes (ca_due), it is never replaced here.

    Raises NotPrivate where others could read the key, ProxyError where the file is broken.
    """
    private.folder(folder)
    if not exists(folder):
        made = ca.issue(domains, now or dt.datetime.now(dt.UTC))
        _put(folder, made)
        return Kept(made, _("a certificate authority was made for this account"))
    kept = read(folder)
    if not (folder / PUBLIC).exists() or (folder / PUBLIC).read_bytes() != kept.root_pem:  # a renewal was cut off in the middle
        _write(folder / PUBLIC, kept.root_pem, 0o644)
    return Kept(kept, "")


def exists(folder: Path) -> bool:
    """Whether an authority was made there, broken by now or not. Raises ProxyError where this account may not look."""
    try:
        (folder / FILE).stat()
    except FileNotFoundError:
        return False
    except OSError as e:
        raise ProxyError(_("%(path)s: cannot be read (%(why)s)", path=folder / FILE, why=e.strerror)) from e
    return True


def read(folder: Path) -> ca.Authority:
    """The authority in that folder. Raises NotPrivate where others could read the key, ProxyError where it is missing or broken."""
    path = folder / FILE
    try:
        private.check(path)
        return ca.Authority.from_pem(path.read_bytes())
    except OSError as e:
        raise ProxyError(_("%(path)s: cannot be read (%(why)s)", path=path, why=e.strerror)) from e
    except ProxyError as e:
        raise ProxyError(_("%(path)s: %(why)s; `safeguard ca renew` makes a new one", path=path, why=e)) from e


def renew(folder: Path, domains: Sequence[str], now: dt.datetime | None = None) -> Roots:
    """Put a new authority in place of the one in that folder (whole or not at all), whose key is gone then. Only after the parent's yes.

    Raises NotPrivate or ProxyError.
    """
    private.folder(folder)
    made = ca.issue(domains, now or dt.datetime.now(dt.UTC))
    for pem in _roots_there(folder):  # first of all, so that a crash loses none that a store still has
        _write(folder / f"{_REPLACED}{fingerprint(pem)[:16]}.crt", pem, 0o644)
    _put(folder, made)
    return roots(folder)


def roots(folder: Path) -> Roots:
    """What browsers should trust now, and what no longer. Raises NotPrivate or ProxyError."""
    new = read(folder).root_pem
    old = (p.read_bytes() for p in sorted(folder.glob(f"{_REPLACED}*.crt")))
    return Roots(new, tuple(pem for pem in old if pem != new))


def forget(folder: Path, old: Iterable[bytes]) -> None:
    """No store has these any more."""
    for pem in old:
        (folder / f"{_REPLACED}{fingerprint(pem)[:16]}.crt").unlink(missing_ok=True)


def fingerprint(pem: bytes) -> str:
    """SHA-256 of a certificate, as browsers show it but without colons."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()


def _roots_there(folder: Path) -> set[bytes]:
    """Root certificates that this folder has told browsers to trust; also where one of its files is broken."""
    found = set()
    if exists(folder):
        with suppress(ProxyError):  # broken: it is what is replaced
            found.add(read(folder).root_pem)
    with suppress(OSError, ValueError):
        public = (folder / PUBLIC).read_bytes()
        fingerprint(public)
        found.add(public)
    return found


def _put(folder: Path, made: ca.Authority) -> None:
    for draft in private.drafts(folder / FILE):  # of a process that died while it wrote: it has a key in it
        draft.unlink(missing_ok=True)
    _write(folder / FILE, made.to_pem(), 0o600)
    _write(folder / PUBLIC, made.root_pem, 0o644)


def _write(path: Path, data: bytes, mode: int) -> None:
    try:
        private.put(path, data, mode)
    except OSError as e:
        raise ProxyError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror)) from e
