"""A publisher of our own for the tests: a key made here, in place of the shipped one, and packs signed with it."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safeguard import __version__
from safeguard.system import pack, publisher

LATER = "2126-11-30"
"""The version of a pack that is newer than whatever ships."""


class Publisher:
    """Signs packs; its public half is the only one known while the test runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes_raw()
        monkeypatch.setattr(publisher, "KEYS", (base64.b64encode(self.public).decode(),))

    def pack(self, files: Mapping[str, str], version: str = LATER, safeguard: str = __version__) -> bytes:
        return pack.make(version, safeguard, [(name, text.encode()) for name, text in files.items()], self.private.sign)
