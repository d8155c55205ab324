"""A pack is what its publisher signed, or it is refused with a line that says why, whatever the bytes are."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import PackError
from safeguard.system import pack

KEY = Ed25519PrivateKey.generate()
KEYS = [Ed25519PrivateKey.generate().public_key().public_bytes_raw(), KEY.public_key().public_bytes_raw()]
FILES = {"frames/a.yaml": b"frames", "locale/hy.po": b"words", "sites/x.yaml": b"a site"}
GOOD = pack.make("2026-11-30", "0.1.0", FILES.items(), KEY.sign)


def told(files: dict[str, bytes], **more: Any) -> dict[str, Any]:
    listed = {n: {"size": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in files.items()}
    return {"format": 1, "version": "2026-11-30", "safeguard": "0.1.0", "files": listed} | more


def zipped(
    manifest: bytes | dict[str, Any], files: dict[str, bytes], signature: bytes | None = None, how: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip that says what it likes, signed for real unless a signature is given."""
    listed = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as z:
        z.writestr(pack.MANIFEST, listed)
        z.writestr(pack.SIGNATURE, KEY.sign(pack.SIGNED_AS + listed) if signature is None else signature)
        for name, data in files.items():
            z.writestr(name, data)
    return out.getvalue()


def test_what_was_signed_comes_back() -> None:
    found = pack.read(GOOD, KEYS)
    assert (found.version, found.safeguard, dict(found.files)) == ("2026-11-30", "0.1.0", FILES)
    assert pack.read(zipped(told(FILES), FILES), KEYS) == found


def test_the_same_files_make_the_same_pack() -> None:
    assert pack.make("2026-11-30", "0.1.0", reversed(FILES.items()), KEY.sign) == GOOD


def test_nobody_elses_signature_counts() -> None:
    with pytest.raises(PackError, match="not signed by the publisher"):
        pack.read(GOOD, KEYS[:1])
    with pytest.raises(PackError, match="not signed by the publisher"):
        pack.read(GOOD, [])


MANIFEST = json.dumps(told(FILES)).encode()
ONE = {"frames/a.yaml": b"x"}
HOSTILE = {
    "no signature": zipped(told(FILES), FILES, b""),
    "a signature of something else": zipped(MANIFEST, FILES, KEY.sign(MANIFEST)),
    "another version than was signed": zipped(told(FILES, version="2027-01-01"), FILES, KEY.sign(pack.SIGNED_AS + MANIFEST)),
    "a file changed": zipped(told(FILES), FILES | {"sites/x.yaml": b"b site"}),
    "a file longer": zipped(told(FILES), FILES | {"sites/x.yaml": b"a site and more"}),
    "a file more": zipped(told(FILES), FILES | {"sites/y.yaml": b""}),
    "a file less": zipped(told(FILES), {"frames/a.yaml": b"frames"}),
    "a bomb": zipped(told({"a.yaml": b"0"}), {"a.yaml": bytes(50_000_000)}),
    "a bomb for a signature": zipped(told(FILES), FILES, bytes(50_000_000)),
    "a bomb for a manifest": zipped(b" " * 50_000_000, {}),
    "packed without a bound": zipped(told(FILES), FILES, how=zipfile.ZIP_LZMA),
    "a way out": zipped(told({"../a.yaml": b"x"}), {"../a.yaml": b"x"}),
    "a way from the root": zipped(told({"/etc/a.yaml": b"x"}), {"/etc/a.yaml": b"x"}),
    "a way of Windows": zipped(told({"..\\a.yaml": b"x"}), {"..\\a.yaml": b"x"}),
    "a program": zipped(told({"a.py": b"x"}), {"a.py": b"x"}),
    "words outside their folder": zipped(told({"frames/hy.po": b"x"}), {"frames/hy.po": b"x"}),
    "a program among the words": zipped(told({"locale/hy.py": b"x"}), {"locale/hy.py": b"x"}),
    "a hidden file": zipped(told({".a.yaml": b"x"}), {".a.yaml": b"x"}),
    "no file": zipped(told({}), {}),
    "another format": zipped(told(ONE, format=2), ONE),
    "no day": zipped(told(ONE, version="latest"), ONE),
    "foreign digits": zipped(told(ONE, version="２０２６-11-30"), ONE),
    "no oldest SafeGuard": zipped(told(ONE, safeguard=None), ONE),
    "a size that is none": zipped(told(ONE) | {"files": {"frames/a.yaml": {"size": True, "sha256": "0" * 64}}}, ONE),
    "a huge size": zipped(told(ONE) | {"files": {"frames/a.yaml": {"size": 10**12, "sha256": "0" * 64}}}, ONE),
    "a list of files that is none": zipped(told(ONE) | {"files": [1]}, ONE),
    "a list": zipped(b"[]", ONE),
    "no JSON": zipped(b"{", ONE),
    "deep JSON": zipped(b"[" * 100_000, ONE),
    "an empty zip": zipped(b"{}", {})[-22:],
    "nothing": b"",
    "no zip": b"kind: frames\n",
    "cut off": GOOD[: len(GOOD) // 2],
    "too large": bytes(pack.MOST_PACKED + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(name: str) -> None:
    with pytest.raises(PackError) as e:
        pack.read(HOSTILE[name], KEYS)
    assert "\n" not in str(e.value)


def test_a_file_twice_is_refused() -> None:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as z, pytest.warns(UserWarning, match="Duplicate name"):
        z.writestr("sites/x.yaml", b"another")
    with pytest.raises(PackError, match="twice"):
        pack.read(out.getvalue(), KEYS)


def test_a_link_is_a_file_with_a_path_in_it() -> None:
    """Nothing is unpacked, so a link leads nowhere."""
    link = zipfile.ZipInfo("frames/a.yaml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    files = {"frames/a.yaml": b"/etc/passwd"}
    out = io.BytesIO(zipped(told(files), {}))
    with zipfile.ZipFile(out, "a") as z:
        z.writestr(link, files["frames/a.yaml"])
    assert dict(pack.read(out.getvalue(), KEYS).files) == files


def test_what_could_not_be_read_is_not_made() -> None:
    with pytest.raises(PackError):
        pack.make("2026-11-30", "0.1.0", [("../a.yaml", b"")], KEY.sign)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(PackError):
        pack.read(data, KEYS)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_byte_changed_anywhere_changes_nothing_of_what_is_read(at: int, by: int) -> None:
    data = bytearray(GOOD)
    data[at] ^= by
    try:
        found = pack.read(bytes(data), KEYS)
    except PackError:
        return
    assert found == pack.read(GOOD, KEYS)  # a date or a comment of the zip


@pytest.mark.parametrize(("older", "newer"), [("2026-11-30", "2026-12-01"), ("2026-11-30", "2026-11-30.1"), ("0.9.0", "0.10.0")])
def test_order(older: str, newer: str) -> None:
    assert pack.order(older) < pack.order(newer)
