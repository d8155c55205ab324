"""A pack: newer rules and site profiles in one signed file. Writer and reader of that format.

A zip with a manifest (JSON), the publisher's signature of it, and the rule files, each with size and digest in the manifest. It is read in
memory and kept as the one file it is: nothing is ever unpacked, so no name in it leads anywhere, and damage is seen whenever it is read.
"""

from __future__ import annotations

import binascii
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from safeguard.errors import PackError
from safeguard.language import _

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SIGNED_AS = b"SafeGuard pack of rules\n"
"""Stands before the manifest where it is signed: a signature made for anything else is none here."""
MOST_PACKED = 16 * 2**20
MOST_FILES = 2000
MOST_FILE = 8 * 2**20
MOST_UNPACKED = 64 * 2**20
_MOST_MANIFEST = 2**20
_NAME = re.compile(r"[a-z0-9_-]{1,64}(?:/[a-z0-9_-]{1,64}){0,3}\.ya?ml|locale/[a-z]{2}\.po")
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(?:\.\d{1,3})?", re.ASCII)
_SAFEGUARD = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,3}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BROKEN = (zipfile.BadZipFile, zlib.error, binascii.Error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError)
"""What zipfile raises on bytes that are no zip, or a strange one."""


@dataclass(frozen=True, slots=True)
class Pack:
    """version: a day, `2026-11-30` or `2026-11-30.2`; safeguard: the oldest SafeGuard it is for; files: path below rules/ -> content."""

    version: str
    safeguard: str
    files: tuple[tuple[str, bytes], ...] = field(repr=False)


def order(version: str) -> tuple[int, ...]:
    """What versions of packs and of SafeGuard are compared by."""
    return tuple(int(part) for part in re.split(r"[-.]", version))


def is_version(text: str) -> bool:
    """Whether this can be the version of a pack."""
    return _VERSION.fullmatch(text) is not None


def make(version: str, safeguard: str, files: Iterable[tuple[str, bytes]], sign: Callable[[bytes], bytes]) -> bytes:
    """A pack of these files. Raises PackError for what `read` would not take."""
    kept = sorted(files)
    listed = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in kept}
    manifest = json.dumps({"format": FORMAT, "version": version, "safeguard": safeguard, "files": listed}, indent=1).encode()
    _told(manifest)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in ((MANIFEST, manifest), (SIGNATURE, sign(SIGNED_AS + manifest)), *kept):
            # of no moment and no machine: the same files make the same pack
            zipped.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def read(data: bytes, keys: Sequence[bytes]) -> Pack:
    """The pack in a file's bytes, if one of the publisher's keys signed it. Raises PackError, whatever the bytes are."""
    if len(data) > MOST_PACKED:
        raise PackError(_("too large for a pack of rules (over %(size)s MB)", size=MOST_PACKED // 2**20))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as zipped:
            inside = {info.filename: info for info in zipped.infolist()[: MOST_FILES + 3]}
            if len(inside) != len(zipped.infolist()):
                raise PackError(_("no pack of rules: too many files in it, or a file twice"))
            if not {MANIFEST, SIGNATURE} <= inside.keys():
                raise PackError(_("no pack of rules: it has no signed list of what is in it"))
            manifest = _content(zipped, inside.pop(MANIFEST), _MOST_MANIFEST)
            _verify(manifest, _content(zipped, inside.pop(SIGNATURE), 64), keys)
            told = _told(manifest)
            if inside.keys() != told["files"].keys():
                raise PackError(_("damaged: what is in it is not what its publisher signed"))
            files = tuple((name, _signed(zipped, inside[name], of)) for name, of in sorted(told["files"].items()))
    except _BROKEN as e:
        raise PackError(_("no pack of rules, or damaged (%(why)s)", why=str(e)[:100] or type(e).__name__)) from e
    return Pack(told["version"], told["safeguard"], files)


def _content(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """What is in that entry, never more than `most` bytes of it in memory."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others unpack without a bound
        raise PackError(_("no pack of rules: packed in a way that no pack is"))
    with zipped.open(info) as f:
        data = f.read(most + 1)
    if len(data) > most:
        raise PackError(_("no pack of rules: a file in it is too large"))
    return data


def _verify(manifest: bytes, signature: bytes, keys: Sequence[bytes]) -> None:
    from cryptography.exceptions import InvalidSignature  # slow to load, and most starts meet no pack
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for key in keys:
        try:
            return Ed25519PublicKey.from_public_bytes(key).verify(signature, SIGNED_AS + manifest)
        except InvalidSignature:
            continue
    raise PackError(_("not signed by the publisher of SafeGuard, so it is not used; get it again from where SafeGuard comes from"))


def _signed(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, of: dict[str, Any]) -> bytes:
    data = _content(zipped, info, of["size"])
    if len(data) != of["size"] or hashlib.sha256(data).hexdigest() != of["sha256"]:
        raise PackError(_("damaged: what is in it is not what its publisher signed"))
    return data


def _told(manifest: bytes) -> dict[str, Any]:
    """The manifest with every value looked at: a publisher makes mistakes too."""
    try:
        told = json.loads(manifest)
    except (ValueError, RecursionError) as e:
        raise PackError(_("its list of files is broken")) from e
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise PackError(_("made for another SafeGuard; get the newest SafeGuard, or a pack for this one"))
    files = told.get("files")
    whole = (
        _fits(_VERSION, told.get("version"))
        and _fits(_SAFEGUARD, told.get("safeguard"))
        and isinstance(files, dict)
        and 0 < len(files) <= MOST_FILES
        and all(_NAME.fullmatch(name) and _is_file(of) for name, of in files.items())
        and sum(of["size"] for of in files.values()) <= MOST_UNPACKED
    )
    if not whole:
        raise PackError(_("its list of files is broken"))
    return told


def _is_file(of: Any) -> bool:
    return isinstance(of, dict) and type(of.get("size")) is int and 0 <= of["size"] <= MOST_FILE and _fits(_DIGEST, of.get("sha256"))


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
